"""What a learner could do, and when: seats, lessons, publications and meetings of the other contexts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from gamification.domain.quests import Opportunities, Period


@dataclass(frozen=True, slots=True)
class PublishedLesson:
    """A lesson of a published course, its exercises each with its kind; None where that was not told."""

    lesson_id: UUID
    exercises: tuple[tuple[UUID, str | None], ...]


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom a fact concerns: one student, or all who ever had a seat in a class or in a class of a course.

    None of these is everybody.
    """

    student_id: UUID | None = None
    class_id: UUID | None = None
    course_id: UUID | None = None


class Curriculum(Protocol):
    """Facts of other contexts that arrive in any order, any number of times; `at` is when they came about.

    A fact is told apart by its `sequence` among those of its class (a publication by its revision), and of two
    about the same thing the greater one is the later one. Of a fact that is noted and of opportunities that are
    asked for at the same time one comes first: either the fact is among what the opportunities are made of, or
    whoever asked for them is among those whom the fact finds it has overtaken.
    """

    async def note_seat(
        self, class_id: UUID, course_id: UUID, student_id: UUID, *, active: bool, sequence: int, at: datetime
    ) -> None:
        """A student has a seat in a class, or has given it up."""

    async def note_lessons(
        self,
        class_id: UUID,
        lesson_ids: tuple[UUID, ...],
        student_id: UUID | None,
        *,
        are_open: bool,
        sequence: int,
        at: datetime,
    ) -> None:
        """Lessons are open, or closed, to a class or to one student of it."""

    async def note_publication(
        self, course_id: UUID, revision: int, lessons: tuple[PublishedLesson, ...], *, is_open: bool, at: datetime
    ) -> bool:
        """A course was published; an open one is everybody's. Answers whether it is, or ever was, open."""

    async def note_series(
        self, class_id: UUID, meetings: Mapping[UUID, datetime], *, time_zone: str | None, at: datetime
    ) -> None:
        """All meetings a class has, by when they begin; `time_zone` None leaves the zone as it was told."""

    async def note_meeting(
        self, class_id: UUID, meeting_id: UUID, starts_at: datetime, *, cancelled: bool, at: datetime
    ) -> None:
        """A meeting was added, moved or cancelled."""

    async def note_end(self, class_id: UUID, *, at: datetime) -> None:
        """A class has ended; what it had ahead does not take place."""

    async def meeting_days(self, class_id: UUID, *, otherwise: ZoneInfo) -> Mapping[UUID, date]:
        """The meetings that take place, as far as is known, each with its day in the zone of the class."""

    async def overtaken(self, concerned: Concerned, *, at: datetime, otherwise: ZoneInfo) -> Mapping[UUID, date]:
        """The learners for whom a day has begun after that moment already: who have been active on it, or have
        quests of it. And for each the first such day.
        """

    async def active_since(self, class_id: UUID, day: date) -> Collection[UUID]:
        """Learners who had a seat in the class once, and have been active, or have quests, on that day or later."""

    async def opportunities(
        self, player_id: UUID, period: Period, *, begins_at: datetime, otherwise: ZoneInfo
    ) -> Opportunities:
        """What the learner can do in a period that began at that moment.

        A meeting is on its day in the zone of its class, or `otherwise` while that is not known.
        """
