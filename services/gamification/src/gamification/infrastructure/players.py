"""Players on Postgres."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from babyowl_chassis.unit_of_work import Row, Rows, RowType, SqlRepository, SqlUnitOfWork
from gamification.domain.player import PlayerProfile
from gamification.domain.scores import BEFORE_ALL, ScoreChange, ScoreKey
from gamification.domain.values import Deed
from gamification.infrastructure.mappers import PLAYERS
from gamification.infrastructure.tables.players import (
    BadgeRevocationRow,
    BadgeRow,
    DayRow,
    DeedRow,
    PlayerRow,
    QuestRow,
    XpTransactionRow,
)

CHILDREN: tuple[RowType, ...] = (DeedRow, DayRow, XpTransactionRow, QuestRow, BadgeRow, BadgeRevocationRow)


def _columns(row_type: RowType, *, of: str = "") -> str:
    return ", ".join(of + name for name in row_type.model_fields)


# Inside of a row asyncpg does not know jsonb from its text.
_DAY = _columns(DayRow).replace("tally", "tally::json").replace("standing", "standing::json")


# All is read by one statement, and so is of one moment: a player read half before and half after another deed was
# counted would add up to nothing that ever was.
#
# Rewards are given and taken back within the week of the deed that made them, or, badges, within the days that are
# folded anew; only a badge that was once taken back may have older lines.
_LOAD = f"""
WITH touched AS ({{touched}}),
monday AS (SELECT date_trunc('week', min(day)::timestamp)::date AS day FROM touched),
done AS (SELECT * FROM deeds WHERE player_id = $1 AND {{done}})
SELECT {_columns(PlayerRow)},
    ARRAY(SELECT ROW({_columns(DeedRow)}) FROM done) AS deeds,
    ARRAY(
        SELECT ROW({_DAY}) FROM days WHERE player_id = $1 AND day >= (SELECT day FROM monday)
        UNION ALL
        (SELECT ROW({_DAY}) FROM days WHERE player_id = $1 AND day < (SELECT day FROM monday)
         ORDER BY day DESC LIMIT 1)
    ) AS days,
    ARRAY(
        SELECT ROW({_columns(XpTransactionRow, of="line.")})
        FROM done JOIN xp_transactions AS line USING (player_id, source_kind, source_id)
        UNION ALL
        SELECT ROW({_columns(XpTransactionRow)}) FROM xp_transactions
        WHERE player_id = $1 AND source_kind IN ('quest', 'badge') AND earned_on >= (SELECT day FROM monday)
        UNION ALL
        SELECT ROW({_columns(XpTransactionRow)}) FROM xp_transactions
        WHERE player_id = $1 AND source_kind = 'badge' AND earned_on < (SELECT day FROM monday) AND source_id IN (
            SELECT source_id FROM xp_transactions
            WHERE player_id = $1 AND source_kind = 'badge' AND number > 1
        )
    ) AS lines,
    ARRAY(
        SELECT ROW({_columns(QuestRow)}) FROM quests WHERE player_id = $1 AND starts_on >= (SELECT day FROM monday)
    ) AS quests,
    ARRAY(SELECT ROW({_columns(BadgeRow)}) FROM badges WHERE player_id = $1) AS badges,
    ARRAY(SELECT ROW({_columns(BadgeRevocationRow)}) FROM badge_revocations WHERE player_id = $1) AS revocations
FROM players WHERE id = $1
"""  # noqa: S608  the only things put in are names of columns and the conditions below

# $1 is the player, $2 and $3 the source of the deed, $4 its day.
_FOR_DEED = _LOAD.format(
    touched="SELECT $4::date AS day"
    " UNION SELECT day FROM deeds WHERE player_id = $1 AND source_kind = $2 AND source_id = $3",
    done="day IN (SELECT day FROM touched)",
)

# $1 is the player, $2 the day.
_SINCE = _LOAD.format(touched="SELECT $2::date AS day", done="day >= $2")

# $1 is the player; of each score $2 to $5 are its key, $6 by how many points it changes, $7 and $8 the latest deed
# that came to it and the latest that left it; $9 stands for when a score was reached that comes from rewards alone.
# Only where a deed has left it is looked up anew when the score was reached.
_CHANGE_SCORES = """
MERGE INTO scores AS score
USING (
    SELECT change.*,
        CASE WHEN change.left_at IS NOT NULL THEN (
            SELECT date_trunc('second', max(happened_at)) FROM deeds
            WHERE player_id = $1 AND xp > 0
                AND (change.scope = 'academy' OR course_id = change.scope_id)
                AND CASE change.period
                    WHEN 'week' THEN counts_on BETWEEN change.starts_on AND change.starts_on + 6
                    WHEN 'month' THEN date_trunc('month', counts_on::timestamp) = change.starts_on
                    ELSE true
                END
        ) END AS latest_at
    FROM unnest($2::text[], $3::uuid[], $4::text[], $5::date[], $6::int[], $7::timestamptz[], $8::timestamptz[])
        AS change (scope, scope_id, period, starts_on, xp, entered_at, left_at)
) AS change
ON score.player_id = $1 AND score.scope = change.scope AND score.scope_id = change.scope_id
    AND score.period = change.period AND score.starts_on = change.starts_on
WHEN MATCHED AND score.xp + change.xp = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET
    xp = score.xp + change.xp,
    reached_at = CASE
        WHEN change.left_at IS NULL THEN greatest(score.reached_at, change.entered_at)
        ELSE coalesce(change.latest_at, $9)
    END
WHEN NOT MATCHED AND change.xp > 0 THEN
    INSERT (player_id, scope, scope_id, period, starts_on, xp, reached_at)
    VALUES ($1, change.scope, change.scope_id, change.period, change.starts_on, change.xp,
        coalesce(change.entered_at, $9))
"""


class SqlPlayers(SqlRepository[PlayerProfile]):
    """Players, of whom only what is asked for is read: the cost of a deed does not grow with what came before."""

    mapping = PLAYERS

    def __init__(self, uow: SqlUnitOfWork) -> None:
        super().__init__(uow)
        self._played: list[PlayerProfile] = []

    def add(self, aggregate: PlayerProfile) -> None:
        """Keep a player who was not here before."""
        super().add(aggregate)
        self._played.append(aggregate)

    async def get(self, player_id: UUID) -> PlayerProfile | None:
        """The player without any of what they did."""
        root = await self._root(player_id)
        return None if root is None else self._track({PlayerRow: [dict(root)]})

    async def get_for(self, player_id: UUID, deed: Deed) -> PlayerProfile | None:
        """The player with all that counting this deed may touch."""
        return await self._read(_FOR_DEED, player_id, deed.source.kind.value, deed.source.id, deed.day)

    async def get_since(self, player_id: UUID, day: date) -> PlayerProfile | None:
        """The player with everything from that day on."""
        return await self._read(_SINCE, player_id, day)

    async def _read(self, sql: str, player_id: UUID, *given: Any) -> PlayerProfile | None:
        if self._uow.locking:
            # First the lock, then the reading: what is read together with the lock may be from before it.
            await self._root(player_id)
        found = await self.connection.fetchrow(sql, player_id, *given)
        if found is None:
            return None
        rows: Rows = {PlayerRow: [{name: found[name] for name in PlayerRow.model_fields}]}
        children = ("deeds", "days", "lines", "quests", "badges", "revocations")
        rows |= {table: _rows(table, found[name]) for table, name in zip(CHILDREN, children, strict=True)}
        player = self._track(rows)
        self._played.append(player)
        return player

    async def write_scores(self) -> None:
        """Bring the scores of the players of this transaction to what their ledgers say, once those are written."""
        for player in self._played:
            for changes in player.collect_score_changes():
                if changes:
                    await self.connection.execute(_CHANGE_SCORES, player.id, *_as_columns(changes), BEFORE_ALL)


def _rows(row_type: RowType, records: Sequence[Sequence[Any]]) -> list[Row]:
    return [dict(zip(row_type.model_fields, record, strict=True)) for record in records]


def _as_columns(changes: Mapping[ScoreKey, ScoreChange]) -> Iterator[list[Any]]:
    rows = [
        (key.scope.value, key.scope_id, key.period.value, key.starts_on, change.xp, change.entered_at, change.left_at)
        for key, change in changes.items()
    ]
    return map(list, zip(*rows, strict=True))
