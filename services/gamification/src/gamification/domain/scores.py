"""Scores: a learner's points in a period, in the academy or in one course, by which learners are ranked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

from gamification.domain.calendar import monday_of
from gamification.domain.values import Deed, XpTransaction

ACADEMY_ID = UUID(int=0)
ALL_TIME = date.min
BEFORE_ALL = datetime(2020, 1, 1, tzinfo=UTC)
"""When a score was reached that comes from rewards alone: before every other, which is always the same."""


class Scope(StrEnum):
    """Whose points count: all of a learner's, or those of one course."""

    ACADEMY = "academy"
    COURSE = "course"


class ScorePeriod(StrEnum):
    """How long points count, by the academy's calendar."""

    WEEK = "week"
    MONTH = "month"
    ALL = "all"

    def starts_on(self, day: date) -> date:
        """The first day of the period that a day lies in."""
        match self:
            case ScorePeriod.WEEK:
                return monday_of(day)
            case ScorePeriod.MONTH:
                return day.replace(day=1)
            case ScorePeriod.ALL:
                return ALL_TIME


@dataclass(frozen=True, slots=True)
class ScoreKey:
    """Which score of a learner it is."""

    scope: Scope
    scope_id: UUID
    period: ScorePeriod
    starts_on: date


@dataclass(slots=True)
class ScoreChange:
    """What becomes of a score: more or fewer points; deeds that now earn in it, or no longer do.

    Of these deeds the latest moments are given, to the second.
    """

    xp: int = 0
    entered_at: datetime | None = None
    left_at: datetime | None = None


def keys_of(counts_on: date, course_id: UUID | None) -> Iterator[ScoreKey]:
    """The scores in which points of that day of the academy count, for what belongs to that course or to none."""
    for period in ScorePeriod:
        starts_on = period.starts_on(counts_on)
        yield ScoreKey(Scope.ACADEMY, ACADEMY_ID, period, starts_on)
        if course_id is not None:
            yield ScoreKey(Scope.COURSE, course_id, period, starts_on)


def score_changes(
    posted: Iterable[XpTransaction], before: Iterable[Deed], after: Iterable[Deed]
) -> dict[ScoreKey, ScoreChange]:
    """What lines added to the ledger, and deeds that are other than before, change in the scores."""
    changes: dict[ScoreKey, ScoreChange] = {}
    for line in posted:
        for key in keys_of(line.counts_on, line.course_id):
            changes.setdefault(key, ScoreChange()).xp += line.amount
    had, has = _earning(before), _earning(after)
    for counts_on, course_id, moment, _ in has - had:
        for key in keys_of(counts_on, course_id):
            change = changes.setdefault(key, ScoreChange())
            change.entered_at = max(change.entered_at or moment, moment)
    for counts_on, course_id, moment, _ in had - has:
        for key in keys_of(counts_on, course_id):
            change = changes.setdefault(key, ScoreChange())
            change.left_at = max(change.left_at or moment, moment)
    return changes


def _earning(deeds: Iterable[Deed]) -> set[tuple[date, UUID | None, datetime, object]]:
    return {
        (deed.counts_on, deed.course_id, deed.happened_at.replace(microsecond=0), deed.source)
        for deed in deeds
        if deed.xp > 0
    }
