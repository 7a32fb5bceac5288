"""Recounts, on Postgres: asked for by whoever learns something late."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, select

from babyowl_chassis.sql import Connection, Statement
from gamification.domain.recounts import Recount
from gamification.infrastructure.tables import metadata

_recounts = metadata.tables["recounts"]

# In one order for all, so that two who ask for the same learners do not wait for each other.
_ASK = """
INSERT INTO recounts AS known (player_id, from_day, redraw, version, seen_at)
SELECT DISTINCT player_id, $2::date, $3::boolean, 1, NULL::timestamptz FROM unnest($1::uuid[]) AS asked (player_id)
ORDER BY player_id
ON CONFLICT (player_id) DO UPDATE SET
    from_day = least(known.from_day, excluded.from_day),
    redraw = known.redraw OR excluded.redraw,
    version = known.version + 1,
    seen_at = NULL
"""


class SqlRecounts:
    """Who is to be recounted from which day on."""

    _DUE = Statement(
        select(_recounts.c.from_day, _recounts.c.redraw, _recounts.c.version).where(
            _recounts.c.player_id == bindparam("player_id")
        )
    )
    _DONE = Statement(
        _recounts.delete().where(
            _recounts.c.player_id == bindparam("player_id"), _recounts.c.version == bindparam("version")
        )
    )

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def ask(self, learner_ids: Collection[UUID], *, from_day: date, redraw: bool = False) -> None:
        """Have these learners recounted from that day on, once what is under way now has ended."""
        if learner_ids:
            await self._connection.execute(_ASK, list(learner_ids), from_day, redraw)

    async def due(self, learner_id: UUID) -> Recount | None:
        """What a learner's recount has to begin with; None if there is none to do."""
        row = await self._DUE.fetchrow(self._connection, player_id=learner_id)
        return None if row is None else Recount(row["from_day"], row["redraw"], row["version"])

    async def done(self, learner_id: UUID, recount: Recount) -> None:
        """It is done, unless more has become known meanwhile."""
        await self._DONE.execute(self._connection, player_id=learner_id, version=recount.version)
