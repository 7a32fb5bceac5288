"""What the use cases of Learning need of the world."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from learning.domain.repositories import Courses, Progress, Publications
from learning.domain.values import Access


class Texts(Protocol):
    """The texts that lessons and exercises refer to: immutable, found by course and digest."""

    async def keep(self, course_id: UUID, texts: Iterable[str]) -> None:
        """Keep the texts; one that is there already is kept once."""
        ...


class ClassFacts(Protocol):
    """What Learning has heard of classes: who teaches, who has a seat, which lessons are unlocked for whom.

    Of two facts about the same thing the one with the greater sequence stays, so that they converge in whatever
    order they are noted, and however often. What Class said when asked has the sequence 0: any event knows more.
    """

    async def note_class(self, class_id: UUID, course_id: UUID, instructor_id: UUID, *, sequence: int) -> None:
        """A class of the course is taught by this instructor."""
        ...

    async def note_substitute(
        self, meeting_id: UUID, course_id: UUID, substitute_id: UUID | None, *, sequence: int
    ) -> None:
        """Somebody stands in at a meeting of a class of the course, or nobody does any more."""
        ...

    async def note_meeting_date(self, meeting_id: UUID, meeting_date: date, *, sequence: int) -> None:
        """The meeting is on this day, as the class's own zone has it."""
        ...

    async def note_enrollment(
        self, class_id: UUID, course_id: UUID, student_id: UUID, *, active: bool, sequence: int
    ) -> None:
        """The student has a seat in the class, or has given it up."""
        ...

    async def note_lessons(
        self, class_id: UUID, lesson_ids: Iterable[UUID], student_id: UUID | None, *, are_open: bool, sequence: int
    ) -> None:
        """The lessons are open, or closed again, to the student or to the whole class."""
        ...

    async def access(self, student_id: UUID, course_id: UUID, lesson_id: UUID) -> Access:
        """The student's way to a lesson of the course, through any class."""
        ...


class Instructors(Protocol):
    """Who can be the instructor of a course."""

    async def has(self, person_id: UUID) -> bool:
        """Whether the person is known as an active instructor."""
        ...


class UnitOfWork(Protocol):
    """Everything one command of Learning may load and keep."""

    @property
    def courses(self) -> Courses: ...
    @property
    def publications(self) -> Publications: ...
    @property
    def progress(self) -> Progress: ...
    @property
    def texts(self) -> Texts: ...
    @property
    def class_facts(self) -> ClassFacts: ...
    @property
    def instructors(self) -> Instructors: ...


@dataclass(frozen=True, slots=True)
class ClassAnswer:
    """What the Class context itself says of a student's way to a lesson.

    `for_class` says that the lesson is open to the whole class, and not to this student alone.
    """

    access: Access
    class_id: UUID | None
    for_class: bool = False


class ClassContext(Protocol):
    """The owner of enrolments and unlocks, asked once before a student is refused."""

    async def access(self, student_id: UUID, lesson_id: UUID) -> ClassAnswer | None:
        """Its answer; None, and a line in the log, when it cannot be had."""
        ...
