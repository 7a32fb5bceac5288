from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gamification.domain.zones import BEFORE_ALL_MOVES, ZoneChange, ZoneHistory

GREENWICH = ZoneInfo("UTC")
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Niue", "America/Sao_Paulo", "Africa/Cairo"]


def lived(*moves: tuple[int, str]) -> ZoneHistory:
    """Moves as hours after the first of March, and where to."""
    return ZoneHistory((ZoneChange(MARCH + timedelta(hours=hours), zone) for hours, zone in moves), GREENWICH)


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        (-1000, "Asia/Jakarta"),
        (0, "Asia/Jakarta"),
        (47, "Asia/Jakarta"),
        (48, "Europe/Berlin"),
        (9999, "Europe/Berlin"),
    ],
    ids=["before the first known move", "at it", "just before the next", "at the next", "ever after"],
)
def test_a_moment_belongs_to_the_zone_of_the_latest_move_before_it(hours: int, zone: str) -> None:
    history = lived((48, "Europe/Berlin"), (0, "Asia/Jakarta"))
    assert history.at(MARCH + timedelta(hours=hours)) == ZoneInfo(zone)


def test_who_was_never_heard_of_and_who_lives_nowhere_known_live_by_the_academys_clock() -> None:
    assert lived().at(MARCH) is GREENWICH
    assert lived((0, "Mars/Olympus")).at(MARCH) is GREENWICH


@pytest.mark.parametrize(
    ("moves", "news", "since"),
    [
        ([], (0, "UTC"), None),
        ([], (50, "Asia/Jakarta"), BEFORE_ALL_MOVES),
        ([(0, "Asia/Jakarta")], (50, "Asia/Jakarta"), None),
        ([(0, "Asia/Jakarta")], (-50, "Asia/Jakarta"), None),
        ([(0, "Asia/Jakarta")], (-50, "Europe/Berlin"), BEFORE_ALL_MOVES),
        ([(0, "Asia/Jakarta")], (50, "Europe/Berlin"), MARCH + timedelta(hours=50)),
        ([(0, "Asia/Jakarta"), (50, "Europe/Berlin")], (90, "Europe/Berlin"), None),
        ([(0, "Asia/Jakarta"), (50, "Europe/Berlin")], (20, "Europe/Berlin"), MARCH + timedelta(hours=20)),
        ([(0, "Asia/Jakarta")], (50, "Mars/Olympus"), MARCH + timedelta(hours=50)),
    ],
)
def test_where_a_learner_lived_is_other_than_was_known_from_some_moment_on(
    moves: list[tuple[int, str]], news: tuple[int, str], since: datetime | None
) -> None:
    assert lived(*moves, news).differs_since(lived(*moves)) == since


def test_a_day_begins_at_midnight_where_the_learner_is() -> None:
    assert lived((0, "Asia/Jakarta")).begins(date(2026, 3, 4)) == datetime(2026, 3, 3, 17, tzinfo=UTC)


def test_a_day_that_has_no_midnight_begins_when_the_clocks_go_on() -> None:
    """In Cairo, on the 24th of April, one o'clock follows the last second of the day before."""
    assert lived((0, "Africa/Cairo")).begins(date(2026, 4, 24)) == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_a_day_that_is_skipped_by_flying_eastward_begins_on_arrival() -> None:
    history = lived((0, "Pacific/Niue"), (60, "Pacific/Kiritimati"))
    arrival = MARCH + timedelta(hours=60)
    assert (history.day_of(arrival - timedelta(seconds=1)), history.day_of(arrival)) == (
        date(2026, 3, 3),
        date(2026, 3, 4),
    )
    assert history.begins(date(2026, 3, 4)) == arrival


def test_a_day_that_comes_twice_begins_the_first_time() -> None:
    history = lived((0, "Pacific/Kiritimati"), (36, "Pacific/Niue"))
    assert history.begins(date(2026, 3, 3)) == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_the_latest_day_that_has_begun_does_not_end_by_flying_westward() -> None:
    history = lived((0, "Pacific/Kiritimati"), (36, "Pacific/Niue"))
    assert history.latest_begun(MARCH + timedelta(hours=33)) == date(2026, 3, 2)
    for hours in (34, 36, 58):
        assert history.latest_begun(MARCH + timedelta(hours=hours)) == date(2026, 3, 3)
    assert history.day_of(MARCH + timedelta(hours=36)) == date(2026, 3, 2)
    assert history.latest_begun(MARCH + timedelta(hours=36 + 47)) == date(2026, 3, 4)


def test_who_moves_on_within_a_day_goes_on_by_the_clock_of_the_place_before() -> None:
    history = lived((0, "UTC"), (100, "Pacific/Niue"), (101, "UTC"), (102, "Pacific/Kiritimati"))
    assert [history.at(MARCH + timedelta(hours=hours)).key for hours in (99, 100, 102, 123, 124)] == [
        "UTC",
        "Pacific/Niue",
        "Pacific/Niue",
        "Pacific/Niue",
        "Pacific/Kiritimati",
    ]


def test_who_is_back_within_a_day_has_not_moved() -> None:
    history = lived((0, "UTC"), (100, "Pacific/Niue"), (101, "Africa/Cairo"), (102, "Pacific/Niue"))
    assert history.at(MARCH + timedelta(hours=1000)).key == "Pacific/Niue"


def test_a_profile_that_changes_in_the_same_zone_is_no_move() -> None:
    history = lived((0, "UTC"), (100, "UTC"), (101, "Africa/Cairo"))
    assert history.at(MARCH + timedelta(hours=101)).key == "Africa/Cairo"


@given(
    st.lists(st.tuples(st.integers(0, 24 * 9), st.sampled_from(NAMES)), max_size=9, unique_by=lambda move: move[0])
)
def test_there_is_a_day_at_least_between_two_moves(moves: list[tuple[int, str]]) -> None:
    history = lived(*moves)
    zones = [history.at(MARCH + timedelta(hours=hours)).key for hours in range(24 * 12)]
    moved = [hour for hour in range(1, len(zones)) if zones[hour] != zones[hour - 1]]
    assert all(later - earlier >= 24 for earlier, later in pairwise(moved))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 24 * 90), st.sampled_from(NAMES)), max_size=6, unique_by=lambda move: move[0]),
    st.integers(-10, 110),
)
def test_it_is_never_that_day_before_it_begins(moves: list[tuple[int, str]], offset: int) -> None:
    history = lived(*moves)
    day = date(2026, 3, 1) + timedelta(days=offset)
    begins = history.begins(day)
    assert history.day_of(begins) >= day
    for before in range(1, 24 * 8):
        assert history.day_of(begins - timedelta(hours=before, seconds=-3599)) < day


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 24 * 90), st.sampled_from(NAMES)), max_size=6, unique_by=lambda move: move[0]),
    st.integers(-240, 24 * 100),
)
def test_of_all_days_the_latest_that_has_begun_is_the_one_that_is_under_way(
    moves: list[tuple[int, str]], hours: int
) -> None:
    history, moment = lived(*moves), MARCH + timedelta(hours=hours)
    day = history.latest_begun(moment)
    assert history.begins(day) <= moment < history.begins(day + timedelta(days=1))
