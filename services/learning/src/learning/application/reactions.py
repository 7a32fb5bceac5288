"""What Learning makes of the events of classes. Facts are only added: order and repetition don't matter."""

from babyowl_contracts.class_ import ClassCreated, LessonUnlocked, StudentEnrolled
from learning.application.ports import UnitOfWork


async def note_class(event: ClassCreated, uow: UnitOfWork) -> None:
    """Whoever teaches a class of a course may read it, and see how its students do."""
    await uow.class_facts.note_class(event.class_id, event.course_id, event.instructor_id)


async def note_enrollment(event: StudentEnrolled, uow: UnitOfWork) -> None:
    """A seat in a class of the course is the first half of the way to a lesson."""
    await uow.class_facts.note_enrollment(event.class_id, event.course_id, event.student_id)


async def note_unlock(event: LessonUnlocked, uow: UnitOfWork) -> None:
    """An unlocked lesson is the other half, for the whole class or for one student of it."""
    await uow.class_facts.note_unlock(event.class_id, event.lesson_ids, event.student_id)
