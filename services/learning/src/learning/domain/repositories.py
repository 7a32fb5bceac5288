"""Where the aggregates of Learning are kept."""

from typing import Protocol
from uuid import UUID

from learning.domain.course import Course
from learning.domain.outline import Outline
from learning.domain.progress import StudentProgress
from learning.domain.publication import Publication


class Courses(Protocol):
    """The drafts of all courses."""

    async def get(self, id: UUID) -> Course | None:  # noqa: A002
        """The course with this id."""
        ...

    async def with_lesson(self, lesson_id: UUID) -> Course | None:
        """The course whose draft has this lesson."""
        ...

    async def with_exercise(self, exercise_id: UUID) -> Course | None:
        """The course whose draft has this exercise."""
        ...

    def add(self, aggregate: Course) -> None:
        """Keep a new course."""
        ...


class Publications(Protocol):
    """Every revision of every course, insert-only."""

    def add(self, publication: Publication) -> None:
        """Keep a new revision."""
        ...

    async def current(self, course_id: UUID) -> Outline | None:
        """The outline of the current revision of the course."""
        ...

    async def current_with_exercise(self, exercise_id: UUID) -> Outline | None:
        """The outline of the current revision of the course that has this exercise in that revision."""
        ...


class Progress(Protocol):
    """How far each student is in each course."""

    async def get(self, id: UUID) -> StudentProgress | None:  # noqa: A002
        """The progress with this id: see `progress_id`."""
        ...

    def add(self, aggregate: StudentProgress) -> None:
        """Keep the progress of a student who begins."""
        ...
