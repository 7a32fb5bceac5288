from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gamification.domain.streaks import ActiveDays, Run, Streak

TODAY = date(2026, 3, 4)


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def active(*offsets: int) -> ActiveDays:
    days = ActiveDays()
    for offset in offsets:
        days.add(day(offset))
    return days


def test_who_never_did_anything_has_no_streak() -> None:
    assert ActiveDays().streak(TODAY) == Streak(0, 0, None)


@pytest.mark.parametrize(
    ("offsets", "current", "longest"),
    [
        ((0,), 1, 1),
        ((-2, -1, 0), 3, 3),
        ((-3, -2, -1), 3, 3),
        ((-4, -3, -2), 0, 3),
        ((-6, -5, -4, -3, -1, 0), 2, 4),
        ((1,), 1, 1),
        ((-1, 1), 1, 1),
        ((0, 1), 2, 2),
        ((7, 8), 0, 2),
        ((-1, 0, 1, 2, 3), 3, 5),
    ],
    ids=[
        "today alone",
        "up to today",
        "up to yesterday: today is not over",
        "a whole day was missed",
        "the longest is an older one",
        "tomorrow, after a flight westward",
        "yesterday before tomorrow",
        "today and tomorrow",
        "next week's meeting, marked ahead, keeps nothing alive",
        "days ahead of tomorrow do not count yet",
    ],
)
def test_a_streak_is_the_run_that_today_belongs_to_or_would_carry_on(
    offsets: tuple[int, ...], current: int, longest: int
) -> None:
    assert active(*offsets).streak(TODAY) == Streak(current, longest, day(max(offsets)))


def test_a_day_between_two_runs_joins_them() -> None:
    assert active(0, 2, 1).runs == (Run(day(0), day(2)),)


def test_a_day_taken_out_parts_a_run() -> None:
    days = active(0, 1, 2)
    days.remove(day(1))
    assert days.runs == (Run(day(0), day(0)), Run(day(2), day(2)))


def test_taking_out_a_day_that_was_not_active_changes_nothing() -> None:
    days = active(0, 2)
    days.remove(day(1))
    assert days == active(0, 2)


def naive_longest(days: set[int]) -> int:
    longest = length = 0
    for offset in range(min(days, default=0), max(days, default=0) + 1):
        length = length + 1 if offset in days else 0
        longest = max(longest, length)
    return longest


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(-12, 12))))
def test_runs_say_the_same_as_the_set_of_days(changes: list[tuple[bool, int]]) -> None:
    runs, days = ActiveDays(), set[int]()
    for adds, offset in changes:
        if adds:
            runs.add(day(offset))
            days.add(offset)
        else:
            runs.remove(day(offset))
            days.discard(offset)
    assert runs == active(*days)
    assert {day(offset) for offset in days} == {
        run.first + timedelta(days=i) for run in runs.runs for i in range(run.days)
    }
    streak = runs.streak(TODAY)
    assert streak.longest_days == naive_longest(days)
    assert streak.last_active_on == (day(max(days)) if days else None)
