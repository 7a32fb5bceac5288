"""An instructor begins a course, or staff begin one for an instructor."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Refusal, Result
from learning.application.ports import UnitOfWork
from learning.domain.course import Course
from learning.domain.errors import InstructorNotFound, InstructorRequired, NotYourCourse


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCourse(Command[Result[Course, Refusal]]):
    """`instructor_id` is None when instructors begin a course of their own."""

    by: Actor
    title: str
    summary: str
    instructor_id: UUID | None = None


async def create_course(
    command: CreateCourse, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[Course, Refusal]:
    """Keep a new, empty course."""
    instructor_id = command.instructor_id or _themselves(command.by)
    if instructor_id is None:
        return Err(InstructorRequired())
    if instructor_id != _themselves(command.by):
        if not command.by.is_staff:
            return Err(NotYourCourse())
        if not await uow.instructors.has(instructor_id):
            return Err(InstructorNotFound(instructor_id))
    outcome = Course.begin(new_id(), instructor_id, command.title, command.summary, now=clock())
    if isinstance(outcome, Ok):
        uow.courses.add(outcome.value)
    return outcome


def _themselves(by: Actor) -> UUID | None:
    return by.user_id if by.has("instructor") else None
