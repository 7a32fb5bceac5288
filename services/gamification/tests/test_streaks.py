"""Streaks are a pure function of the active days and the holidays."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gamification.domain.calendar import day_of, monday_of
from gamification.domain.streaks import ActiveDay, Holidays, Outlook, Streak, Streaks

TODAY = date(2026, 3, 4)
NO_HOLIDAYS = Holidays()


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def at_noon(offset: int, zone: str = "UTC") -> ActiveDay:
    noon = datetime.combine(day(offset), time(12), ZoneInfo(zone)).astimezone(UTC)
    return ActiveDay(day(offset), noon, noon, zone, zone)


def in_zones(*deeds: tuple[str, str]) -> list[ActiveDay]:
    """Days of one deed each: when by the clock on the wall, and in which zone."""
    found = []
    for wall, zone in deeds:
        moment = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))
        found.append(ActiveDay(moment.date(), moment.astimezone(UTC), moment.astimezone(UTC), zone, zone))
    return found


def folded(days: Iterable[ActiveDay], holidays: Holidays = NO_HOLIDAYS) -> Streaks:
    streaks = Streaks.none()
    for each in days:
        streaks = streaks.after(each, holidays)
    return streaks


def after(*offsets: int, holidays: Holidays = NO_HOLIDAYS) -> Streaks:
    return folded((at_noon(offset) for offset in offsets), holidays)


def off(*ranges: tuple[int, int]) -> Holidays:
    return Holidays((day(first), day(last)) for first, last in ranges)


def test_who_never_did_anything_has_no_streak() -> None:
    assert Streaks.none().as_of(TODAY, NO_HOLIDAYS) == Streak(0, 0, None)


@pytest.mark.parametrize(
    ("offsets", "current", "longest"),
    [
        ((0,), 1, 1),
        ((-2, -1, 0), 3, 3),
        ((-3, -2, -1), 3, 3),
        ((-4, -3, -2), 0, 3),
        ((-6, -5, -4, -3, -1, 0), 2, 4),
        ((1,), 1, 1),
        ((0, 1), 2, 2),
    ],
    ids=[
        "today alone",
        "up to today",
        "up to yesterday: today is not over",
        "a whole day was missed",
        "the longest is an older one",
        "tomorrow, after a flight westward",
        "today and tomorrow",
    ],
)
def test_a_streak_is_the_run_that_today_belongs_to_or_would_carry_on(
    offsets: tuple[int, ...], current: int, longest: int
) -> None:
    shown = after(*offsets).as_of(TODAY, NO_HOLIDAYS)
    assert (shown.current_days, shown.longest_days) == (current, longest)
    assert shown.last_active_on == day(max(offsets))


def test_every_seventh_day_of_a_run_earns_a_freeze_but_no_more_than_two_are_held() -> None:
    held = [after(*range(length)).freezes for length in (6, 7, 13, 14, 20, 21, 35)]
    assert held == [0, 1, 1, 2, 2, 2, 2]


def test_the_days_towards_a_freeze_are_those_of_one_run() -> None:
    assert after(*range(4), *range(5, 9)).freezes == 0


def test_a_missed_day_spends_a_freeze_and_the_run_goes_on() -> None:
    streaks = after(*range(7), 8)
    assert (streaks.days, streaks.freezes, streaks.frozen_on) == (8, 0, (day(7),))


def test_a_frozen_day_does_not_lengthen_the_run() -> None:
    assert after(*range(14), 16).days == 15


def test_a_missed_day_too_many_spends_what_was_held_and_ends_the_run() -> None:
    streaks = after(*range(7), 9)
    assert (streaks.days, streaks.longest_days, streaks.freezes) == (1, 7, 0)
    assert streaks.frozen_on == (day(7),)
    assert streaks.as_of(day(9), NO_HOLIDAYS).frozen_on == ()


@pytest.mark.parametrize(
    ("offset", "current", "freezes", "frozen"),
    [
        (13, 14, 2, ()),
        (14, 14, 2, ()),
        (15, 14, 1, (14,)),
        (16, 14, 0, (14, 15)),
        (17, 0, 0, ()),
    ],
    ids=["active today", "not yet today", "one day missed", "two days missed", "one day too many"],
)
def test_freezes_are_spent_day_by_day_while_nothing_is_done(
    offset: int, current: int, freezes: int, frozen: tuple[int, ...]
) -> None:
    shown = after(*range(14)).as_of(day(offset), NO_HOLIDAYS)
    assert (shown.current_days, shown.freezes) == (current, freezes)
    assert shown.frozen_on == tuple(day(each) for each in frozen)


@pytest.mark.parametrize(
    ("active", "today", "tonight"),
    [
        (range(7), 6, Outlook.UNCHANGED),
        (range(7), 7, Outlook.FREEZE_SPENT),
        (range(7), 8, Outlook.ENDED),
        (range(7), 9, Outlook.UNCHANGED),
        (range(3), 3, Outlook.ENDED),
        ((), 0, Outlook.UNCHANGED),
    ],
    ids=["done today", "a freeze is held", "the last one is spent", "over already", "none is held", "never began"],
)
def test_what_becomes_of_the_run_tonight_if_nothing_is_done(
    active: Iterable[int], today: int, tonight: Outlook
) -> None:
    assert after(*active).outlook_tonight(day(today), NO_HOLIDAYS) is tonight


def test_a_holiday_asks_for_nothing() -> None:
    closed = off((3, 3))
    assert after(*range(3), holidays=closed).outlook_tonight(day(3), closed) is Outlook.UNCHANGED
    assert after(0).outlook_this_week(day(7), off((9, 9))) is Outlook.UNCHANGED


@pytest.mark.parametrize(
    ("today", "this_week"),
    [(0, Outlook.UNCHANGED), (4, Outlook.UNCHANGED), (5, Outlook.ENDED), (12, Outlook.UNCHANGED)],
    ids=["done", "Sunday of a week that has one", "the week after", "over already"],
)
def test_what_becomes_of_the_run_of_weeks_if_nothing_is_done(today: int, this_week: Outlook) -> None:
    assert after(0).outlook_this_week(day(today), NO_HOLIDAYS) is this_week


def test_holidays_neither_break_a_run_nor_spend_a_freeze_nor_lengthen_it() -> None:
    closed = off((1, 2), (4, 30))
    assert after(0, 3, 31, holidays=closed).days == 3
    assert after(*range(7), 31, holidays=off((7, 30))).freezes == 1
    assert after(0, 3, holidays=closed).as_of(day(31), closed).current_days == 2


def test_a_missed_day_beside_a_holiday_is_missed() -> None:
    assert after(0, 3, holidays=off((1, 1))).days == 1


def test_what_is_done_on_a_holiday_counts_all_the_same() -> None:
    assert after(0, 1, 2, holidays=off((0, 2))).days == 3


@pytest.mark.parametrize(
    ("ranges", "covered"),
    [
        ([], set()),
        ([(0, 0)], {0}),
        ([(0, 2), (2, 3), (5, 5)], {0, 1, 2, 3, 5}),
        ([(-3, 6), (0, 1)], set(range(-3, 7))),
        ([(3, 4), (1, 2)], {1, 2, 3, 4}),
    ],
)
def test_holidays_cover_their_days_however_they_overlap(ranges: list[tuple[int, int]], covered: set[int]) -> None:
    holidays = off(*ranges)
    assert {offset for offset in range(-5, 10) if holidays.covers(day(offset))} == covered
    assert holidays.touches(day(-9), day(9)) == bool(covered)


def test_flying_eastward_over_a_date_line_breaks_no_run() -> None:
    """The learner's Tuesday never was: it was Monday in Los Angeles, and Wednesday on landing in Auckland."""
    flown = in_zones(
        ("2026-03-02T20:00", "America/Los_Angeles"),
        ("2026-03-04T18:00", "Pacific/Auckland"),
    )
    assert folded(flown).days == 2
    landed = flown[1].first_at
    shown = folded(flown[:1]).as_of(date(2026, 3, 4), NO_HOLIDAYS, now=landed, zone="Pacific/Auckland")
    assert shown.current_days == 1


def test_flying_westward_doubles_a_date_and_breaks_no_run() -> None:
    flown = in_zones(
        ("2026-03-03T08:00", "Pacific/Auckland"),
        ("2026-03-04T08:00", "America/Los_Angeles"),
    )
    assert folded(flown).days == 2


def test_who_went_back_a_date_and_forth_again_has_missed_nothing() -> None:
    """The latest thing was done on Friday evening in Niue, after Saturday's in Kiritimati, 24 hours before."""
    flown = in_zones(
        ("2026-01-01T10:00", "UTC"),
        ("2026-01-02T23:00", "Pacific/Niue"),
        ("2026-01-03T18:00", "Pacific/Kiritimati"),
        ("2026-01-05T00:00", "Pacific/Kiritimati"),
    )
    assert flown[1].first_at > flown[2].first_at
    assert folded(flown).days == 4


def test_a_meeting_dated_by_the_class_is_not_a_day_away_from_the_learners_own_days() -> None:
    """Monday evening in London is Tuesday morning in Jakarta, and Wednesday comes right after it."""
    [meeting] = in_zones(("2026-03-02T23:30", "Europe/London"))
    as_kept = ActiveDay(meeting.day, meeting.first_at, meeting.last_at, "Asia/Jakarta", "Asia/Jakarta")
    [next_deed] = in_zones(("2026-03-04T16:00", "Asia/Jakarta"))
    assert folded([as_kept, next_deed]).days == 2


def test_who_moves_still_has_missed_the_days_that_were_missed() -> None:
    moved = in_zones(("2026-03-02T12:00", "Europe/Berlin"), ("2026-03-04T12:00", "Asia/Jakarta"))
    assert folded(moved).days == 1


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", date(2026, 3, 27)),
        ("Europe/Berlin", date(2026, 10, 23)),
        ("Africa/Cairo", date(2026, 4, 22)),
        ("Australia/Lord_Howe", date(2026, 4, 3)),
    ],
)
@pytest.mark.parametrize("hour", ["00:05", "12:00", "23:55"])
def test_daylight_saving_breaks_no_run(zone: str, first: date, hour: str) -> None:
    # Cairo has no 00:05 on the Friday: there the moment is what the clock shows an hour later.
    days = []
    for offset in range(5):
        wall = datetime.combine(first + timedelta(days=offset), time.fromisoformat(hour), ZoneInfo(zone))
        moment = wall.astimezone(UTC)
        days.append(ActiveDay(day_of(moment, ZoneInfo(zone)), moment, moment, zone, zone))
    assert folded(days).days == 5


def test_days_of_the_same_week_make_one_week() -> None:
    assert after(-2, 0, 4).weeks == 1  # Monday, Wednesday, Sunday


def test_once_a_week_is_a_streak_of_weeks_beside_broken_days() -> None:
    streaks = after(0, 7, 14)
    assert (streaks.weeks, streaks.days) == (3, 1)


def test_a_week_without_anything_ends_the_run_of_weeks() -> None:
    streaks = after(0, 7, 21)
    assert (streaks.weeks, streaks.longest_weeks) == (1, 2)


def test_a_week_that_a_holiday_touches_neither_breaks_nor_lengthens_the_run_of_weeks() -> None:
    assert after(0, 14, holidays=off((9, 9))).weeks == 2
    assert after(0, 7, 14, holidays=off((9, 9))).weeks == 3


@pytest.mark.parametrize(
    ("offset", "weeks"), [(4, 1), (5, 1), (11, 1), (12, 0)], ids=["Sunday", "Monday", "next Sunday", "too late"]
)
def test_this_week_is_not_missed_until_it_is_over(offset: int, weeks: int) -> None:
    assert after(0).as_of(day(offset), NO_HOLIDAYS).current_weeks == weeks


def test_a_weekly_class_at_midnight_survives_a_move_across_the_border_of_the_week() -> None:
    """Sunday 23:30 in London is Monday in Berlin: by the learner's own days a whole week lies between."""
    moved = in_zones(("2026-03-08T23:30", "Europe/London"), ("2026-03-16T00:30", "Europe/Berlin"))
    assert folded(moved).weeks == 2


# The same rules once more, told day by day instead of gap by gap.
def lived_through(active: set[int], closed: Holidays, until: int) -> tuple[int, int, int]:
    run = longest = freezes = 0
    for offset in range(min(active), until + 1):
        if offset in active:
            run += 1
            longest = max(longest, run)
            freezes = min(2, freezes + 1) if run % 7 == 0 else freezes
        elif offset < until and run and not closed.covers(day(offset)):
            if freezes:
                freezes -= 1
            else:
                run = 0
    return run, longest, freezes


def weeks_lived_through(active: set[int], closed: Holidays, until: int) -> tuple[int, int]:
    run = longest = 0
    week, last = monday_of(day(min(active))), monday_of(day(until))
    days = {monday_of(day(offset)) for offset in active}
    while week <= last:
        if week in days:
            run += 1
            longest = max(longest, run)
        elif week < last and not any(closed.covers(week + timedelta(days=each)) for each in range(7)):
            run = 0
        week += timedelta(weeks=1)
    return run, longest


many_days = st.sets(st.integers(-120, 0), min_size=1, max_size=115)
holidays = st.lists(
    st.tuples(st.integers(-120, 0), st.integers(0, 12)).map(lambda each: (each[0], each[0] + each[1])), max_size=4
).map(lambda ranges: off(*ranges))
zones = st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Niue", "America/Sao_Paulo"])


@settings(deadline=None)
@given(active=many_days, closed=holidays, later=st.integers(0, 20), zone=zones)
def test_a_streak_is_what_living_through_the_days_makes_of_it(
    active: set[int], closed: Holidays, later: int, zone: str
) -> None:
    streaks = folded((at_noon(offset, zone) for offset in sorted(active)), closed)
    until = max(active) + later
    shown = streaks.as_of(day(until), closed)
    assert (shown.current_days, shown.longest_days, shown.freezes) == lived_through(active, closed, until)
    assert (shown.current_weeks, shown.longest_weeks) == weeks_lived_through(active, closed, until)


@settings(deadline=None)
@given(active=many_days, closed=holidays, later=st.integers(0, 20), zone=zones)
def test_what_is_shown_at_a_moment_is_what_a_deed_at_that_moment_carries_on(
    active: set[int], closed: Holidays, later: int, zone: str
) -> None:
    streaks = folded((at_noon(offset) for offset in sorted(active)), closed)
    assert streaks.last is not None
    now = streaks.last.last_at + timedelta(days=later, hours=13)
    today = day_of(now, ZoneInfo(zone))
    shown = streaks.as_of(today, closed, now=now, zone=zone)
    if today <= streaks.last.day:
        assert shown.current_days == streaks.days
        return
    then = streaks.after(ActiveDay(today, now, now, zone, zone), closed)
    assert then.days == shown.current_days + 1
    assert then.longest_days == max(shown.longest_days, then.days)
    same_week = monday_of(today) == monday_of(streaks.last.day)
    assert then.weeks == (shown.current_weeks if same_week else shown.current_weeks + 1)


@settings(deadline=None)
@given(active=many_days, closed=holidays, split=st.integers(-120, 0))
def test_a_fold_goes_on_from_what_was_kept_of_it(active: set[int], closed: Holidays, split: int) -> None:
    days = [at_noon(offset) for offset in sorted(active)]
    kept = folded((each for each in days if each.day < day(split)), closed)
    resumed = Streaks.from_json(json.loads(json.dumps(kept.as_json())))
    assert resumed == kept
    for each in days:
        if each.day >= day(split):
            resumed = resumed.after(each, closed)
    assert resumed == folded(days, closed)


@settings(deadline=None)
@given(start=st.integers(0, 300), moves=st.lists(st.tuples(zones, st.integers(6, 24)), min_size=2, max_size=40))
def test_who_does_something_every_twenty_four_hours_never_loses_the_streak_wherever_they_go(
    start: int, moves: list[tuple[str, int]]
) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=start)
    by_day: dict[date, ActiveDay] = {}
    for zone, hours in moves:
        moment += timedelta(hours=hours)
        own = day_of(moment, ZoneInfo(zone))
        known = by_day.get(own)
        by_day[own] = (
            ActiveDay(own, moment, moment, zone, zone)
            if known is None
            else ActiveDay(own, known.first_at, moment, known.first_zone, zone)
        )
    # Who crosses the date line twice within two days can be on a date before they are on the one before it.
    assume(sorted(by_day) == sorted(by_day, key=lambda own: by_day[own].first_at))
    streaks = folded(by_day[own] for own in sorted(by_day))
    assert streaks.days == len(by_day)
    weeks = {monday_of(own) for own in by_day}
    assert streaks.weeks == len(weeks)
