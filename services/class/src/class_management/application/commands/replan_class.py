"""Staff let the meetings of a class follow another rhythm, from a day on."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import ClassVar, TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.engagements import double_booking
from class_management.application.make_ups import Change, meetings_no_longer_as_booked
from class_management.application.ports import UnitOfWork
from class_management.domain.errors import ClassNotFound, DateOutOfReach, StaleVersion
from class_management.domain.planning import PlannedClass
from class_management.domain.schedule import Meeting, Schedule
from class_management.domain.schedule_errors import InstructorDoubleBooked, ReplanRefused
from class_management.domain.values import PLANNABLE_FUTURE, ClassId


@dataclass(frozen=True, slots=True)
class ReplannedClass:
    """A class with its timetable, and its meetings that are at another time now."""

    planned: PlannedClass
    moved: tuple[Meeting, ...]


ReplanOutcome: TypeAlias = Result[
    ReplannedClass, ClassNotFound | StaleVersion | ReplanRefused | InstructorDoubleBooked
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanClass(Command[ReplanOutcome]):
    """Meetings on `from_date` or later follow the rhythm that begins with `first_date`: by default the first of
    its weekdays from then on. Without a time zone, it is the one that the class has. `expected_version` is that of
    class and timetable together.
    """

    exclusive: ClassVar[bool] = True

    class_id: ClassId
    from_date: date
    first_date: date | None = None
    time_zone: str | None = None
    local_time: time
    weekdays: tuple[int, ...] = ()
    duration: timedelta
    expected_version: int | None = None
    by: Actor


async def replan_class(command: ReplanClass, uow: UnitOfWork, clock: Clock, new_id: NewId) -> ReplanOutcome:
    # Meetings before the class, as whoever books a make-up does: so that the two never deadlock.
    timetable = await uow.timetables.of_class(command.class_id)
    if timetable is None:
        return Err(ClassNotFound(command.class_id))
    marked = await uow.registers.begun([meeting.id for meeting in timetable.planned])
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    if stale := class_.changed_since(command.expected_version, timetable):
        return Err(stale)
    now, is_draft = clock(), class_.status == "draft"
    today = timetable.today(now)
    latest = today + PLANNABLE_FUTURE
    if command.from_date > latest or (command.from_date < today and not is_draft):
        return Err(DateOutOfReach(today, latest))
    schedule = Schedule.weekly(
        time_zone=command.time_zone or timetable.schedule.time_zone,
        first_date=command.first_date or first_of(command.weekdays, command.from_date),
        local_time=command.local_time,
        weekdays=command.weekdays,
        duration=command.duration,
        now=now,
    )
    if isinstance(schedule, Err):
        return schedule
    first_date = schedule.value.first_date
    if first_date < command.from_date:
        return Err(DateOutOfReach(command.from_date, latest))
    replanned = timetable.replan(
        schedule.value,
        from_date=command.from_date,
        is_draft=is_draft,
        closed=await uow.holidays.closed_days(since=first_date),
        marked=marked,
        now=now,
    )
    if isinstance(replanned, Err):
        return replanned
    moved = replanned.value
    if clash := await double_booking(moved, uow):
        return Err(clash)
    if moved:
        change = Change(command.by.user_id, now, new_id)
        await meetings_no_longer_as_booked([meeting.id for meeting in moved], uow, change)
    return Ok(ReplannedClass(PlannedClass(class_, timetable), moved))


def first_of(weekdays: tuple[int, ...], day: date) -> date:
    """The first of these weekdays on that day or after it; the day itself without any."""
    week = (day + timedelta(days=n) for n in range(7))
    return next((each for each in week if each.isoweekday() in weekdays), day)
