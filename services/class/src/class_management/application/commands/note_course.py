"""Class has asked Learning for a course's outline, instead of waiting for the event."""

from dataclasses import dataclass

from babyowl_contracts.learning import CoursePublished
from babyowl_kernel import Clock, Command, Ok
from class_management.application.outlines import keep_publication
from class_management.application.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteCourse(Command[Ok[None]]):
    publication: CoursePublished


async def note_course(command: NoteCourse, uow: UnitOfWork, clock: Clock) -> Ok[None]:
    await keep_publication(command.publication, uow, at=clock())
    return Ok(None)
