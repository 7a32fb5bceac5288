"""Calendars as files. What reads them here is never what wrote them."""

import io
import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import tzical
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event, EventStatus

from babyowl_chassis.ids import new_id
from class_management.domain.schedule import Schedule, Slot
from class_management.interfaces.calendar.file import LAYOUT, CalendarFile
from class_management.queries.calendars import CalendarEntry

MEETING_ID = UUID("0190a6e2-0000-7000-8000-000000000001")
HOUR = timedelta(hours=1)
CHANGED_AT = datetime(2027, 2, 1, 9, 30, 15, 123456, tzinfo=UTC)


def entry(starts_at: datetime = datetime(2027, 3, 1, 15, tzinfo=UTC), **changed: Any) -> CalendarEntry:
    """A meeting of an hour in Berlin; with changes."""
    values: dict[str, Any] = {
        "meeting_id": new_id(),
        "class_name": "Monday owls",
        "number": 1,
        "is_cancelled": False,
        "is_make_up": False,
        "time_zone": "Europe/Berlin",
        "starts_at": starts_at,
        "ends_at": starts_at + HOUR,
        "sequence": 0,
        "changed_at": CHANGED_AT,
    }
    return CalendarEntry(**values | changed)


def text_of(*entries: CalendarEntry, title: str = "My meetings") -> str:
    return CalendarFile(title, entries).content().decode()


def read(*entries: CalendarEntry) -> list[Event]:
    """The events, as a strict parser sees them."""
    return list(IcsCalendarStream.calendar_from_ics(text_of(*entries)).events)


def told(text: str) -> list[tuple[datetime, datetime]]:
    """The moments of a file's events, by the time zones that stand in the file and by nothing else."""
    unfolded = text.replace("\r\n ", "").replace("\r\n", "\n")
    zones = "".join(re.findall(r"BEGIN:VTIMEZONE\n.*?END:VTIMEZONE\n", unfolded, re.DOTALL))
    known = tzical(io.StringIO(f"BEGIN:VCALENDAR\n{zones}END:VCALENDAR\n")) if zones else None

    def moment(zone: str | None, wall: str, is_utc: bool) -> datetime:
        tzinfo = UTC if is_utc or known is None else known.get(zone)
        assert tzinfo is not None
        return datetime.strptime(wall, "%Y%m%dT%H%M%S").replace(tzinfo=tzinfo).astimezone(UTC)

    found = [
        {
            name: moment(zone or None, wall, bool(z))
            for name, zone, wall, z in re.findall(r"(DTSTART|DTEND)(?:;TZID=([^:\n]+))?:(\d{8}T\d{6})(Z?)", event)
        }
        for event in re.findall(r"BEGIN:VEVENT\n.*?END:VEVENT\n", unfolded, re.DOTALL)
    ]
    return [(each["DTSTART"], each["DTEND"]) for each in found]


def series(time_zone: str, first_date: date, local_time: time, meetings: int) -> list[Slot]:
    """When a class meets that meets weekly, an hour each."""
    schedule = Schedule(time_zone, first_date, local_time, (first_date.isoweekday(),), HOUR)
    return list(islice(schedule.slots(), meetings))


class TestTheFile:
    def test_it_is_written_like_this_and_otherwise_under_another_layout(self) -> None:
        """Whoever sees this fail raises LAYOUT: programs that hold the old form must not be told it is current."""
        assert LAYOUT == 1
        written = text_of(entry(meeting_id=MEETING_ID, class_name="Owls; small, brave", number=12, sequence=2))
        assert written.split("\r\n") == [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Baby Owl//Class 1//EN",
            "CALSCALE:GREGORIAN",
            "NAME:My meetings",
            "X-WR-CALNAME:My meetings",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
            "BEGIN:VTIMEZONE",
            "TZID:Europe/Berlin",
            "BEGIN:STANDARD",
            "DTSTART:20260101T010000",
            "TZNAME:CET",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0100",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:20260329T020000",
            "RDATE:20270328T020000",
            "RDATE:20280326T020000",
            "TZNAME:CEST",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0200",
            "END:DAYLIGHT",
            "BEGIN:STANDARD",
            "DTSTART:20261025T030000",
            "RDATE:20271031T030000",
            "RDATE:20281029T030000",
            "TZNAME:CET",
            "TZOFFSETFROM:+0200",
            "TZOFFSETTO:+0100",
            "END:STANDARD",
            "END:VTIMEZONE",
            "BEGIN:VEVENT",
            "SUMMARY:Owls\\; small\\, brave\\, meeting 12",
            "DTSTART;TZID=Europe/Berlin:20270301T160000",
            "DTEND;TZID=Europe/Berlin:20270301T170000",
            "DTSTAMP:20270201T093015Z",
            "UID:0190a6e2-0000-7000-8000-000000000001@babyowl.academy",
            "SEQUENCE:2",
            "LAST-MODIFIED:20270201T093015Z",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]

    def test_lines_are_folded_at_75_octets_between_characters(self) -> None:
        content = CalendarFile("🦉" * 60, [entry(class_name="Ünïcode 👩‍🏫 " * 20)]).content()
        lines = content.split(b"\r\n")
        assert b"\n" not in b"".join(lines)
        assert max(map(len, lines)) <= 75
        for line in lines:
            line.decode()  # no character is cut in two

    def test_a_calendar_without_meetings_is_one_too(self) -> None:
        calendar = IcsCalendarStream.calendar_from_ics(text_of())
        assert (calendar.events, calendar.timezones) == ([], [])


class TestEvents:
    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("Monday owls", "Monday owls"),
            ("Owls; small, brave \\ bold", "Owls; small, brave \\ bold"),
            ("Eulen 🦉 für Änne", "Eulen 🦉 für Änne"),
            ("Two\nlines\r\nand three", "Two lines and three"),
            ("A\x07bell\x85and\u2028others", "A bell and others"),
            ("END:VEVENT\r\nBEGIN:VEVENT", "END:VEVENT BEGIN:VEVENT"),
            ("\\n", "\\n"),
            ("owl " * 40, ("owl " * 40).strip()),
        ],
    )
    def test_a_class_may_have_any_name(self, name: str, shown: str) -> None:
        [event] = read(entry(class_name=name, number=3))
        assert event.summary == f"{shown}, meeting 3"

    def test_a_make_up_is_told_from_the_meetings_of_ones_own_class(self) -> None:
        [event] = read(entry(is_make_up=True))
        assert event.summary == "Monday owls, make-up in meeting 1"

    def test_a_cancelled_meeting_stays_as_cancelled_and_takes_no_time(self) -> None:
        planned, cancelled = read(entry(), entry(is_cancelled=True, sequence=1))
        assert (planned.status, planned.transparency) == (EventStatus.CONFIRMED, "OPAQUE")
        assert (cancelled.status, cancelled.transparency) == (EventStatus.CANCELLED, "TRANSPARENT")

    def test_a_moved_meeting_is_the_same_event_in_a_later_version(self) -> None:
        before = entry()
        after = entry(
            before.starts_at + timedelta(days=1),
            meeting_id=before.meeting_id,
            sequence=1,
            changed_at=CHANGED_AT + HOUR,
        )
        [old], [new] = read(before), read(after)
        assert old.uid == new.uid
        assert (old.sequence, new.sequence) == (0, 1)
        assert old.last_modified == old.dtstamp == CHANGED_AT.replace(microsecond=0)
        assert new.last_modified == new.dtstamp == CHANGED_AT.replace(microsecond=0) + HOUR


class TestTimes:
    @pytest.mark.parametrize(
        ("time_zone", "first_date", "local_time"),
        [
            ("Europe/Berlin", date(2027, 1, 4), time(16)),
            ("Europe/Berlin", date(2027, 1, 3), time(2, 30)),  # skipped on 28 March, shown twice on 31 October
            ("Europe/Berlin", date(2027, 1, 3), time(1, 30)),  # ends in what is skipped, and in what is shown twice
            ("America/New_York", date(2027, 1, 3), time(1, 45)),
            ("Africa/Casablanca", date(2027, 1, 3), time(2, 15)),  # the clocks are changed for Ramadan
            ("Australia/Lord_Howe", date(2027, 1, 3), time(2, 15)),  # by half an hour
            ("Africa/Cairo", date(2027, 1, 1), time(0)),  # at midnight
            ("Europe/Dublin", date(2027, 1, 3), time(1, 30)),
            ("Asia/Kolkata", date(2027, 1, 3), time(18)),
            ("Pacific/Kiritimati", date(2027, 1, 3), time(0, 30)),
            ("UTC", date(2027, 1, 3), time(9)),
            ("Etc/UTC", date(2027, 1, 3), time(9)),
        ],
    )
    def test_a_year_of_meetings_is_at_its_moments_whatever_the_clocks_do(
        self, time_zone: str, first_date: date, local_time: time
    ) -> None:
        meetings = series(time_zone, first_date, local_time, 53)
        written = text_of(*[entry(m.starts_at, ends_at=m.ends_at, time_zone=time_zone) for m in meetings])
        assert told(written) == [(m.starts_at, m.ends_at) for m in meetings]
        parsed = IcsCalendarStream.calendar_from_ics(written).events
        assert [(e.dtstart, e.dtend) for e in parsed] == [(m.starts_at, m.ends_at) for m in meetings]

    def test_wall_times_are_told_with_their_zone_for_a_calendar_that_is_printed(self) -> None:
        winter, summer = series("Europe/Berlin", date(2027, 3, 22), time(16), 2)
        written = text_of(*[entry(m.starts_at, ends_at=m.ends_at) for m in (winter, summer)])
        assert "DTSTART;TZID=Europe/Berlin:20270322T160000" in written
        assert "DTSTART;TZID=Europe/Berlin:20270329T160000" in written

    def test_the_zones_in_the_file_are_right_around_every_change_of_the_clocks_on_earth(self) -> None:
        # Of the zones whose clocks show the same in these years, one.
        zones = {clocks(key): key for key in sorted(available_timezones() - {"localtime", "Factory"}, reverse=True)}
        assert len(zones) > 60
        entries = [
            entry(moment + timedelta(minutes=minutes), time_zone=key)
            for shown, key in zones.items()
            for moment, _ in shown
            for minutes in (-90, -60, -30, 0, 30, 60, 90)
        ]
        assert told(text_of(*entries)) == [(each.starts_at, each.ends_at) for each in entries]

    def test_every_zone_of_a_persons_calendar_is_described_once(self) -> None:
        zones = ["Europe/Berlin", "Asia/Tokyo", "Europe/Berlin"]
        written = text_of(*[entry(time_zone=zone) for zone in zones])
        assert re.findall(r"TZID:(\S+)", written) == ["Asia/Tokyo", "Europe/Berlin"]


def clocks(key: str) -> tuple[tuple[datetime, timedelta | None], ...]:
    """What the clocks of the zone show in winter, in summer, and whenever they are changed in 2027 and 2028."""
    moments = (datetime(2027, 1, 15, tzinfo=UTC), datetime(2027, 7, 15, tzinfo=UTC), *changes(key))
    return tuple((moment, moment.astimezone(ZoneInfo(key)).utcoffset()) for moment in moments)


def changes(key: str) -> list[datetime]:
    """When the clocks of the zone are changed in 2027 and 2028, to the half hour."""
    zone, start = ZoneInfo(key), datetime(2027, 1, 1, tzinfo=UTC)

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(zone).utcoffset()

    days = [start + timedelta(days=number) for number in range(731)]
    halves = [
        day + number * HOUR / 2
        for day, following in pairwise(days)
        if offset(day) != offset(following)
        for number in range(48)
    ]
    return [half + HOUR / 2 for half in halves if offset(half) != offset(half + HOUR / 2)]


class TestEtag:
    def test_the_same_entries_have_the_same_tag_and_the_same_bytes(self) -> None:
        one = entry()
        first, second = CalendarFile("Owls", [one]), CalendarFile("Owls", [one])
        assert (first.etag, first.content()) == (second.etag, second.content())

    @pytest.mark.parametrize(
        "changed",
        [
            {"class_name": "Tuesday owls"},
            {"number": 2},
            {"is_cancelled": True},
            {"is_make_up": True},
            {"time_zone": "Europe/Paris"},
            {"starts_at": datetime(2027, 3, 1, 14, tzinfo=UTC)},
            {"ends_at": datetime(2027, 3, 1, 17, tzinfo=UTC)},
            {"sequence": 1},
            {"changed_at": CHANGED_AT + HOUR},
            {"meeting_id": new_id()},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_whatever_changes_in_an_entry_changes_the_tag(self, changed: dict[str, Any]) -> None:
        before = entry(meeting_id=MEETING_ID)
        after = entry(**{"meeting_id": MEETING_ID} | changed)
        assert CalendarFile("Owls", [before]).etag != CalendarFile("Owls", [after]).etag

    def test_so_does_the_title_and_an_entry_more(self) -> None:
        one = entry()
        tags = {
            CalendarFile("Owls", [one]).etag,
            CalendarFile("Kiwis", [one]).etag,
            CalendarFile("Owls", [one, entry()]).etag,
            CalendarFile("Owls", []).etag,
        }
        assert len(tags) == 4
