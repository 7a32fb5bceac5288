"""A learner's ledger, newest line first."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection

_HISTORY = """
SELECT id, source_kind, source_id, rule, amount, earned_on, recorded_at FROM xp_transactions
WHERE player_id = $1 AND (recorded_at, id) < ($2, $3)
ORDER BY recorded_at DESC, id DESC
LIMIT $4
"""

_BEFORE_ALL = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Points earned by a rule or, below zero, taken back by a correction."""

    id: UUID
    source_kind: str
    source_id: UUID
    rule: str
    amount: int
    earned_on: date
    recorded_at: datetime


async def history(db: Connection, player_id: UUID, *, after: tuple[Any, ...] | None, limit: int) -> list[LedgerLine]:
    """The latest lines first; one more than `limit`, to show whether there are others."""
    recorded_at, line_id = after or _BEFORE_ALL
    rows = await db.fetch(_HISTORY, player_id, recorded_at, line_id, limit + 1)
    return [LedgerLine(**row) for row in rows]
