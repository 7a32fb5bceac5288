"""Leagues from week to week, on Postgres."""

import asyncio
from collections import Counter, defaultdict
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest

from babyowl_chassis.database import Pool
from babyowl_contracts.gamification import LeagueChanged
from gamification.domain.leagues import Finish, League, Move, draw, join, settle
from gamification.infrastructure import leagues as stored

from .season import WEEK, Season, week

pytestmark = pytest.mark.infra


@pytest.fixture
def season(pool: Pool) -> Season:
    return Season(pool)


async def test_who_earns_the_first_points_comes_to_bronze_while_the_week_runs(season: Season) -> None:
    ada, ben = await season.learners(20, 10)
    await season.learners(0)
    await season.pass_to("2026-03-04T12:00:00")
    assert await season.seats() == {ada: ("bronze", 0), ben: ("bronze", 0)}


async def test_a_seat_once_given_stays(season: Season) -> None:
    await season.learners(*[10] * 29)
    await season.pass_to("2026-03-04T12:00:00")
    before = await season.seats()
    await season.learners(*[10] * 40)
    await season.pass_to("2026-03-04T12:00:15")
    after = await season.seats()
    assert before.items() <= after.items()
    assert Counter(cohort for _, cohort in after.values()) == {0: 30, 1: 30, 2: 9}


async def test_newcomers_whom_many_replicas_find_at_once_have_one_seat_each(season: Season) -> None:
    players = await season.learners(*[10] * 70)
    await asyncio.gather(*(season.closing.run() for _ in range(5)))
    seats = await season.seats()
    assert set(seats) == set(players)
    assert sorted(Counter(seats.values()).values()) == [10, 30, 30]


async def test_who_stands_on_no_leaderboard_gets_no_seat(season: Season) -> None:
    hidden, former = await season.learners(20, 10)
    await season.hide(hidden)
    await season.person(role="instructor", person_id=former)
    await season.pass_to("2026-03-04T12:00:00")
    assert await season.seats() == {}


async def test_between_the_end_of_a_week_and_its_close_nobody_is_seated_in_the_next(season: Season) -> None:
    [ada] = await season.learners(20)
    await season.pass_to("2026-03-04T12:00:00")
    await season.score(ada, 20, starts_on=week(1))
    await season.pass_to("2026-03-09T00:30:00")
    assert await season.seats(week(1)) == {}
    await season.pass_to("2026-03-09T01:00:00")
    assert await season.seats(week(1)) == {ada: ("silver", 0)}


async def test_others_hear_who_went_up_and_who_went_down_and_of_nobody_else(season: Season) -> None:
    players = await season.learners(60, 50, 40, 30, 20, 10)
    await season.pass_to("2026-03-09T01:00:00")
    for player_id, xp in zip(players[:3], (30, 20, 10), strict=True):
        await season.score(player_id, xp, starts_on=week(1))
    await season.pass_to("2026-03-16T01:00:00")
    moved = [
        (event.student_id, event.previous, event.league, event.week)
        for event in await season.told()
        if isinstance(event, LeagueChanged)
    ]
    assert moved == [
        (players[0], "bronze", "silver", WEEK),
        (players[1], "bronze", "silver", WEEK),
        (players[2], "bronze", "silver", week(1)),
        (players[0], "silver", "gold", week(1)),
    ]


async def test_who_hides_when_the_week_closes_rests_and_comes_back_to_the_same_league(season: Season) -> None:
    ada, ben = await season.learners(20, 10)
    await season.pass_to("2026-03-09T01:00:00")
    assert (await season.leagues(week(1)))[ada] == "silver"
    await season.hide(ada)
    await season.score(ada, 20, starts_on=week(1))
    await season.score(ben, 20, starts_on=week(1))
    await season.pass_to("2026-03-16T01:00:00")
    assert (await season.results(week(1)))[ada] == (None, 0, "rested")
    assert ada not in await season.seats(week(2))
    await season.hide(ada, hidden=False)
    await season.score(ada, 10, starts_on=week(2))
    await season.pass_to("2026-03-18T12:00:00")
    assert (await season.leagues(week(2)))[ada] == "silver"


async def test_who_stops_playing_goes_down_week_by_week_and_out_and_begins_again_in_bronze(season: Season) -> None:
    [ada] = await season.learners(20)
    await season.score(ada, 20, starts_on=week(1))
    await season.pass_to("2026-03-09T01:00:00")
    await season.pass_to("2026-04-20T12:00:00")
    found = [(await season.leagues(week(number))).get(ada) for number in range(7)]
    assert found == ["bronze", "silver", "gold", "silver", "bronze", None, None]
    await season.score(ada, 20, starts_on=week(7))
    await season.pass_to("2026-04-21T12:00:00")
    assert await season.leagues(week(7)) == {ada: "bronze"}


async def test_the_database_lets_nobody_sit_in_two_cohorts_of_a_week(season: Season) -> None:
    [ada] = await season.learners(20)
    await season.pass_to("2026-03-04T12:00:00")
    transaction = "INSERT INTO league_seats (player_id, week, league, cohort) VALUES ($1, $2, 'gold', 7)"
    with pytest.raises(Exception, match="league_seats_pkey"):
        await season.pool.execute(transaction, ada, WEEK)


class Rulebook:
    """What leagues should come to, by the rules alone."""

    def __init__(self) -> None:
        self.leagues: dict[UUID, League] = {}

    def seats(self, points: dict[UUID, int], starts_on: date) -> dict[UUID, tuple[str, int]]:
        members: dict[League, list[UUID]] = defaultdict(list)
        for player_id, league in self.leagues.items():
            members[league].append(player_id)
        drawn = {league: draw(found, starts_on) for league, found in members.items()}
        newcomers = [player_id for player_id, xp in points.items() if xp and player_id not in self.leagues]
        bronze = drawn.setdefault(League.BRONZE, {})
        bronze |= join(newcomers, starts_on, Counter(bronze.values()))
        return {
            player_id: (league.value, number)
            for league, found in drawn.items()
            for player_id, number in found.items()
        }

    def close(self, points: dict[UUID, int], seats: dict[UUID, tuple[str, int]], order: list[UUID]) -> None:
        table = sorted(points, key=lambda player_id: (-points[player_id], order.index(player_id)))
        positions = {player_id: place for place, player_id in enumerate(table, start=1) if points[player_id]}
        self.leagues = {}
        for league, number in set(seats.values()):
            members = [player_id for player_id, seat in seats.items() if seat == (league, number)]
            finishes = [Finish(player_id, positions.get(player_id), points[player_id]) for player_id in members]
            for result in settle(League(league), finishes):
                if result.next_league is not None and result.move is not Move.RESTED:
                    self.leagues[result.player_id] = result.next_league


@pytest.mark.parametrize("seed", range(3))
async def test_a_season_goes_by_the_rules(season: Season, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is read and written in pieces, by the database, comes to what the rules alone come to."""
    monkeypatch.setattr(stored, "COHORTS_AT_ONCE", 2)
    random, rules = Random(seed), Rulebook()
    players = [await season.person() for _ in range(150)]
    for number in range(6):
        points = {player_id: random.choice([0, 10, 20, 30, 40]) for player_id in players[: 60 + 20 * number]}
        for second, (player_id, xp) in enumerate(points.items()):
            await season.score(player_id, xp, starts_on=week(number), second=second)
        expected = rules.seats(points, week(number))
        await season.closing.run()
        assert await season.seats(week(number)) == expected
        assert {player_id for player_id, xp in points.items() if xp} <= set(expected)
        before = await season.leagues(week(number))
        rules.close(points, expected, players)
        season.clock.turn(timedelta(weeks=1))
        await season.closing.run()
        after = await season.leagues(week(number + 1))
        assert after == {player_id: league.value for player_id, league in rules.leagues.items()}
        order = [league.value for league in League]
        assert all(abs(order.index(after[each]) - order.index(before[each])) <= 1 for each in after)
