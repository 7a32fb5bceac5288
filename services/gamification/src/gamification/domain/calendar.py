"""On which day, and in which week, something counts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babyowl_kernel import Clock


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of a moment where the learner is."""
    return moment.astimezone(zone).date()


def week_of(moment: datetime, academy_zone: ZoneInfo) -> date:
    """The Monday of the ISO week of a moment, by the academy's clock: all who compete share its boundaries."""
    return monday_of(day_of(moment, academy_zone))


def monday_of(day: date) -> date:
    """The Monday of the ISO week a day is in."""
    return day - timedelta(days=day.weekday())


def next_midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    """When, in UTC, the next day begins where the learner is; later than the moment itself.

    A midnight that the clock skips is the moment it does so. Of one that it passes twice the first is meant, and
    the second by whom that has not come yet.
    """
    tomorrow = datetime.combine(day_of(moment, zone) + timedelta(days=1), time(), zone)
    first = tomorrow.astimezone(UTC)
    return first if first > moment else tomorrow.replace(fold=1).astimezone(UTC)


def zone_or(name: str | None, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone of that IANA name; the other one while it is unknown here."""
    if name is None:
        return otherwise
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise


@dataclass(frozen=True, slots=True)
class Academy:
    """The academy's own time: all learners share its weeks, whatever zone they live in."""

    zone: ZoneInfo
    clock: Clock

    def today(self) -> date:
        """The day it is at the academy."""
        return day_of(self.clock(), self.zone)

    def this_week(self) -> date:
        """The Monday of the week it is at the academy."""
        return week_of(self.clock(), self.zone)
