from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.domain.calendar import day_of, next_midnight, week_of, zone_or

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("utc", "zone", "day"),
    [
        ("2026-03-04T23:59:59", "UTC", date(2026, 3, 4)),
        ("2026-03-05T00:00:00", "UTC", date(2026, 3, 5)),
        ("2026-03-04T16:59:59", "Asia/Jakarta", date(2026, 3, 4)),
        ("2026-03-04T17:00:00", "Asia/Jakarta", date(2026, 3, 5)),
        ("2026-03-05T07:59:59", "America/Los_Angeles", date(2026, 3, 4)),
        ("2026-03-05T08:00:00", "America/Los_Angeles", date(2026, 3, 5)),
        ("2026-03-05T10:00:00", "Pacific/Kiritimati", date(2026, 3, 6)),
        ("2026-03-05T10:59:59", "Pacific/Niue", date(2026, 3, 4)),
    ],
)
def test_a_day_ends_at_midnight_where_the_learner_is(utc: str, zone: str, day: date) -> None:
    assert day_of(datetime.fromisoformat(utc).replace(tzinfo=UTC), ZoneInfo(zone)) == day


@pytest.mark.parametrize(
    ("utc", "zone", "day"),
    [
        ("2026-03-29T22:30:00", "Europe/Berlin", date(2026, 3, 30)),
        ("2026-03-28T22:30:00", "Europe/Berlin", date(2026, 3, 28)),
        ("2026-10-25T22:30:00", "Europe/Berlin", date(2026, 10, 25)),
        ("2026-10-24T22:30:00", "Europe/Berlin", date(2026, 10, 25)),
        ("2026-04-23T22:30:00", "Africa/Cairo", date(2026, 4, 24)),
        ("2026-04-23T21:59:59", "Africa/Cairo", date(2026, 4, 23)),
    ],
    ids=[
        "summer time has begun that day",
        "the evening before is still winter time",
        "winter time has begun that day",
        "the evening before is still summer time",
        "midnight itself is skipped: the day begins at one",
        "the last second before it",
    ],
)
def test_daylight_saving_moves_midnight_but_no_day_is_lost(utc: str, zone: str, day: date) -> None:
    assert day_of(datetime.fromisoformat(utc).replace(tzinfo=UTC), ZoneInfo(zone)) == day


@pytest.mark.parametrize(
    ("utc", "monday"),
    [
        ("2026-03-01T22:59:59", date(2026, 2, 23)),
        ("2026-03-01T23:00:00", date(2026, 3, 2)),
        ("2026-03-29T21:59:59", date(2026, 3, 23)),
        ("2026-03-29T22:00:00", date(2026, 3, 30)),
        ("2027-01-03T22:59:59", date(2026, 12, 28)),
    ],
    ids=["Sunday night", "Monday, in winter", "Sunday night, in summer", "Monday, in summer", "over New Year"],
)
def test_a_week_begins_on_monday_by_the_academys_clock(utc: str, monday: date) -> None:
    assert week_of(datetime.fromisoformat(utc).replace(tzinfo=UTC), BERLIN) == monday


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../etc/passwd"])
def test_who_lives_in_a_zone_unknown_here_lives_by_the_academys_clock(name: str | None) -> None:
    assert zone_or(name, BERLIN) is BERLIN


@pytest.mark.parametrize(
    ("utc", "zone", "midnight"),
    [
        ("2026-03-04T12:00", "UTC", "2026-03-05T00:00"),
        ("2026-03-04T23:59", "UTC", "2026-03-05T00:00"),
        ("2026-03-05T00:00", "UTC", "2026-03-06T00:00"),
        ("2026-03-04T17:00", "Asia/Jakarta", "2026-03-05T17:00"),
        ("2026-03-28T22:59", "Europe/Berlin", "2026-03-28T23:00"),
        ("2026-03-28T23:00", "Europe/Berlin", "2026-03-29T22:00"),
        ("2026-10-24T22:00", "Europe/Berlin", "2026-10-25T23:00"),
        ("2026-04-23T20:30", "Africa/Cairo", "2026-04-23T22:00"),
        ("2026-04-23T21:59", "Africa/Cairo", "2026-04-23T22:00"),
        ("2026-10-29T20:30", "Africa/Cairo", "2026-10-29T22:00"),
        ("2026-10-29T21:30", "Africa/Cairo", "2026-10-29T22:00"),
        ("2026-11-01T03:59", "America/Havana", "2026-11-01T04:00"),
        ("2026-11-01T04:30", "America/Havana", "2026-11-02T05:00"),
        ("2011-12-30T09:59", "Pacific/Apia", "2011-12-30T10:00"),
        ("2006-10-29T02:29", "America/St_Johns", "2006-10-29T02:30"),
        ("2006-10-29T02:31", "America/St_Johns", "2006-10-29T03:30"),
    ],
    ids=[
        "half a day ahead",
        "a minute ahead",
        "at midnight the next one is meant",
        "east",
        "the night in which summer time begins",
        "a day of 23 hours",
        "a day of 25 hours",
        "a midnight that is skipped: the hours before",
        "a midnight that is skipped: the minute before",
        "the clock goes back from midnight: the evening before",
        "the clock goes back from midnight: the hour that comes again",
        "the clock goes back to midnight: before the first one",
        "the clock goes back to midnight: the second one is the same day",
        "a day that is skipped",
        "a minute before the clock goes back past midnight",
        "after the clock went back past midnight",
    ],
)
def test_the_next_day_begins_at_the_next_midnight(utc: str, zone: str, midnight: str) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert next_midnight(at(utc), ZoneInfo(zone)) == at(midnight)


@given(
    st.integers(946_684_800, 2_051_222_400).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from(sorted(available_timezones())),
)
def test_the_next_midnight_is_ahead_and_begins_another_day(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    midnight = next_midnight(moment, zone)
    assert moment < midnight <= moment + timedelta(hours=26)
    assert day_of(midnight, zone) > day_of(moment, zone)
    assert day_of(midnight - timedelta(seconds=1), zone) <= day_of(moment, zone)
