"""Looks whether a week or month is over: one period, one transaction, oldest first."""

from dataclasses import dataclass
from datetime import date, timedelta

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from gamification.application.commands.close_period import ClosePeriod
from gamification.application.commands.seat_newcomers import SeatNewcomers
from gamification.domain.calendar import Academy
from gamification.domain.periods import GRACE, ClosingPeriod, Cycle, due
from gamification.domain.scores import ACADEMY_ID

_CLOSED = "SELECT starts_on FROM closed_periods WHERE cycle = $1"
_FIRST = """
SELECT min(starts_on) FROM scores WHERE scope = 'academy' AND scope_id = $2 AND period = $1
"""


@dataclass(frozen=True, slots=True)
class ClosingTime:
    """Closes what is over. Several at it at once do no harm, and who comes back after weeks catches up."""

    database: Pool
    bus: Bus
    academy: Academy
    grace: timedelta = GRACE

    async def run(self) -> int:
        """Close all that is due, and seat who has come to the leagues since; how many periods there were."""
        periods = [period for cycle in Cycle for period in await self._due(cycle)]
        periods.sort(key=lambda period: period.ends_at(self.academy.zone))
        for period in periods:
            await self.bus.execute(ClosePeriod(period))
        await self.bus.execute(SeatNewcomers(self.academy.this_week()))
        return len(periods)

    async def _due(self, cycle: Cycle) -> list[ClosingPeriod]:
        closed: set[date] = {row["starts_on"] for row in await self.database.fetch(_CLOSED, cycle.value)}
        earliest = [await self.database.fetchval(_FIRST, cycle.value, ACADEMY_ID), min(closed, default=None)]
        firsts = [first for first in earliest if first is not None]
        if not firsts:
            return []
        first = ClosingPeriod(cycle, min(firsts))
        return list(due(first, closed=closed, now=self.academy.clock(), zone=self.academy.zone, grace=self.grace))
