"""The weeks and months by which leaderboards close, and when they do: all by the academy's clock."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from gamification.domain.calendar import day_of, monday_of

_IDS = UUID("9d6f1c0e-3a57-4c1b-8f5e-6b1f0d2a7c44")

GRACE = timedelta(hours=1)
"""How long a period stays open after its end, for the reports that are still on their way."""

ALWAYS = datetime.min.replace(tzinfo=UTC)
"""Since when somebody hears who was never away."""


class Cycle(StrEnum):
    """What leaderboards begin anew by."""

    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """The first day of the week or month the day is in."""
        return monday_of(day) if self is Cycle.WEEK else day.replace(day=1)


@dataclass(frozen=True, slots=True)
class ClosingPeriod:
    """One week or month of the academy, named by its first day."""

    cycle: Cycle
    starts_on: date

    @classmethod
    def of(cls, cycle: Cycle, day: date) -> "ClosingPeriod":
        """The one the day is in."""
        return cls(cycle, cycle.start(day))

    @property
    def following(self) -> "ClosingPeriod":
        """The next one."""
        days = 7 if self.cycle is Cycle.WEEK else 31
        return self.of(self.cycle, self.starts_on + timedelta(days=days))

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.following.starts_on - timedelta(days=1)

    @property
    def id(self) -> UUID:
        """The same for everybody who asks: a period can be closed only once."""
        return uuid5(_IDS, f"{self.cycle}/{self.starts_on}")

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The first moment that is not in it any more; UTC. Where midnight is skipped, that is the later hour."""
        return datetime.combine(self.following.starts_on, time.min, zone).astimezone(UTC)

    def closes_at(self, zone: ZoneInfo, grace: timedelta = GRACE, *, hearing_since: datetime = ALWAYS) -> datetime:
        """When it closes: some time for late reports after its end; UTC.

        Who began to hear only after that has the same time for what was waiting.
        """
        return max(self.ends_at(zone), hearing_since) + grace

    def is_long_past(self, now: datetime, zone: ZoneInfo, grace: timedelta = GRACE) -> bool:
        """Whether the one after it should be closed as well."""
        return self.following.closes_at(zone, grace) <= now


def due(
    first: ClosingPeriod,
    *,
    closed: Collection[date],
    now: datetime,
    zone: ZoneInfo,
    grace: timedelta = GRACE,
    hearing_since: datetime = ALWAYS,
) -> Iterator[ClosingPeriod]:
    """The periods from the first one on that should be closed by now and are not, oldest first."""
    period, today = first, day_of(now, zone)
    while period.last_day < today and period.closes_at(zone, grace, hearing_since=hearing_since) <= now:
        if period.starts_on not in closed:
            yield period
        period = period.following
