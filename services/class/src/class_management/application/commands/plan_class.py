"""Staff plan a class of a published course, with its whole series of meetings ahead."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.engagements import double_booking
from class_management.application.ports import UnitOfWork
from class_management.domain import policies
from class_management.domain.courses import CourseOutline
from class_management.domain.errors import CourseRefused, PlanRefused, ScheduleRefused, TeacherRefused
from class_management.domain.open_lessons import OpenLessons
from class_management.domain.planning import PlannedClass, plan
from class_management.domain.schedule import Schedule
from class_management.domain.schedule_errors import InstructorDoubleBooked
from class_management.domain.terms import Terms
from class_management.domain.values import (
    DEFAULT_EXCUSE_DEADLINE,
    DEFAULT_MAKE_UP_DAYS,
    DEFAULT_OFFER_HOURS,
    ClassType,
    CourseId,
    UserId,
    ZeroBalance,
)

PlanOutcome: TypeAlias = Result[
    PlannedClass, CourseRefused | TeacherRefused | ScheduleRefused | PlanRefused | InstructorDoubleBooked
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanClass(Command[PlanOutcome]):
    name: str
    course_id: CourseId
    instructor_id: UserId
    type: ClassType
    capacity: int
    package: int
    zero_balance: ZeroBalance
    excuse_deadline: timedelta = DEFAULT_EXCUSE_DEADLINE
    make_up_days: int | None = DEFAULT_MAKE_UP_DAYS
    credit_days: int | None = None
    offer_hours: int = DEFAULT_OFFER_HOURS
    time_zone: str
    first_date: date
    local_time: time
    weekdays: tuple[int, ...]
    duration: timedelta
    by: Actor


async def plan_class(command: PlanClass, uow: UnitOfWork, clock: Clock, new_id: NewId) -> PlanOutcome:
    course = await uow.courses.get(command.course_id) or CourseOutline(id=command.course_id)
    if refused := course.refusal_of_new_classes:
        return Err(refused)
    instructor = await uow.people.get(command.instructor_id)
    if refusal := policies.may_teach(command.instructor_id, instructor):
        return Err(refusal)
    now = clock()
    schedule = Schedule.weekly(
        time_zone=command.time_zone,
        first_date=command.first_date,
        local_time=command.local_time,
        weekdays=command.weekdays,
        duration=command.duration,
        now=now,
    )
    if isinstance(schedule, Err):
        return schedule
    planned = plan(
        course_id=command.course_id,
        type=command.type,
        terms=Terms(
            name=command.name,
            instructor_id=command.instructor_id,
            capacity=command.capacity,
            package=command.package,
            zero_balance=command.zero_balance,
            excuse_deadline=command.excuse_deadline,
            make_up_days=command.make_up_days,
            credit_days=command.credit_days,
            offer_hours=command.offer_hours,
        ),
        schedule=schedule.value,
        closed=await uow.holidays.closed_days(since=command.first_date),
        by=command.by.user_id,
        now=now,
        new_id=new_id,
    )
    if isinstance(planned, Err):
        return planned
    class_, timetable = planned.value.class_, planned.value.timetable
    if clash := await double_booking(timetable.planned, uow):
        return Err(clash)
    uow.classes.add(class_)
    uow.timetables.add(timetable)
    uow.open_lessons.add(OpenLessons(id=new_id(), class_id=class_.id))
    return planned
