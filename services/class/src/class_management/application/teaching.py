"""Who teaches a class today, and what: what the opening and closing of lessons goes by."""

from datetime import datetime

from class_management.application.ports import UnitOfWork
from class_management.domain.courses import CourseOutline
from class_management.domain.open_lessons import TeachingDay
from class_management.domain.values import ClassId


async def teaching_day(uow: UnitOfWork, class_id: ClassId, *, now: datetime) -> TeachingDay | None:
    """The class as it is on this day of its own zone; None if there is no such class."""
    class_ = await uow.classes.get(class_id)
    if class_ is None:
        return None
    return TeachingDay(
        class_,
        await uow.courses.get(class_.course_id) or CourseOutline(id=class_.course_id),
        await uow.timetables.total_meetings(class_id),
        await uow.timetables.substitutes_on_day_of(now, class_id),
    )
