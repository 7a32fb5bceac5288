"""Weeks and months close by the academy's clock, some time after their end."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.domain.calendar import day_of
from gamification.domain.periods import ClosingPeriod, Cycle, due

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)
WEEK = ClosingPeriod(Cycle.WEEK, MONDAY)

CYCLES = st.sampled_from(Cycle)
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "UTC",
            "Europe/Berlin",
            "Asia/Jakarta",
            "America/Havana",
            "America/Sao_Paulo",
            "Africa/Cairo",
            "Pacific/Kiritimati",
            "Australia/Lord_Howe",
        )
    ]
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(CYCLES, DAYS)
def test_every_day_is_in_exactly_one_week_and_one_month(cycle: Cycle, day: date) -> None:
    period = ClosingPeriod.of(cycle, day)
    assert period.starts_on <= day <= period.last_day
    assert ClosingPeriod.of(cycle, period.last_day) == period
    assert ClosingPeriod.of(cycle, period.last_day + timedelta(days=1)) == period.following


@given(CYCLES, DAYS, ZONES)
def test_a_period_ends_with_the_last_moment_of_its_last_day(cycle: Cycle, day: date, zone: ZoneInfo) -> None:
    period = ClosingPeriod.of(cycle, day)
    end = period.ends_at(zone)
    assert day_of(end, zone) == period.following.starts_on
    assert day_of(end - timedelta(microseconds=1), zone) == period.last_day


@pytest.mark.parametrize(
    ("cycle", "day", "zone", "ends_at"),
    [
        (Cycle.WEEK, "2026-03-23", "Europe/Berlin", "2026-03-29T22:00"),
        (Cycle.WEEK, "2026-03-16", "Europe/Berlin", "2026-03-22T23:00"),
        (Cycle.MONTH, "2026-12-31", "Asia/Jakarta", "2026-12-31T17:00"),
        (Cycle.MONTH, "2024-02-10", "UTC", "2024-03-01T00:00"),
        (Cycle.WEEK, "2019-02-11", "America/Havana", "2019-02-18T05:00"),
    ],
    ids=["in summer", "in winter", "over New Year", "of a leap year", "west"],
)
def test_the_end_of_a_period_in_utc(cycle: Cycle, day: str, zone: str, ends_at: str) -> None:
    assert ClosingPeriod.of(cycle, date.fromisoformat(day)).ends_at(ZoneInfo(zone)) == at(ends_at)


@pytest.mark.parametrize(
    ("now", "closes"),
    [("2026-03-08T23:59:59", False), ("2026-03-08T23:00:00", False), ("2026-03-09T00:00:00", True)],
    ids=["the grace is not over", "it is over on Sunday, in Greenwich", "it is over"],
)
def test_a_week_stays_open_for_a_while_after_its_end(now: str, closes: bool) -> None:
    found = list(due(WEEK, closed=(), now=at(now), zone=BERLIN))
    assert found == ([WEEK] if closes else [])


def test_periods_that_were_missed_are_due_oldest_first_and_never_again() -> None:
    now = at("2026-03-31T12:00")
    weeks = [period.starts_on for period in due(WEEK, closed=(), now=now, zone=BERLIN)]
    assert weeks == [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23)]
    left = due(WEEK, closed={date(2026, 3, 2), date(2026, 3, 16)}, now=now, zone=BERLIN)
    assert [period.starts_on for period in left] == [date(2026, 3, 9), date(2026, 3, 23)]


@given(CYCLES, DAYS, ZONES, st.integers(0, 100), st.integers(0, 7 * 24))
def test_whoever_looks_often_or_seldom_closes_the_same(
    cycle: Cycle, day: date, zone: ZoneInfo, days: int, grace_hours: int
) -> None:
    first, grace, closed = ClosingPeriod.of(cycle, day), timedelta(hours=grace_hours), list[date]()
    start, end = first.ends_at(zone), first.ends_at(zone) + timedelta(days=days)
    moment = start
    while moment <= end:
        for period in due(first, closed=closed, now=moment, zone=zone, grace=grace):
            assert period.closes_at(zone, grace) <= moment
            closed.append(period.starts_on)
        moment += timedelta(hours=12)
    late = [
        period.starts_on for period in due(first, closed=(), now=moment - timedelta(hours=12), zone=zone, grace=grace)
    ]
    assert closed == late == sorted(set(closed))


def test_a_period_has_the_same_id_for_everybody_and_shares_it_with_no_other() -> None:
    assert ClosingPeriod(Cycle.WEEK, date(2026, 3, 2)).id == WEEK.id
    june = [ClosingPeriod(cycle, date(2026, 6, 1)).id for cycle in Cycle]
    assert len({WEEK.id, WEEK.following.id, *june}) == 4
