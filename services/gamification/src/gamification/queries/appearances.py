"""How learners appear to others, for themselves and for staff. What others see of them is told in `faces`."""

from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.aliases import Alias, AliasWords
from gamification.domain.values import Appearance, Visibility

_CHOICE = "SELECT leaderboard, alias FROM appearances WHERE id = $1"

_TAKEN = "SELECT alias FROM appearances WHERE alias = ANY ($1::text[])"

_WORN = """
SELECT appearance.alias, appearance.id AS player_id, person.display_name, appearance.leaderboard
FROM appearances AS appearance LEFT JOIN people AS person ON person.id = appearance.id
WHERE appearance.alias > $1 AND strpos(lower(appearance.alias), lower($2)) > 0
ORDER BY appearance.alias
LIMIT $3
"""

_SPARE = 4
"""So many times as many aliases are drawn as are asked for, as some may be taken."""


@dataclass(frozen=True, slots=True)
class WornAlias:
    """An alias, and who goes by it."""

    alias: str
    player_id: UUID
    display_name: str | None
    leaderboard: str


async def choice_of(db: Connection, player_id: UUID) -> Appearance:
    """What this learner has chosen, or that all is as it was at first."""
    row = await db.fetchrow(_CHOICE, player_id)
    if row is None:
        return Appearance(Visibility.SHOWN, None)
    return Appearance(Visibility(row["leaderboard"]), None if row["alias"] is None else Alias(row["alias"]))


async def free_aliases(db: Connection, words: AliasWords, chance: Random, *, limit: int) -> list[Alias]:
    """Aliases at random that nobody has chosen; fewer than `limit` only if hardly any are left."""
    drawn = words.draw(limit * _SPARE, chance)
    taken = {row["alias"] for row in await db.fetch(_TAKEN, [alias.text for alias in drawn])}
    return [alias for alias in drawn if alias.text not in taken][:limit]


async def worn_aliases(
    db: Connection, *, contains: str | None, after: tuple[Any, ...] | None, limit: int
) -> list[WornAlias]:
    """By the alphabet; one more than `limit`, to show whether there are others."""
    [last] = after or ("",)
    return [WornAlias(**row) for row in await db.fetch(_WORN, last, contains or "", limit + 1)]
