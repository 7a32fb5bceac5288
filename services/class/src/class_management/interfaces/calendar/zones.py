"""Time zones as iCalendar wants them: each change of the clocks within the years that a calendar covers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_STEP = timedelta(days=1)
_PRECISION = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, order=True)
class _Clock:
    """How the clocks of a zone stand."""

    offset: timedelta
    name: str
    is_daylight: bool

    @classmethod
    def at(cls, zone: ZoneInfo, moment: datetime) -> "_Clock":
        local = moment.astimezone(zone)
        return cls(local.utcoffset() or timedelta(), local.tzname() or zone.key, bool(local.dst()))


@dataclass(frozen=True, slots=True)
class _Change:
    """From `at` (UTC) on the clocks stand otherwise."""

    at: datetime
    before: _Clock
    after: _Clock

    @property
    def onset(self) -> datetime:
        """What the clocks showed at that moment, before they were changed: so RFC 5545 names it."""
        return (self.at + self.before.offset).replace(tzinfo=None)

    @property
    def kind(self) -> tuple[_Clock, _Clock]:
        return self.before, self.after


@lru_cache(maxsize=256)
def vtimezone(key: str, first_year: int, last_year: int) -> Timezone:
    """The zone from the beginning of the first year to the end of the last (UTC).

    Made here, as the library's own `Timezone.from_tzinfo` lets a summer time begin an hour late: it notes the
    wall time after the change, where RFC 5545 asks for the one before it.
    """
    zone = ZoneInfo(key)
    first = datetime(first_year, 1, 1, tzinfo=UTC)
    component = Timezone()
    component.add("tzid", key)
    at_first = _Clock.at(zone, first)
    component.add_component(_observance([_Change(first, at_first, at_first)]))
    changes = sorted(_changes(zone, first, datetime(last_year + 1, 1, 1, tzinfo=UTC)), key=lambda change: change.kind)
    for _, alike in groupby(changes, key=lambda change: change.kind):
        component.add_component(_observance(list(alike)))
    return component


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[_Change]:
    moment, clock = first, _Clock.at(zone, first)
    while moment < last:
        following = moment + _STEP
        if _Clock.at(zone, following) != clock:
            following = _first_moment_after_change(zone, moment, following)
            yield _Change(following, clock, _Clock.at(zone, following))
            clock = _Clock.at(zone, following)
        moment = following


def _first_moment_after_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    clock = _Clock.at(zone, before)
    while after - before > _PRECISION:
        middle = before + (after - before) // _PRECISION // 2 * _PRECISION
        if _Clock.at(zone, middle) == clock:
            before = middle
        else:
            after = middle
    return after


def _observance(changes: list[_Change]) -> TimezoneStandard | TimezoneDaylight:
    """Changes of one kind, oldest first."""
    before, after = changes[0].kind
    onset, *later = [change.onset for change in changes]
    observance = TimezoneDaylight() if after.is_daylight else TimezoneStandard()
    observance.add("dtstart", onset)
    for each in later:  # a line each: of several on one line ical.js reads the first
        observance.add("rdate", [each])
    observance.add("tzoffsetfrom", before.offset)
    observance.add("tzoffsetto", after.offset)
    observance.add("tzname", after.name)
    return observance
