"""Where learners live, on Postgres."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from babyowl_chassis.sql import Connection
from gamification.domain.zones import ZoneChange, ZoneHistory
from gamification.infrastructure.noting import noting
from gamification.infrastructure.tables import metadata

_changes = metadata.tables["zone_changes"]

_MOVES = "SELECT player_id, since, zone FROM zone_changes WHERE player_id = ANY ($1)"


async def moves_of(db: Connection, learner_ids: Collection[UUID]) -> Mapping[UUID, list[ZoneChange]]:
    """Every known move of each of these learners, in no order."""
    moves: dict[UUID, list[ZoneChange]] = {learner_id: [] for learner_id in learner_ids}
    for row in await db.fetch(_MOVES, list(moves)):
        moves[row["player_id"]].append(ZoneChange(row["since"], row["zone"]))
    return moves


async def zone_history(db: Connection, learner_id: UUID, *, otherwise: ZoneInfo) -> ZoneHistory:
    """Where a learner has lived; who has told of no zone lives in the other one."""
    return ZoneHistory((await moves_of(db, [learner_id]))[learner_id], otherwise)


class SqlZones:
    """The moves of learners: noted as they come, in any order, any number of times."""

    _NOTE = noting(_changes)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note(self, learner_id: UUID, zone: str, *, since: datetime, sequence: int) -> None:
        """A learner lives in a zone since a moment."""
        await self._NOTE.execute(self._connection, player_id=learner_id, since=since, zone=zone, sequence=sequence)

    async def of(self, learner_id: UUID) -> list[ZoneChange]:
        """Every known move of a learner."""
        return (await moves_of(self._connection, [learner_id]))[learner_id]
