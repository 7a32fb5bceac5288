"""Leagues: who meets whom, who goes up and who goes down."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gamification.domain.leagues import (
    COHORT_SIZE,
    MOVES,
    Finish,
    League,
    Move,
    Result,
    draw,
    join,
    settle,
)

WEEK = date(2026, 3, 2)
ORDER = list(League)

PLAYERS = st.lists(st.uuids(), unique=True, max_size=400)
WEEKS = st.integers(0, 500).map(lambda weeks: WEEK + timedelta(weeks=weeks))


def player(number: int) -> UUID:
    return UUID(int=number)


def finishes(*points: int, hidden: int = 0) -> list[Finish]:
    """A cohort with these points, who had them first stands first; some more who hide."""
    order = sorted(range(len(points)), key=lambda number: (-points[number], number))
    positions = {number: position for position, number in enumerate(order, start=1) if points[number]}
    playing = [Finish(player(number), positions.get(number), xp) for number, xp in enumerate(points)]
    return playing + [Finish(player(1000 + number), None, 0, takes_part=False) for number in range(hidden)]


def moves(results: list[Result]) -> list[str]:
    return [result.move.value for result in results]


POINTS = st.lists(st.integers(0, 5).map(lambda tens: tens * 10), min_size=0, max_size=40)


def test_five_of_a_full_cohort_go_up_and_five_down() -> None:
    results = settle(League.SILVER, finishes(*range(300, 0, -10)))
    assert moves(results) == ["promoted"] * MOVES + ["stayed"] * 20 + ["relegated"] * MOVES
    assert [result.rank for result in results] == list(range(1, COHORT_SIZE + 1))


@pytest.mark.parametrize(
    ("size", "up", "down"),
    [(1, 1, 0), (2, 1, 0), (3, 1, 1), (5, 1, 1), (6, 2, 2), (14, 4, 4), (15, 5, 5), (40, 5, 5)],
)
def test_of_a_small_cohort_fewer_go(size: int, up: int, down: int) -> None:
    found = Counter(moves(settle(League.GOLD, finishes(*range(size * 10, 0, -10)))))
    assert (found["promoted"], found["relegated"]) == (up, down)


def test_who_earned_nothing_goes_down_however_many_they_are() -> None:
    results = settle(League.GOLD, finishes(50, 40, 30, 20, 10, 0, 0, 0, 0, 0, 0, 0))
    assert moves(results) == ["promoted"] * 4 + ["stayed"] + ["relegated"] * 7


def test_nobody_is_promoted_without_points() -> None:
    assert moves(settle(League.GOLD, finishes(0, 0, 0))) == ["relegated"] * 3


def test_below_the_lowest_league_and_above_the_highest_there_is_nothing() -> None:
    assert moves(settle(League.BRONZE, finishes(30, 20, 10))) == ["promoted", "stayed", "stayed"]
    assert moves(settle(League.DIAMOND, finishes(30, 20, 10))) == ["stayed", "stayed", "relegated"]


def test_who_earned_nothing_in_the_lowest_league_leaves_until_they_play_again() -> None:
    [first, idle] = settle(League.BRONZE, finishes(10, 0))
    assert (first.next_league, idle.move, idle.next_league) == (League.SILVER, Move.LEFT, None)


def test_who_hides_takes_no_place_and_keeps_the_league() -> None:
    results = settle(League.SILVER, finishes(30, 20, 10, hidden=4))
    assert moves(results) == ["promoted", "stayed", "relegated"] + ["rested"] * 4
    assert [(result.rank, result.next_league) for result in results[3:]] == [(None, League.SILVER)] * 4


def test_equal_points_share_a_rank_and_who_had_them_first_goes_first() -> None:
    results = settle(League.SILVER, finishes(20, 20, 20, 10, 10, 10))
    assert [result.rank for result in results] == [1, 1, 1, 4, 4, 4]
    assert moves(results) == ["promoted"] * 2 + ["stayed"] * 2 + ["relegated"] * 2
    assert [result.player_id for result in results] == [player(number) for number in range(6)]


@given(st.sampled_from(League), POINTS, st.integers(0, 5), st.randoms(use_true_random=False))
def test_a_week_ends_the_same_in_whatever_order_its_members_are_read(
    league: League, points: list[int], hidden: int, random: Random
) -> None:
    cohort = finishes(*points, hidden=hidden)
    straight = settle(league, cohort)
    random.shuffle(cohort)
    assert settle(league, cohort) == straight


@given(st.sampled_from(League), POINTS, st.integers(0, 5))
def test_everybody_comes_out_of_a_week_once_and_nobody_skips_a_league(
    league: League, points: list[int], hidden: int
) -> None:
    cohort = finishes(*points, hidden=hidden)
    results = settle(league, cohort)
    assert Counter(result.player_id for result in results) == Counter(finish.player_id for finish in cohort)
    for result in results:
        if result.next_league is None:
            assert (league, result.xp, result.move) == (League.BRONZE, 0, Move.LEFT)
        else:
            step = ORDER.index(result.next_league) - ORDER.index(league)
            assert step == {Move.PROMOTED: 1, Move.RELEGATED: -1}.get(result.move, 0)
    assert sum(result.move is Move.PROMOTED for result in results) <= MOVES


@given(st.sampled_from(League), POINTS)
def test_who_has_more_points_never_fares_worse(league: League, points: list[int]) -> None:
    good = {Move.PROMOTED: 2, Move.STAYED: 1, Move.RELEGATED: 0, Move.LEFT: -1}
    results = settle(league, finishes(*points))
    assert [result.xp for result in results] == sorted(points, reverse=True)
    assert [good[result.move] for result in results] == sorted((good[r.move] for r in results), reverse=True)


@given(PLAYERS, WEEKS, st.randoms(use_true_random=False))
def test_everybody_is_drawn_into_one_cohort_and_cohorts_are_of_one_size(
    players: list[UUID], week: date, random: Random
) -> None:
    cohorts = draw(players, week)
    assert set(cohorts) == set(players)
    sizes = Counter(cohorts.values())
    assert sorted(sizes) == list(range(len(sizes)))
    if players:
        assert max(sizes.values()) <= COHORT_SIZE
        assert max(sizes.values()) - min(sizes.values()) <= 1
        assert len(sizes) == -(-len(players) // COHORT_SIZE)
    random.shuffle(players)
    assert draw(players, week) == cohorts


@given(PLAYERS, PLAYERS, WEEKS, st.randoms(use_true_random=False))
def test_newcomers_fill_the_cohorts_there_are_and_open_one_only_when_all_are_full(
    seated: list[UUID], arriving: list[UUID], week: date, random: Random
) -> None:
    newcomers = [newcomer for newcomer in arriving if newcomer not in set(seated)]
    before = Counter(draw(seated, week).values())
    seats = join(newcomers, week, before)
    assert set(seats) == set(newcomers)
    after = before + Counter(seats.values())
    assert all(size <= COHORT_SIZE for size in after.values())
    assert len(after) == -(-(len(seated) + len(newcomers)) // COHORT_SIZE)
    random.shuffle(newcomers)
    assert join(newcomers, week, before) == seats


def test_the_lots_are_drawn_anew_each_week() -> None:
    players = [player(number) for number in range(300)]
    assert draw(players, WEEK) != draw(players, WEEK + timedelta(weeks=1))


@settings(max_examples=25)
@given(st.integers(1, 200), st.randoms(use_true_random=False))
def test_over_many_weeks_every_player_has_one_seat_a_week_and_moves_one_step_at_a_time(
    number: int, random: Random
) -> None:
    leagues: dict[UUID, League] = {}
    for weeks in range(12):
        week = WEEK + timedelta(weeks=weeks)
        points = {player(each): random.choice([0, 10, 20, 30]) for each in range(number)}
        seats: dict[UUID, tuple[League, int]] = {}
        for league in League:
            members = [member for member, where in leagues.items() if where is league]
            seats |= {member: (league, cohort) for member, cohort in draw(members, week).items()}
        bronze = Counter(cohort for league, cohort in seats.values() if league is League.BRONZE)
        newcomers = [each for each, xp in points.items() if xp and each not in seats]
        seats |= {each: (League.BRONZE, cohort) for each, cohort in join(newcomers, week, bronze).items()}
        assert {each for each, xp in points.items() if xp} <= set(seats)
        table = sorted(points, key=lambda each: (-points[each], each))
        positions = {each: position for position, each in enumerate(table, start=1) if points[each]}
        before, leagues = leagues, {}
        for where in sorted(set(seats.values())):
            members = [each for each, seat in seats.items() if seat == where]
            assert len(members) <= COHORT_SIZE
            for result in settle(where[0], [Finish(each, positions.get(each), points[each]) for each in members]):
                assert before.get(result.player_id, League.BRONZE) is where[0]
                if result.next_league is not None:
                    leagues[result.player_id] = result.next_league
