"""The job that begins learners' days, each at their own midnight; harmless where several do it at once."""

from asyncio import gather
from datetime import datetime
from uuid import UUID

import structlog

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from babyowl_kernel import Clock
from gamification.application.commands.roll_over import RollOver

log = structlog.get_logger(__name__)

BATCH = 400
AT_ONCE = 4
"""How many learners' days are begun at the same time: half the academy has the same midnight."""

_DUE = """
SELECT id, rolls_over_at FROM players
WHERE rolls_over_at <= $1 AND id <> ALL ($2)
ORDER BY rolls_over_at, id LIMIT $3
"""


class Midnights:
    """Waits for the midnights of those who play."""

    def __init__(self, database: Pool, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    async def run(self) -> int:
        """Begin all days that are due, and say how many; who fails is tried again another time."""
        begun, left = 0, list[UUID]()
        while due := await self._database.fetch(_DUE, self._clock(), left, BATCH):
            for start in range(0, len(due), AT_ONCE):
                rows = due[start : start + AT_ONCE]
                outcomes = await gather(*(self._begin(row["id"], row["rolls_over_at"]) for row in rows))
                begun += sum(outcomes)
                left += [row["id"] for row, outcome in zip(rows, outcomes, strict=True) if not outcome]
        return begun

    async def _begin(self, player_id: UUID, due_at: datetime) -> bool:
        """Whether it was for us to do, and is done."""
        try:
            return (await self._bus.execute(RollOver(player_id, due_at))).value
        except Exception:
            log.exception("roll_over_failed", player_id=str(player_id))
            return False
