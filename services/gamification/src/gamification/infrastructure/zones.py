"""Where learners live, on Postgres."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from babyowl_chassis.sql import Connection, Statement
from gamification.domain.zones import ZoneChange
from gamification.infrastructure.noting import noting
from gamification.infrastructure.tables import metadata

_changes = metadata.tables["zone_changes"]


class SqlZones:
    """The moves of learners: noted as they come, in any order, any number of times."""

    _NOTE = noting(_changes)
    _OF = Statement(select(_changes.c.since, _changes.c.zone).where(_changes.c.player_id == bindparam("player_id")))

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note(self, learner_id: UUID, zone: str, *, since: datetime, sequence: int) -> None:
        """A learner lives in a zone since a moment."""
        await self._NOTE.execute(self._connection, player_id=learner_id, since=since, zone=zone, sequence=sequence)

    async def of(self, learner_id: UUID) -> list[ZoneChange]:
        """Every known move of a learner."""
        rows = await self._OF.fetch(self._connection, player_id=learner_id)
        return [ZoneChange(row["since"], row["zone"]) for row in rows]
