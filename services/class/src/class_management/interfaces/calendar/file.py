"""A calendar as a file: iCalendar (RFC 5545, with the refresh interval of RFC 7986)."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vDuration, vText

from class_management.interfaces.calendar.zones import vtimezone
from class_management.queries.calendars import CalendarEntry

MEDIA_TYPE: Final = "text/calendar"
REFRESH_EVERY: Final = timedelta(hours=1)

LAYOUT: Final = 1
"""Raised whenever the same entries are written otherwise than before: it is part of the entity tag."""

_DOMAIN = "babyowl.academy"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """Entries, soonest first, under a title. The same ones always make the same bytes."""

    title: str
    entries: Sequence[CalendarEntry]

    @property
    def etag(self) -> str:
        """Changes whenever the content does; far cheaper to have than the content."""
        digest = sha256(repr((LAYOUT, self.title, *self.entries)).encode())
        for zone in self._zones():
            digest.update(zone.to_ical())
        return f'"{digest.hexdigest()[:32]}"'

    def content(self) -> bytes:
        """The file."""
        calendar = Calendar()
        # No METHOD: with one, DTSTAMP would have to tell when the file was made, and each file would be another.
        calendar.add("prodid", f"-//Baby Owl//Class {LAYOUT}//EN")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        for name in ("name", "x-wr-calname"):
            calendar.add(name, vText(_one_line(self.title)))
        calendar.add("refresh-interval", vDuration(REFRESH_EVERY), parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", vDuration(REFRESH_EVERY))
        for zone in self._zones():
            calendar.add_component(zone)
        for entry in self.entries:
            calendar.add_component(_event(entry))
        content: bytes = calendar.to_ical()
        return content

    def _zones(self) -> Iterable[Timezone]:
        years = [moment.year for entry in self.entries for moment in (entry.starts_at, entry.ends_at)]
        # A year on either side: the local year may be another than UTC's.
        for key in sorted({entry.time_zone for entry in self.entries} - {"UTC"}):
            yield vtimezone(key, min(years) - 1, max(years) + 1)


def _event(entry: CalendarEntry) -> Event:
    zone = ZoneInfo(entry.time_zone)
    event = Event()
    event.add("uid", f"{entry.meeting_id}@{_DOMAIN}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", _local(entry.starts_at, zone))
    event.add("dtend", _local(entry.ends_at, zone))
    event.add("summary", _summary(entry))
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")
    return event


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    # A wall time that comes twice should mean the first, but to libical and ical.js it is the second: say it in UTC.
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return moment if comes_twice else local


def _summary(entry: CalendarEntry) -> str:
    kind = "make-up in meeting" if entry.is_make_up else "meeting"
    return f"{_one_line(entry.class_name)}, {kind} {entry.number}"


def _one_line(text: str) -> str:
    printable = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    return " ".join("".join(printable).split())
