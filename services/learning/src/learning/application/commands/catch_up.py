"""A publication has taken away all that a student had left to do."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Clock, Command, Ok
from learning.application.ports import UnitOfWork
from learning.domain.progress import progress_id


@dataclass(frozen=True, slots=True)
class CatchUp(Command[Ok[None]]):
    """Complete the student's course if the current publication leaves them nothing to do."""

    student_id: UUID
    course_id: UUID


async def catch_up(command: CatchUp, uow: UnitOfWork, clock: Clock) -> Ok[None]:
    """Let the progress catch up with the publication; as often as one likes."""
    outline = await uow.publications.current(command.course_id)
    progress = await uow.progress.get(progress_id(command.student_id, command.course_id))
    if outline is not None and progress is not None:
        progress.catch_up(outline, now=clock())
    return Ok(None)
