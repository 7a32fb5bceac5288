"""When a class meets: wall time that stays put while the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from babyowl_chassis.testing import granted, refusal
from class_management.domain.errors import DateOutOfReach, FirstDateOffSchedule, TimeZoneUnknown
from class_management.domain.schedule import Schedule, Slot

from .school import BERLIN

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
ZONES = [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]


def weekly(
    first_date: date, local_time: time = time(16), zone: str = BERLIN, weekdays: tuple[int, ...] = ()
) -> Schedule:
    return granted(
        Schedule.weekly(
            time_zone=zone,
            first_date=first_date,
            local_time=local_time,
            weekdays=weekdays,
            duration=timedelta(hours=1),
            now=NOW,
        )
    )


def first(number: int, schedule: Schedule) -> list[Slot]:
    return list(islice(schedule.slots(), number))


def test_four_in_the_afternoon_stays_four_in_the_afternoon_when_summer_begins() -> None:
    meetings = first(2, weekly(date(2027, 3, 22)))
    assert [m.starts_at for m in meetings] == [
        datetime(2027, 3, 22, 15, tzinfo=UTC),
        datetime(2027, 3, 29, 14, tzinfo=UTC),
    ]
    assert {m.local_time for m in meetings} == {time(16)}


def test_and_when_it_ends() -> None:
    meetings = first(2, weekly(date(2027, 10, 25)))
    assert [m.starts_at.hour for m in meetings] == [14, 15]


def test_a_time_that_the_clocks_skip_is_moved_on_by_the_skipped_hour() -> None:
    [skipped] = first(1, weekly(date(2027, 3, 28), time(2, 30)))
    assert skipped.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert skipped.starts_at.astimezone(ZoneInfo(BERLIN)).time() == time(3, 30)


def test_of_a_time_that_the_clocks_show_twice_it_is_the_first() -> None:
    [twice] = first(1, weekly(date(2027, 10, 31), time(2, 30)))
    assert twice.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_meeting_lasts_as_long_as_planned_though_the_clocks_change_meanwhile() -> None:
    [overnight] = first(1, weekly(date(2027, 3, 28), time(1, 30)))
    assert overnight.ends_at - overnight.starts_at == timedelta(hours=1)


def test_a_class_may_meet_on_several_days_of_the_week() -> None:
    meetings = first(5, weekly(date(2027, 3, 3), weekdays=(5, 1, 3)))
    assert [m.local_date.isoformat() for m in meetings] == [
        "2027-03-03",
        "2027-03-05",
        "2027-03-08",
        "2027-03-10",
        "2027-03-12",
    ]


def test_the_first_date_falls_on_one_of_the_weekdays() -> None:
    outcome = Schedule.weekly(
        time_zone=BERLIN,
        first_date=date(2027, 3, 2),
        local_time=time(16),
        weekdays=(1, 3),
        duration=timedelta(hours=1),
        now=NOW,
    )
    assert refusal(outcome) == FirstDateOffSchedule(date(2027, 3, 2))


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "../../etc/passwd", "Europe", "europe/berlin", "posix/UTC", "localtime"]
)
def test_a_time_zone_is_one_of_the_iana_database(zone: str) -> None:
    outcome = Schedule.weekly(
        time_zone=zone,
        first_date=date(2027, 3, 1),
        local_time=time(16),
        duration=timedelta(hours=1),
        now=NOW,
    )
    assert refusal(outcome) == TimeZoneUnknown(zone)


@pytest.mark.parametrize(
    ("first_date", "within_reach"),
    [
        (date(2026, 12, 1), True),
        (date(2026, 11, 30), False),
        (date(2029, 2, 28), True),
        (date(2029, 3, 1), False),
        (date.min, False),
        (date.max, False),
    ],
)
def test_a_class_begins_at_most_ninety_days_ago_and_two_years_ahead(first_date: date, within_reach: bool) -> None:
    outcome = Schedule.weekly(
        time_zone=BERLIN, first_date=first_date, local_time=time(16), duration=timedelta(hours=1), now=NOW
    )
    if within_reach:
        granted(outcome)
    else:
        assert refusal(outcome) == DateOutOfReach(date(2026, 12, 1), date(2029, 2, 28))


def test_today_is_today_in_the_classs_own_zone() -> None:
    just_before_midnight = datetime(2027, 3, 1, 23, 30, tzinfo=UTC)
    outcome = Schedule.weekly(
        time_zone="Pacific/Auckland",
        first_date=date(2026, 12, 1),
        local_time=time(16),
        duration=timedelta(hours=1),
        now=just_before_midnight,
    )
    assert refusal(outcome) == DateOutOfReach(date(2026, 12, 2), date(2029, 3, 1))


@given(
    zone=st.sampled_from(ZONES),
    first_date=st.dates(date(2027, 1, 1), date(2028, 12, 1)),
    local_time=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    more_days=st.sets(st.integers(1, 7)),
    number=st.integers(1, 60),
)
def test_a_series_is_weekly_in_order_and_shows_its_wall_time(
    zone: str, first_date: date, local_time: time, more_days: set[int], number: int
) -> None:
    weekdays = {first_date.isoweekday(), *more_days}
    schedule = weekly(first_date, local_time, zone, tuple(weekdays))
    meetings = first(number, schedule)
    assert len(meetings) == number
    assert meetings[0].local_date == first_date
    for before, after in pairwise(meetings):
        assert before.starts_at < after.starts_at
        assert timedelta(0) < after.local_date - before.local_date <= timedelta(days=7)
    for meeting in meetings:
        assert meeting.local_date.isoweekday() in weekdays
        shown = meeting.starts_at.astimezone(ZoneInfo(zone))
        skipped = shown.replace(tzinfo=None) - datetime.combine(meeting.local_date, meeting.local_time)
        assert timedelta(0) <= skipped <= timedelta(hours=1)
