"""The Class context was asked, and knew more than its events had told yet."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Command, Ok
from learning.application.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteAccess(Command[Ok[None]]):
    """The student has a seat in the class, and perhaps the lesson is unlocked there, for them or for all."""

    student_id: UUID
    class_id: UUID
    course_id: UUID
    lesson_id: UUID
    unlocked: bool
    for_class: bool


async def note_access(command: NoteAccess, uow: UnitOfWork) -> Ok[None]:
    """Note what the events on their way will say, unless one that has come knows better."""
    await uow.class_facts.note_enrollment(
        command.class_id, command.course_id, command.student_id, active=True, sequence=0
    )
    if command.unlocked:
        # A lesson that is open to all is not noted as the student's own: locking it for all would leave it open.
        student_id = None if command.for_class else command.student_id
        await uow.class_facts.note_lessons(
            command.class_id, [command.lesson_id], student_id, are_open=True, sequence=0
        )
    return Ok(None)
