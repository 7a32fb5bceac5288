"""Looks whether a week or month is over: one period, one transaction, oldest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from gamification.application.commands.close_period import ClosePeriod
from gamification.application.commands.seat_newcomers import SeatNewcomers
from gamification.domain.calendar import Academy
from gamification.domain.periods import ALWAYS, GRACE, ClosingPeriod, Cycle, due
from gamification.domain.scores import ACADEMY_ID

_CLOSED = "SELECT starts_on, closed_at FROM closed_periods WHERE cycle = $1"
_FIRST = """
SELECT min(starts_on) FROM scores WHERE scope = 'academy' AND scope_id = $2 AND period = $1
"""


@dataclass(frozen=True, slots=True)
class ClosingTime:
    """Closes what is over. Several at it at once do no harm, and who comes back after weeks catches up.

    `hearing_since` says when this worker began to hear: what was waiting for it has the grace, too.
    """

    database: Pool
    bus: Bus
    academy: Academy
    grace: timedelta = GRACE
    hearing_since: datetime = ALWAYS

    async def run(self) -> int:
        """Close all that is due, and seat who has come to the leagues since; how many periods there were."""
        commands = [command for cycle in Cycle for command in await self._due(cycle)]
        commands.sort(key=lambda command: command.period.ends_at(self.academy.zone))
        for command in commands:
            await self.bus.execute(command)
        await self.bus.execute(SeatNewcomers(self.academy.this_week()))
        return len(commands)

    async def _due(self, cycle: Cycle) -> list[ClosePeriod]:
        closed = {row["starts_on"]: row["closed_at"] for row in await self.database.fetch(_CLOSED, cycle.value)}
        earliest = [await self.database.fetchval(_FIRST, cycle.value, ACADEMY_ID), min(closed, default=None)]
        firsts = [first for first in earliest if first is not None]
        if not firsts:
            return []
        now, zone, first = self.academy.clock(), self.academy.zone, ClosingPeriod(cycle, min(firsts))
        found = due(first, closed=closed, now=now, zone=zone, grace=self.grace, hearing_since=self.hearing_since)
        # With a lost database it was forgotten what was closed and told already. What a catching up that was
        # interrupted has closed since does not count: by itself that is late, too.
        is_new = all(
            ClosingPeriod(cycle, starts_on).is_long_past(closed_at, zone, self.grace)
            for starts_on, closed_at in closed.items()
        )
        return [
            ClosePeriod(period, quietly=is_new and period.is_long_past(now, zone, self.grace)) for period in found
        ]
