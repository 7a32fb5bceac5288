"""The Class context was asked, and knew more than its events had told yet."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Command, Ok
from learning.application.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteAccess(Command[Ok[None]]):
    """The student has a seat in the class, and perhaps the lesson is unlocked for them there."""

    student_id: UUID
    class_id: UUID
    course_id: UUID
    lesson_id: UUID
    unlocked: bool


async def note_access(command: NoteAccess, uow: UnitOfWork) -> Ok[None]:
    """Note what the events on their way will say."""
    await uow.class_facts.note_enrollment(command.class_id, command.course_id, command.student_id)
    if command.unlocked:
        await uow.class_facts.note_unlock(command.class_id, [command.lesson_id], command.student_id)
    return Ok(None)
