"""Streaks: for how many days, and for how many weeks, a learner has kept at it.

Everything here is a pure function of the active days and the holidays. A streak is folded over the days in
their order; what the fold knows after a day is all it needs to go on.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from gamification.domain.calendar import day_of, monday_of

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(weeks=1)
DAYS_PER_FREEZE = 7
"""Every so many days of one run earn a freeze."""
MOST_FREEZES = 2
"""More than these are not held at once."""


@dataclass(frozen=True, slots=True)
class Streak:
    """What a learner is shown on a day; days are those of the learner's own zone.

    `frozen_on` are the days the running streak survived by a freeze: in the gap that is open now, or else in
    the one before the last active day.
    """

    current_days: int
    longest_days: int
    last_active_on: date | None
    current_weeks: int = 0
    longest_weeks: int = 0
    freezes: int = 0
    frozen_on: tuple[date, ...] = ()


class Outlook(StrEnum):
    """What becomes of a streak if nothing more is done before the day, or the week, is over."""

    UNCHANGED = "unchanged"
    FREEZE_SPENT = "freeze_spent"
    ENDED = "ended"


class Holidays:
    """The days on which the academy is closed, so that nobody is expected to do anything."""

    __slots__ = ("_firsts", "_lasts")

    def __init__(self, ranges: Iterable[tuple[date, date]] = ()) -> None:
        """Take the first and the last date of each holiday; they may overlap."""
        joined: list[tuple[date, date]] = []
        for first, last in sorted(ranges):
            if joined and first <= joined[-1][1] + ONE_DAY:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        self._firsts = [first for first, _ in joined]
        self._lasts = [last for _, last in joined]

    def covers(self, day: date) -> bool:
        """Whether the academy is closed on that day."""
        return self.touches(day, day)

    def touches(self, first: date, last: date) -> bool:
        """Whether the academy is closed on any of these days, both ends included."""
        before = bisect_right(self._firsts, last)
        return before > 0 and self._lasts[before - 1] >= first


@dataclass(frozen=True, slots=True)
class ActiveDay:
    """A day on which a learner did something: its date where they were, and when and where it began and ended.

    Zones are IANA names, those in which the learner lived at the first and at the last deed of the day.
    """

    day: date
    first_at: datetime
    last_at: datetime
    first_zone: str
    last_zone: str

    def still_seen(self, earlier: "ActiveDay") -> "ActiveDay":
        """The day, ending with the last thing done on it or on an earlier one: who flies west may go back a date."""
        if earlier.last_at <= self.last_at:
            return self
        return replace(self, last_at=earlier.last_at, last_zone=earlier.last_zone)

    def as_json(self) -> dict[str, Any]:
        """The day in what JSON can hold."""
        return {
            "day": self.day.isoformat(),
            "first_at": self.first_at.isoformat(),
            "last_at": self.last_at.isoformat(),
            "first_zone": self.first_zone,
            "last_zone": self.last_zone,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ActiveDay":
        """The day that `as_json` told."""
        return cls(
            day=date.fromisoformat(value["day"]),
            first_at=datetime.fromisoformat(value["first_at"]),
            last_at=datetime.fromisoformat(value["last_at"]),
            first_zone=value["first_zone"],
            last_zone=value["last_zone"],
        )


@dataclass(frozen=True, slots=True)
class Streaks:
    """How the streaks stand after a learner's last active day.

    A day that is missed, and is no holiday, spends a freeze if one is held; without one the run ends. Freezes
    are for days alone: a run of weeks ends with a week that has neither an active day nor a holiday.
    """

    days: int
    longest_days: int
    freezes: int
    last: ActiveDay | None
    weeks: int
    longest_weeks: int
    frozen_on: tuple[date, ...]
    """The days that spent a freeze between the last active day and the one before it, though it were in vain."""

    @classmethod
    def none(cls) -> "Streaks":
        """How they stand before the first active day."""
        return cls(days=0, longest_days=0, freezes=0, last=None, weeks=0, longest_weeks=0, frozen_on=())

    def after(self, day: ActiveDay, holidays: Holidays) -> "Streaks":
        """How they stand after the next active day, which is later than the last one."""
        if self.last is None:
            return Streaks(days=1, longest_days=1, freezes=0, last=day, weeks=1, longest_weeks=1, frozen_on=())
        gaps = _gaps_between(self.last, day.day, day.first_at, day.first_zone)
        missed = _missed_days(gaps, holidays)
        freezes = max(0, self.freezes - len(missed))
        days = 1 if len(missed) > self.freezes else self.days + 1
        if days % DAYS_PER_FREEZE == 0:
            freezes = min(MOST_FREEZES, freezes + 1)
        if monday_of(day.day) == monday_of(self.last.day):
            weeks = self.weeks
        else:
            weeks = 1 if _misses_a_week(gaps, holidays) else self.weeks + 1
        return Streaks(
            days=days,
            longest_days=max(self.longest_days, days),
            freezes=freezes,
            last=day.still_seen(self.last),
            weeks=weeks,
            longest_weeks=max(self.longest_weeks, weeks),
            frozen_on=tuple(missed[: self.freezes]),
        )

    def as_of(
        self, today: date, holidays: Holidays, *, now: datetime | None = None, zone: str | None = None
    ) -> Streak:
        """What the learner is shown on a day of their own, before anything else is done on it.

        Today can still become active, and so it is not missed. With the moment and the zone it also holds,
        while under way, what a deed at this very moment would carry on.
        """
        if self.last is None:
            return Streak(0, 0, None)
        gaps = _gaps_between(self.last, today, now, zone)
        missed = _missed_days(gaps, holidays)
        holds = len(missed) <= self.freezes
        frozen = tuple(missed) or (self.frozen_on if self.days > 1 else ())
        return Streak(
            current_days=self.days if holds else 0,
            longest_days=self.longest_days,
            last_active_on=self.last.day,
            current_weeks=0 if _misses_a_week(gaps, holidays) else self.weeks,
            longest_weeks=self.longest_weeks,
            freezes=max(0, self.freezes - len(missed)),
            frozen_on=frozen if holds else (),
        )

    def spent_since(
        self, today: date, holidays: Holidays, *, now: datetime | None = None, zone: str | None = None
    ) -> tuple[date, ...]:
        """The days since the last active one that spent a freeze, though it were in vain."""
        if self.last is None:
            return ()
        return tuple(_missed_days(_gaps_between(self.last, today, now, zone), holidays)[: self.freezes])

    def outlook_tonight(
        self, today: date, holidays: Holidays, *, now: datetime | None = None, zone: str | None = None
    ) -> Outlook:
        """What becomes of the run of days at midnight; a run that has ended, and today's once kept, stay."""
        tonight = self.as_of(today, holidays, now=now, zone=zone)
        tomorrow = self._as_of_later(today + ONE_DAY, holidays, zone)
        if tomorrow.current_days < tonight.current_days:
            return Outlook.ENDED
        return Outlook.UNCHANGED if tomorrow.freezes == tonight.freezes else Outlook.FREEZE_SPENT

    def outlook_this_week(
        self, today: date, holidays: Holidays, *, now: datetime | None = None, zone: str | None = None
    ) -> Outlook:
        """What becomes of the run of weeks when Sunday is over."""
        this_week = self.as_of(today, holidays, now=now, zone=zone)
        next_week = self._as_of_later(monday_of(today) + ONE_WEEK, holidays, zone)
        return Outlook.ENDED if next_week.current_weeks < this_week.current_weeks else Outlook.UNCHANGED

    def _as_of_later(self, day: date, holidays: Holidays, zone: str | None) -> Streak:
        begins = None if zone is None else datetime.combine(day, time(0), ZoneInfo(zone))
        return self.as_of(day, holidays, now=begins, zone=zone)

    def as_json(self) -> dict[str, Any]:
        """The streaks in what JSON can hold."""
        return {
            "days": self.days,
            "longest_days": self.longest_days,
            "freezes": self.freezes,
            "last": None if self.last is None else self.last.as_json(),
            "weeks": self.weeks,
            "longest_weeks": self.longest_weeks,
            "frozen_on": [day.isoformat() for day in self.frozen_on],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Streaks":
        """The streaks that `as_json` told."""
        return cls(
            days=value["days"],
            longest_days=value["longest_days"],
            freezes=value["freezes"],
            last=None if value["last"] is None else ActiveDay.from_json(value["last"]),
            weeks=value["weeks"],
            longest_weeks=value["longest_weeks"],
            frozen_on=tuple(date.fromisoformat(day) for day in value["frozen_on"]),
        )


@dataclass(frozen=True, slots=True)
class _Gap:
    """The dates from one active day to the next, as a calendar on one wall has them."""

    after: date
    before: date

    def days(self) -> Iterator[date]:
        day = self.after + ONE_DAY
        while day < self.before:
            yield day
            day += ONE_DAY

    def weeks(self) -> Iterator[date]:
        week = monday_of(self.after) + ONE_WEEK
        while week < monday_of(self.before):
            yield week
            week += ONE_WEEK


def _gaps_between(last: ActiveDay, day: date, at: datetime | None, zone: str | None) -> list[_Gap]:
    """What lies between two days for who goes by one calendar all the time: by the old zone's, by the new one's.

    Who travels loses or doubles a date without having missed anything, and so does who attends a class whose
    date is not their own. The smallest gap is right; none has dates that the days themselves leave no room for.
    """
    if at is None or zone is None:
        return [_Gap(last.day, day)]
    calendars = [ZoneInfo(name) for name in dict.fromkeys((last.last_zone, zone))]
    return [_Gap(max(last.day, day_of(last.last_at, each)), min(day, day_of(at, each))) for each in calendars]


def _missed_days(gaps: list[_Gap], holidays: Holidays) -> list[date]:
    """The days that were missed, no more than it takes to end any run."""
    enough = MOST_FREEZES + 1
    return min(
        (list(islice((day for day in gap.days() if not holidays.covers(day)), enough)) for gap in gaps), key=len
    )


def _misses_a_week(gaps: list[_Gap], holidays: Holidays) -> bool:
    return all(any(not holidays.touches(week, week + ONE_WEEK - ONE_DAY) for week in gap.weeks()) for gap in gaps)
