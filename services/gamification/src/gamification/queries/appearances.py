"""How learners appear to others, for themselves and for staff. What others see of them is told in `faces`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.values import Alias

_CHOICE = """
SELECT coalesce(appearance.leaderboard, 'shown') AS leaderboard, appearance.alias,
    removal.alias AS removed_alias, removal.reason, removal.removed_at
FROM (SELECT $1::uuid AS id) AS asked
LEFT JOIN appearances AS appearance ON appearance.id = asked.id
LEFT JOIN LATERAL (
    SELECT * FROM alias_removals WHERE player_id = asked.id AND appearance.alias IS NULL
    ORDER BY removed_at DESC LIMIT 1
) AS removal ON true
"""

_WORN = """
SELECT appearance.alias, appearance.alias_key, appearance.id AS player_id, person.display_name,
    appearance.leaderboard
FROM appearances AS appearance LEFT JOIN people AS person ON person.id = appearance.id
WHERE appearance.alias_key > $1 AND strpos(appearance.alias_key, $2) > 0
ORDER BY appearance.alias_key
LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a learner has chosen; and of the last alias, if staff took it away, when and why."""

    leaderboard: str
    alias: str | None
    removed_alias: str | None
    reason: str | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class WornAlias:
    """An alias, and who goes by it."""

    alias: str
    alias_key: str
    player_id: UUID
    display_name: str | None
    leaderboard: str


async def choice_of(db: Connection, player_id: UUID) -> Choice:
    """What this learner has chosen, or that all is as it was at first."""
    row = await db.fetchrow(_CHOICE, player_id)
    assert row is not None  # noqa: S101  # the statement starts from one row
    return Choice(**row)


async def worn_aliases(
    db: Connection, *, contains: str | None, after: tuple[Any, ...] | None, limit: int
) -> list[WornAlias]:
    """By the alphabet; one more than `limit`, to show whether there are others."""
    [last] = after or ("",)
    return [WornAlias(**row) for row in await db.fetch(_WORN, last, Alias(contains or "").key, limit + 1)]
