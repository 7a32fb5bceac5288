"""A learner's ledger, newest line first."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.catalogue import Catalogue
from gamification.domain.rules import SourceKind

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
    title: str | None
    amount: int
    earned_on: date
    recorded_at: datetime

    @classmethod
    def of(cls, catalogue: Catalogue, **row: Any) -> Self:
        """The line of a row, with the title that the catalogue has for it."""
        title = catalogue.title_of(SourceKind(row["source_kind"]), row["rule"], row["earned_on"])
        return cls(title=title, **row)


async def history(
    db: Connection, player_id: UUID, catalogue: Catalogue, *, after: tuple[Any, ...] | None, limit: int
) -> list[LedgerLine]:
    """The latest lines first; one more than `limit`, to show whether there are others."""
    recorded_at, line_id = after or _BEFORE_ALL
    rows = await db.fetch(_HISTORY, player_id, recorded_at, line_id, limit + 1)
    return [LedgerLine.of(catalogue, **row) for row in rows]
