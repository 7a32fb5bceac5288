"""An instructor shows the draft to students."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, Ok, Refusal, Result
from learning.application.commands.editing import Editor, opened
from learning.application.ports import UnitOfWork
from learning.domain.course import Course
from learning.domain.errors import CourseNotFound


@dataclass(frozen=True, slots=True)
class PublishCourse(Command[Result[Course, Refusal]]):
    """Publish the draft as the next revision."""

    editor: Editor
    course_id: UUID


async def publish_course(command: PublishCourse, uow: UnitOfWork, clock: Clock) -> Result[Course, Refusal]:
    """Keep the draft as a publication; publishing what students see already changes nothing."""
    found = opened(await uow.courses.get(command.course_id), CourseNotFound(command.course_id), command.editor)
    if isinstance(found, Err):
        return found
    outcome = found.value.publish(now=clock())
    if isinstance(outcome, Err):
        return outcome
    if outcome.value is not None:
        uow.publications.add(outcome.value)
    return Ok(found.value)
