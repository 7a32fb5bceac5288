"""What a learner could do, and when: seats, lessons, publications and meetings of the other contexts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from gamification.domain.quests import Opportunities, Period
from gamification.domain.zones import ZoneHistory


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


@dataclass(frozen=True, slots=True)
class FactMark:
    """What tells a fact apart: the class or course it is of, its number among the facts of that, and its moment."""

    of: UUID
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A period as a learner lives it: from its first moment (UTC) on, and until before its end."""

    period: Period
    begins_at: datetime
    ends_at: datetime

    @classmethod
    def lived(cls, period: Period, zones: ZoneHistory) -> "Span":
        """The period where the learner was."""
        return cls(period, zones.begins(period.starts_on), zones.begins(period.ends_on + timedelta(days=1)))


def to_draw_again(
    zones: ZoneHistory, at: datetime, *, active_on: Collection[date], drawn: Collection[Period], is_latest: bool
) -> date | None:
    """From which day on a learner's quests have to be drawn anew after a fact of that moment; None if none have.

    What began after the fact was drawn without it. To a period that was under way it matters only if there was
    nothing to do until then: if none were drawn though the learner was active, or if those that are there may be
    of a later moment, so not if the fact is the latest.
    """
    days = [day for day in (*active_on, *(period.starts_on for period in drawn)) if zones.begins(day) > at]
    today = zones.latest_begun(at)
    for period in Period.around(today):
        found_nothing = period not in drawn and any(day in period for day in active_on)
        if found_nothing or (period in drawn and not is_latest):
            return min([today, *days])
    return min(days, default=None)


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

    async def meetings(self, class_id: UUID, *, otherwise: ZoneInfo) -> Mapping[UUID, tuple[date, datetime]]:
        """The meetings that take place, as far as is known, each with its day in the zone of the class, and when it
        begins.
        """

    async def overtaken(self, concerned: Concerned, fact: FactMark, *, otherwise: ZoneInfo) -> Mapping[UUID, date]:
        """The learners whose quests were drawn without the fact and might be others with it, and for each from which
        day on: see `to_draw_again`.
        """

    async def active_since(self, class_id: UUID, day: date, *, newcomers: bool = False) -> Collection[UUID]:
        """Learners who had a seat in the class once, and have been active, or have quests, on that day or later;
        of `newcomers` those alone who took or left it about that day or later.
        """

    async def opportunities(self, player_id: UUID, span: Span, *, otherwise: ZoneInfo) -> Opportunities:
        """What the learner could do when the period began; if that was nothing, what they could do as of the first
        fact within it with which there was something.

        Then only meetings count that were yet to begin. A meeting is on its day in the zone of its class, or
        `otherwise` while that is not known.
        """
