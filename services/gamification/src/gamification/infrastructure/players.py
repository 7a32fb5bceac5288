"""Players on Postgres."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from babyowl_chassis.unit_of_work import Row, RowType, SqlRepository
from gamification.domain.player import PlayerProfile
from gamification.domain.values import Beside, Deed
from gamification.infrastructure.mappers import PLAYERS
from gamification.infrastructure.tables.players import (
    ActiveRunRow,
    DeedRow,
    PlayerRow,
    WeeklyXpRow,
    XpTransactionRow,
)


def _columns(row_type: RowType) -> str:
    return ", ".join(row_type.model_fields)


# $1 is the player, $2 and $3 the source of the deed, $4 its day, $5 its week, $6 today.
#
# All is read by one statement, and so is of one moment: a player read half before and half after another deed
# was counted would add up to nothing that ever was.
#
# A deed moves from one day to another at most, and that changes three runs at most. With the runs that touch
# these days or today, and the four latest and the four longest, nothing is missing that can matter afterwards.
# Of the other weeks the latest matters: when it was reached, the whole was. What the other deeds say is asked
# only for a correction. Zones are up to 26 hours apart, so that a deed's own day may lie two days outside the
# academy's week it counts in.
_FOR_DEED = f"""
WITH known AS (SELECT * FROM deeds WHERE player_id = $1 AND source_kind = $2 AND source_id = $3),
changed (day) AS (VALUES ($4::date), ($6::date) UNION SELECT day FROM known),
touched (week) AS (VALUES ($5::date) UNION SELECT week FROM known),
runs AS (
    SELECT near.* FROM changed, LATERAL (
        SELECT * FROM active_runs WHERE player_id = $1 AND first_day <= changed.day + 1
        ORDER BY first_day DESC LIMIT 2
    ) AS near WHERE near.last_day >= changed.day - 1
    UNION (SELECT * FROM active_runs WHERE player_id = $1 ORDER BY first_day DESC LIMIT 4)
    UNION (SELECT * FROM active_runs WHERE player_id = $1 ORDER BY days DESC LIMIT 4)
),
weeks AS (
    SELECT * FROM weekly_xp WHERE player_id = $1 AND week IN (SELECT week FROM touched)
    UNION
    (SELECT * FROM weekly_xp WHERE player_id = $1 AND week NOT IN (SELECT week FROM touched)
     ORDER BY week DESC LIMIT 1)
)
SELECT {_columns(PlayerRow)},
    ARRAY(SELECT ROW({_columns(DeedRow)}) FROM known) AS known,
    ARRAY(
        SELECT ROW({_columns(XpTransactionRow)}) FROM xp_transactions
        WHERE player_id = $1 AND source_kind = $2 AND source_id = $3
    ) AS ledger,
    ARRAY(SELECT ROW({_columns(ActiveRunRow)}) FROM runs) AS runs,
    ARRAY(SELECT ROW({_columns(WeeklyXpRow)}) FROM weeks) AS weeks,
    EXISTS (
        SELECT FROM known JOIN deeds AS other USING (player_id, day)
        WHERE other.active AND (other.source_kind, other.source_id) <> ($2, $3)
    ) AS day_has_others,
    ARRAY(
        SELECT ROW(touched.week, max(other.happened_at)) FROM touched JOIN deeds AS other USING (week)
        WHERE EXISTS (SELECT FROM known) AND other.player_id = $1 AND other.active
            AND (other.source_kind, other.source_id) <> ($2, $3)
            AND other.day BETWEEN touched.week - 2 AND touched.week + 8
        GROUP BY touched.week
    ) AS latest_others
FROM players WHERE id = $1
"""  # noqa: S608  the only things put in are names of columns


class SqlPlayers(SqlRepository[PlayerProfile]):
    """Players, of whom only what is asked for is read: the cost of a deed does not grow with what came before."""

    mapping = PLAYERS

    async def get(self, player_id: UUID) -> PlayerProfile | None:
        """The player without any of what they did."""
        root = await self._root(player_id)
        return None if root is None else self._track({PlayerRow: [dict(root)]})

    async def get_for(self, player_id: UUID, deed: Deed, *, today: date) -> tuple[PlayerProfile, Beside] | None:
        """The player with all that counting this deed may touch, and what the other deeds say beside it."""
        if self._uow.locking:
            # First the lock, then the reading: what is read together with the lock may be from before it.
            await self._root(player_id)
        found = await self.connection.fetchrow(
            _FOR_DEED, player_id, deed.source.kind.value, deed.source.id, deed.day, deed.week, today
        )
        if found is None:
            return None
        known, weeks = _rows(DeedRow, found["known"]), _rows(WeeklyXpRow, found["weeks"])
        player = self._track(
            {
                PlayerRow: [{name: found[name] for name in PlayerRow.model_fields}],
                DeedRow: known,
                XpTransactionRow: _rows(XpTransactionRow, found["ledger"]),
                ActiveRunRow: _rows(ActiveRunRow, found["runs"]),
                WeeklyXpRow: weeks,
            }
        )
        if not known:
            # All there is in these weeks was done by other deeds.
            return player, Beside(frozenset(), {week["week"]: week["reached_at"] for week in weeks})
        days = frozenset([known[0]["day"]] if found["day_has_others"] else ())
        return player, Beside(days, dict(found["latest_others"]))


def _rows(row_type: RowType, records: Sequence[Sequence[Any]]) -> list[Row]:
    return [dict(zip(row_type.model_fields, record, strict=True)) for record in records]
