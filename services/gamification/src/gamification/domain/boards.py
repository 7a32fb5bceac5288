"""Leaderboards: which there are, in what order learners stand on them, and the one number that says so.

More points come first; among equals, who had them first (to the second); then the smaller id. Equal points share
a rank.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from gamification.domain.calendar import Academy, day_of
from gamification.domain.scores import ACADEMY_ID, Scope, ScoreKey, ScorePeriod


class Period(StrEnum):
    """Which points count: those of the academy's ISO week, of its calendar month, or all."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    ALL_TIME = "all-time"

    @property
    def scored_as(self) -> ScorePeriod:
        """The period of the scores that are ranked."""
        return _SCORED_AS[self]


_SCORED_AS = {
    Period.WEEKLY: ScorePeriod.WEEK,
    Period.MONTHLY: ScorePeriod.MONTH,
    Period.ALL_TIME: ScorePeriod.ALL,
}


@dataclass(frozen=True, slots=True)
class Board:
    """One leaderboard: of a period, and of the academy, of a course or of a class.

    A course's counts the points of that course; a class's ranks its members by all their points.
    """

    scores: ScoreKey
    class_id: UUID | None = None

    @classmethod
    def of_today(
        cls, period: Period, academy: Academy, *, course_id: UUID | None = None, class_id: UUID | None = None
    ) -> "Board":
        """The board of the period that is running by the academy's clock."""
        today = day_of(academy.clock(), academy.zone)
        scope, scope_id = (Scope.ACADEMY, ACADEMY_ID) if course_id is None else (Scope.COURSE, course_id)
        period_ = period.scored_as
        return cls(ScoreKey(scope, scope_id, period_, period_.starts_on(today)), class_id)

    @property
    def starts_on(self) -> date | None:
        """The first day of its week or month; None for all time."""
        return None if self.scores.period is ScorePeriod.ALL else self.scores.starts_on

    @property
    def last_day(self) -> date:
        """The last day of its week or month; of all time, the calendar's."""
        first = self.scores.starts_on
        match self.scores.period:
            case ScorePeriod.WEEK:
                return first + timedelta(days=6)
            case ScorePeriod.MONTH:
                return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            case ScorePeriod.ALL:
                return date.max

    @property
    def course_id(self) -> UUID | None:
        """The course whose points it counts."""
        return self.scores.scope_id if self.scores.scope is Scope.COURSE else None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where a learner stands on a board, and what brought them there."""

    rank: int
    player_id: UUID
    xp: int
    reached_at: datetime


# A number that Redis keeps exactly has 53 bits: 22 for the points, 31 for the seconds.
MOST_XP = 2**22 - 1
SECONDS = 2**31
FIRST_MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
LAST_MOMENT = FIRST_MOMENT + timedelta(seconds=SECONDS - 1)


def place_code(xp: int, reached_at: datetime) -> int:
    """The number that grows from place to place; of two with the same one the ids decide.

    It has room for four million points, and for moments until 2088; what lies beyond is at the edge.
    """
    moment = min(max(reached_at, FIRST_MOMENT), LAST_MOMENT)
    return best_code_of(min(xp, MOST_XP)) + (moment - FIRST_MOMENT) // timedelta(seconds=1)


def best_code_of(xp: int) -> int:
    """The smallest code of so many points: whoever has a smaller one has more points."""
    return (MOST_XP - xp) * SECONDS


def decoded(code: int) -> tuple[int, datetime]:
    """The points of a code, and the moment."""
    behind, seconds = divmod(code, SECONDS)
    return MOST_XP - behind, FIRST_MOMENT + timedelta(seconds=seconds)


def ranked(places: Iterable[tuple[UUID, int]], *, before: int = 0, better: int | None = None) -> Iterator[Ranked]:
    """Give ranks to a stretch of a board, ids and codes in order; `before` others stand before it.

    `better` of these have more points than the first of the stretch: all of them, unless it is said.
    """
    rank, last_xp = 0, None
    for position, (player_id, code) in enumerate(places, start=before + 1):
        xp, reached_at = decoded(code)
        if last_xp is None:
            rank = position if better is None else better + 1
        elif xp != last_xp:
            rank = position
        last_xp = xp
        yield Ranked(rank, player_id, xp, reached_at)
