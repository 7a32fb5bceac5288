"""When a class meets: wall time in a time zone, and the moments that follow from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from babyowl_kernel import Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.errors import FirstDateOffSchedule, ScheduleRefused, TimeZoneUnknown
from class_management.domain.values import ClassId, MeetingId, MeetingStatus, UserId

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time to meet in.

    The local date and time are what was agreed on; the moments (UTC) are derived from them and the zone.
    """

    local_date: date
    local_time: time
    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Slot") -> bool:
        """Whether one begins before the other has ended; one after the other is fine."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Engagement:
    """A meeting that an instructor teaches, as seen from another class."""

    instructor_id: UserId
    class_id: ClassId
    meeting_id: MeetingId
    starts_at: datetime


Assignment: TypeAlias = tuple[UserId, Slot]
"""An instructor who is wanted for some time."""


@dataclass(frozen=True, slots=True)
class Meeting(Slot):
    """One meeting of a class. `number` counts from 1 and stays, whatever becomes of the meetings around it.

    `instructor_id` teaches it: the instructor of the class, or the substitute. `sequence` counts its changes, as
    calendars want it; `changed_at` is when it came about or changed last.
    """

    id: MeetingId
    number: int
    instructor_id: UserId
    changed_at: datetime
    status: MeetingStatus = "planned"
    sequence: int = 0
    substitute_id: UserId | None = None
    cancel_reason: str | None = None

    @classmethod
    def at(cls, slot: Slot, *, number: int, instructor_id: UserId, now: datetime, new_id: NewId) -> "Meeting":
        """A meeting that is planned for then."""
        return cls(
            slot.local_date,
            slot.local_time,
            slot.starts_at,
            slot.ends_at,
            id=new_id(),
            number=number,
            instructor_id=instructor_id,
            changed_at=now,
        )


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Spans of local dates, first and last included, on which nobody meets."""

    spans: tuple[tuple[date, date], ...] = ()

    def __contains__(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.spans)


ALWAYS_OPEN: Final = ClosedDays()


@dataclass(frozen=True, slots=True)
class Schedule:
    """A weekly rhythm: on these ISO weekdays (1 Monday to 7 Sunday), at this local time, from this date on."""

    time_zone: str
    first_date: date
    local_time: time
    weekdays: tuple[int, ...]
    duration: timedelta

    @classmethod
    def weekly(
        cls,
        *,
        time_zone: str,
        first_date: date,
        local_time: time,
        weekdays: tuple[int, ...] = (),
        duration: timedelta,
        now: datetime,
    ) -> Result["Schedule", ScheduleRefused]:
        """Plan a rhythm; without weekdays, the weekday of the first date."""
        if time_zone not in _known_time_zones():
            return Err(TimeZoneUnknown(time_zone))
        today = now.astimezone(ZoneInfo(time_zone)).date()
        if out_of_reach := policies.date_is_within_reach(first_date, today=today):
            return Err(out_of_reach)
        days = tuple(sorted(set(weekdays))) or (first_date.isoweekday(),)
        if first_date.isoweekday() not in days:
            return Err(FirstDateOffSchedule(first_date))
        if impossible := policies.duration_is_possible(duration):
            return Err(impossible)
        return Ok(cls(time_zone, first_date, local_time, days, duration))

    @property
    def zone(self) -> ZoneInfo:
        """The IANA zone that the wall times are kept in."""
        return ZoneInfo(self.time_zone)

    def slots(self, *, after: date | None = None, closed: ClosedDays = ALWAYS_OPEN) -> Iterator[Slot]:
        """The slots of the rhythm, from its first date on or only those `after` a date, none on a closed day.

        There is no end to them; each keeps its wall time across changes of the clocks.
        """
        for day in self._dates(self.first_date if after is None else max(self.first_date, after + _DAY)):
            if day not in closed:
                yield self.slot_on(day)

    def slot_on(self, day: date, *, local_time: time | None = None, duration: timedelta | None = None) -> Slot:
        """A slot on a local date, at the usual time and length unless told otherwise.

        A time that the clocks skip that day is moved on by the skipped hour; of a time that they show
        twice it is the first.
        """
        at = local_time or self.local_time
        starts_at = datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)
        return Slot(day, at, starts_at, starts_at + (duration or self.duration))

    def _dates(self, first: date) -> Iterator[date]:
        days = (first + n * _DAY for n in range((date.max - first).days))
        return (day for day in days if day.isoweekday() in self.weekdays)


@cache
def _known_time_zones() -> frozenset[str]:
    # These three mean whatever the machine is set to.
    return frozenset(available_timezones() - {"localtime", "Factory", "posixrules"})
