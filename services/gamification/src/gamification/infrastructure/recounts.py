"""Recounts, on Postgres: asked for by whoever learns something late."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, func, null, select
from sqlalchemy.dialects.postgresql import insert

from babyowl_chassis.sql import Connection, Statement
from gamification.domain.recounts import Recount
from gamification.infrastructure.tables import metadata

_recounts = metadata.tables["recounts"]
_asking = insert(_recounts).values(
    player_id=bindparam("player_id"),
    from_day=bindparam("from_day"),
    redraw=bindparam("redraw"),
    version=1,
    seen_at=null(),
)


class SqlRecounts:
    """Who is to be recounted from which day on."""

    _ASK = Statement(
        _asking.on_conflict_do_update(
            index_elements=[_recounts.c.player_id],
            set_={
                "from_day": func.least(_recounts.c.from_day, _asking.excluded.from_day),
                "redraw": _recounts.c.redraw | _asking.excluded.redraw,
                "version": _recounts.c.version + 1,
                "seen_at": null(),
            },
        )
    )
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
        # In one order for all, so that two who ask for the same learners do not wait for each other.
        for learner_id in sorted(learner_ids):
            await self._ASK.execute(self._connection, player_id=learner_id, from_day=from_day, redraw=redraw)

    async def due(self, learner_id: UUID) -> Recount | None:
        """What a learner's recount has to begin with; None if there is none to do."""
        row = await self._DUE.fetchrow(self._connection, player_id=learner_id)
        return None if row is None else Recount(row["from_day"], row["redraw"], row["version"])

    async def done(self, learner_id: UUID, recount: Recount) -> None:
        """It is done, unless more has become known meanwhile."""
        await self._DONE.execute(self._connection, player_id=learner_id, version=recount.version)
