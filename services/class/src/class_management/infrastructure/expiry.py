"""Credits that nobody has spent in time are let go: one account, one transaction, so that none waits for another."""

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import utc_now
from babyowl_chassis.unit_of_work import VersionConflict
from babyowl_kernel import Clock
from class_management.application.commands.lapse_credits import LapseCredits
from class_management.domain.values import EnrollmentId

AT_ONCE = 500

_DUE = """
SELECT id FROM credit_accounts WHERE next_expiry_at <= $1 AND id <> ALL($2::uuid[])
ORDER BY next_expiry_at, id LIMIT $3
"""


class Expiry:
    """Looks for accounts that hold expired credits; several at it at once do no harm."""

    def __init__(self, database: Pool, bus: Bus, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    async def lapse_due(self) -> int:
        """Let go of all that has expired by now; how many accounts were seen to."""
        now, seen = self._clock(), 0
        busy: list[EnrollmentId] = []
        while due := await self._database.fetch(_DUE, now, busy, AT_ONCE):
            for row in due:
                try:
                    await self._bus.execute(LapseCredits(enrollment_id=row["id"]))
                    seen += 1
                except VersionConflict:
                    busy.append(row["id"])  # whoever is at it lapses what is due; else it is found the next time
        return seen
