"""Why a learner stands where they stand: the points that count on a board."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.boards import Board
from gamification.domain.catalogue import Catalogue
from gamification.domain.rules import SourceKind

_SCORE = """
SELECT xp, reached_at FROM scores
WHERE player_id = $1 AND scope = $2 AND scope_id = $3 AND period = $4 AND starts_on = $5
"""

_COUNTED = """
SELECT counts_on, source_kind, source_id, rule, sum(amount)::int AS amount,
    max(earned_on) AS earned_on
FROM xp_transactions
WHERE player_id = $1 AND counts_on BETWEEN $2 AND $3 AND ($4::uuid IS NULL OR course_id = $4)
    AND (counts_on, source_kind, source_id, rule) < ($5, $6, $7, $8)
GROUP BY counts_on, source_kind, source_id, rule
HAVING sum(amount) <> 0
ORDER BY counts_on DESC, source_kind DESC, source_id DESC, rule DESC
LIMIT $9
"""

_AFTER_ALL = (date.max, "", UUID(int=0), "")
"""No points count on the calendar's last day."""


@dataclass(frozen=True, slots=True)
class Score:
    """A learner's points on a board, and when they did what brought them there."""

    xp: int
    reached_at: datetime


@dataclass(frozen=True, slots=True)
class CountedPoints:
    """What one rule gave for one thing, corrections taken off. Zeros are no points; the title is the catalogue's."""

    counts_on: date
    source_kind: str
    source_id: UUID
    rule: str
    title: str | None
    amount: int

    @property
    def key(self) -> tuple[date, str, UUID, str]:
        """Its place in the list."""
        return self.counts_on, self.source_kind, self.source_id, self.rule


async def score_of(db: Connection, board: Board, player_id: UUID) -> Score | None:
    """The learner's own points, also of who has hidden; None for who has none."""
    scores = board.scores
    row = await db.fetchrow(_SCORE, player_id, scores.scope, scores.scope_id, scores.period, scores.starts_on)
    return None if row is None else Score(**row)


async def counted_points(
    db: Connection,
    board: Board,
    player_id: UUID,
    catalogue: Catalogue,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[CountedPoints]:
    """The latest first; one more than `limit`, to show whether there are others. All of them add up to the score."""
    rows = await db.fetch(
        _COUNTED,
        player_id,
        board.scores.starts_on,
        board.last_day,
        board.course_id,
        *(after or _AFTER_ALL),
        limit + 1,
    )
    return [_points(catalogue, **row) for row in rows]


def _points(catalogue: Catalogue, *, source_kind: str, rule: str, earned_on: date, **row: Any) -> CountedPoints:
    title = catalogue.title_of(SourceKind(source_kind), rule, earned_on)
    return CountedPoints(source_kind=source_kind, rule=rule, title=title, **row)
