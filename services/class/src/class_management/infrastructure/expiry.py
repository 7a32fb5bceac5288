"""Credits that nobody has spent in time are let go: one account, one transaction, so that none waits for another."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import utc_now
from babyowl_chassis.unit_of_work import VersionConflict
from babyowl_kernel import Clock
from class_management.application.commands.lapse_credits import LapseCredits

AT_ONCE = 500

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

_DUE = """
SELECT id, next_expiry_at FROM credit_accounts WHERE next_expiry_at <= $1 AND (next_expiry_at, id) > ($2, $3)
ORDER BY next_expiry_at, id LIMIT $4
"""


class Expiry:
    """Looks for accounts that hold expired credits; several at it at once do no harm."""

    def __init__(self, database: Pool, bus: Bus, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    async def lapse_due(self) -> int:
        """Let go of all that has expired by now; how many accounts were seen to."""
        now, seen, last = self._clock(), 0, (_LONG_AGO, UUID(int=0))
        while due := await self._database.fetch(_DUE, now, *last, AT_ONCE):
            for row in due:
                # Whoever is at the account meanwhile lapses what is due, or it is found the next time.
                with suppress(VersionConflict):
                    await self._bus.execute(LapseCredits(enrollment_id=row["id"]))
                    seen += 1
            last = due[-1]["next_expiry_at"], due[-1]["id"]
        return seen
