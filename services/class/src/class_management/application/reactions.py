"""What Class does when others tell it something: it keeps the outline of every published course."""

from babyowl_contracts import Envelope
from babyowl_contracts.learning import CourseArchived, CoursePublished
from class_management.application.outlines import keep_publication, known_or_new
from class_management.application.ports import UnitOfWork


async def note_published_course(event: CoursePublished, uow: UnitOfWork, envelope: Envelope) -> None:
    """Keep the lessons of the greatest revision, in whatever order the publications come."""
    await keep_publication(event, uow, at=envelope.time)


async def note_archived_course(event: CourseArchived, uow: UnitOfWork, envelope: Envelope) -> None:
    """Make no new classes of the course, unless it is published again later."""
    course = await known_or_new(event.course_id, uow)
    course.archive(at=envelope.time)
