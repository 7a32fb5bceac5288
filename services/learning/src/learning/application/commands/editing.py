"""What all edits of a course have in common: who edits, and which version they have seen."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from babyowl_kernel import Actor, Err, Ok, Refusal, Result
from learning.domain.course import Course
from learning.domain.policies import only_its_managers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Editor:
    """Who edits; `expected_version` is the course's version they have seen, None if they don't mind."""

    by: Actor
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Edited(Generic[T]):
    """The part that was written, and the course it belongs to; the course knows its version once it is kept."""

    course: Course
    part: T

    @property
    def course_id(self) -> UUID:
        """The course's id."""
        return self.course.id

    @property
    def version(self) -> int:
        """The course's version."""
        return self.course.version


def opened(course: Course | None, missing: Refusal, editor: Editor) -> Result[Course, Refusal]:
    """The course, if it is there, is the editor's to change, and is as they have seen it."""
    if course is None:
        return Err(missing)
    if refusal := only_its_managers(course.instructor_id, editor.by) or course.changed_since(editor.expected_version):
        return Err(refusal)
    return Ok(course)


def part_of(course: Course, outcome: Result[T, Refusal]) -> Result[Edited[T], Refusal]:
    """The part together with its course."""
    return outcome if isinstance(outcome, Err) else Ok(Edited(course, outcome.value))
