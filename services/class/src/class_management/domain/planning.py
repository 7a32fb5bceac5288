"""Planning a class: its terms and its timetable come about together."""

from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.class_ import Class
from class_management.domain.errors import PlanRefused
from class_management.domain.events import ClassPlanned
from class_management.domain.schedule import ClosedDays, Schedule
from class_management.domain.seats import Seats
from class_management.domain.terms import Terms
from class_management.domain.timetable import Timetable
from class_management.domain.values import ClassType, CourseId, UserId


@dataclass(frozen=True, slots=True)
class PlannedClass:
    """A class with its timetable, two roots that are planned, edited and shown together."""

    class_: Class
    timetable: Timetable

    @property
    def version(self) -> int:
        """Counts the changes of both."""
        return self.class_.version_with(self.timetable)


def plan(
    *,
    course_id: CourseId,
    type: ClassType,  # noqa: A002
    terms: Terms,
    schedule: Schedule,
    closed: ClosedDays,
    by: UserId,
    now: datetime,
    new_id: NewId,
) -> Result[PlannedClass, PlanRefused]:
    """Plan a class with the meetings of its package ahead, none on the days that are closed."""
    if refusal := policies.terms_are_possible(terms):
        return Err(refusal)
    class_ = Class(
        id=new_id(),
        name=terms.name,
        course_id=course_id,
        instructor_id=terms.instructor_id,
        type=type,
        package=terms.package,
        zero_balance=terms.zero_balance,
        excuse_deadline=terms.excuse_deadline,
        make_up_days=terms.make_up_days,
        credit_days=terms.credit_days,
        offer_hours=terms.offer_hours,
        created_by=by,
        created_at=now,
        seats=Seats(capacity=terms.capacity),
    )
    timetable = Timetable(
        id=new_id(), class_id=class_.id, course_id=course_id, instructor_id=terms.instructor_id, schedule=schedule
    )
    timetable.resize(terms.package, closed=closed, now=now, new_id=new_id)
    class_.record(
        ClassPlanned(
            class_id=class_.id,
            course_id=course_id,
            instructor_id=terms.instructor_id,
            type=type,
            capacity=terms.capacity,
            time_zone=schedule.time_zone,
            meetings=timetable.planned,
        )
    )
    return Ok(PlannedClass(class_, timetable))
