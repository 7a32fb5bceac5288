"""Recounts on real Postgres: nobody is forgotten who counts while a fact comes in."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.bus import SqlTransactions
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_contracts.gamification import StreakUpdated
from babyowl_contracts.identity import ProfileUpdated, UserRegistered
from gamification.application.commands.recount_player import RecountPlayer
from gamification.domain.recounts import Recount
from gamification.domain.streaks import Holidays
from gamification.infrastructure.holidays import SqlHolidays
from gamification.infrastructure.recounting import NEWEST, OLDEST, Recounting
from gamification.infrastructure.recounts import SqlRecounts
from gamification.infrastructure.unit_of_work import GamificationUnitOfWork

from .game import Game, InPostgres
from .test_late_facts import TODAY, day, declared, practise

pytestmark = pytest.mark.infra


@pytest.fixture
def game(pool: Pool) -> Game:
    return Game(InPostgres(pool))


@pytest.fixture
def recounting(pool: Pool, game: Game) -> Recounting:
    return Recounting(pool, game.bus, lambda: TODAY)


async def waiting(pool: Pool) -> list[UUID]:
    """Who is still to be recounted."""
    return [row["player_id"] for row in await pool.fetch("SELECT player_id FROM recounts ORDER BY player_id")]


async def test_what_is_asked_for_twice_begins_with_the_earlier_day_and_draws_anew_if_either_says_so(
    pool: Pool,
) -> None:
    ada = new_id()
    async with pool.acquire() as connection:
        recounts = SqlRecounts(connection)
        await recounts.ask([ada], from_day=day(-3), redraw=True)
        await recounts.ask([ada, new_id()], from_day=day(-1))
        assert await recounts.due(ada) == Recount(day(-3), redraw=True, version=2)


async def test_a_recount_is_not_done_if_more_has_become_known_meanwhile(pool: Pool) -> None:
    ada = new_id()
    async with pool.acquire() as connection:
        recounts = SqlRecounts(connection)
        await recounts.ask([ada], from_day=day(-1))
        seen = await recounts.due(ada)
        assert seen is not None
        await recounts.ask([ada], from_day=day(-2))
        await recounts.done(ada, seen)
        assert await recounts.due(ada) == Recount(day(-2), redraw=False, version=2)


async def test_who_has_done_nothing_is_not_recounted(pool: Pool, game: Game, recounting: Recounting) -> None:
    await game.hear(UserRegistered(user_id=new_id(), role="student", time_zone="Asia/Jakarta"))
    assert len(await waiting(pool)) == 1
    assert await recounting.run() == 0
    await game.settle()
    assert await waiting(pool) == []


async def test_a_profile_that_tells_the_zone_that_is_known_counts_nothing_anew(pool: Pool, game: Game) -> None:
    ada = new_id()
    await practise(game, ada, -2, 0)
    told = 0

    async def lives_in(zone: str) -> list[UUID]:
        nonlocal told
        told, game.now = told + 1, game.now + timedelta(days=2)
        await game.hear(ProfileUpdated(user_id=ada, time_zone=zone), sequence=told)
        asked = await waiting(pool)
        await game.settle()
        return asked

    zones = ("UTC", "UTC", "Asia/Jakarta", "Asia/Jakarta", "UTC", "UTC")
    assert [await lives_in(zone) for zone in zones] == [[], [], [ada], [], [ada], []]


async def test_a_holiday_to_come_changes_nobodys_past(pool: Pool, game: Game) -> None:
    await practise(game, new_id(), -1, 0)
    versions = await pool.fetch("SELECT id, version FROM players")
    await game.hear(declared(day(20), day(25)))
    await game.settle()
    assert await pool.fetch("SELECT id, version FROM players") == versions


async def test_a_recount_waits_until_everything_has_ended_that_was_under_way(
    pool: Pool, game: Game, recounting: Recounting
) -> None:
    ada = new_id()
    await practise(game, ada, 0)
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetchval("SELECT 1")
        await pool.execute("INSERT INTO recounts VALUES ($1, $2, false, 1, NULL)", ada, TODAY)
        assert [await recounting.run() for _ in range(3)] == [0, 0, 0]
    await game.settle()
    assert await waiting(pool) == []


class HeldUp:
    """Holidays as they were read before something else happened."""

    def __init__(self, holidays: SqlHolidays, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._holidays = holidays
        self._meanwhile = meanwhile

    async def all(self) -> Holidays:
        known = await self._holidays.all()
        await self._meanwhile()
        return known


async def test_a_deed_that_is_counted_while_a_holiday_is_declared_comes_to_know_of_it(pool: Pool) -> None:
    ada, game = new_id(), Game(InPostgres(pool))
    recounting = Recounting(pool, game.bus, lambda: TODAY)
    await practise(game, ada, -2)
    done_too_early: list[int] = []

    async def meanwhile() -> None:
        await game.hear(declared(day(-1), day(-1)))
        done_too_early.append(await recounting.run())
        done_too_early.append(await recounting.run())

    def held_up(connection: Any, *, locking: bool) -> GamificationUnitOfWork:
        uow = GamificationUnitOfWork(connection, locking=locking)
        uow.holidays = HeldUp(uow.holidays, meanwhile)  # type: ignore[assignment]
        return uow

    slow = InPostgres(pool)
    slow.transactions = SqlTransactions(pool, held_up)
    await practise(Game(slow), ada, 0)
    assert (await game.heard_of(ada, StreakUpdated))[-1].current_days == 1
    assert done_too_early == [0, 0]
    await game.settle()
    assert (await game.heard_of(ada, StreakUpdated))[-1].current_days == 2


async def test_two_replicas_at_once_recount_as_one_would(pool: Pool, game: Game, recounting: Recounting) -> None:
    learners = [new_id() for _ in range(8)]
    for learner_id in learners:
        await practise(game, learner_id, -2, 0)
    await game.hear(declared(day(-1), day(-1)))
    other = Recounting(pool, game.bus, lambda: TODAY)

    async def both() -> None:
        await asyncio.gather(recounting.run(), other.run())

    await both()
    await both()
    await game.settle()
    for learner_id in learners:
        told = [event.current_days for event in await game.heard_of(learner_id, StreakUpdated)]
        assert told == [0, 1, 2]


class Faulty:
    """A bus on which nobody can carry out the command for one learner."""

    def __init__(self, game: Game, learner_id: UUID) -> None:
        self._game = game
        self._learner_id = learner_id

    async def execute(self, command: RecountPlayer) -> object:
        if command.player_id == self._learner_id:
            raise RuntimeError("broken")
        return await self._game.bus.execute(command)


async def test_one_who_cannot_be_recounted_holds_up_nobody_and_is_tried_again(pool: Pool, game: Game) -> None:
    ada, bob = sorted([new_id(), new_id()])
    await practise(game, ada, -2, 0)
    await practise(game, bob, -2, 0)
    await game.hear(declared(day(-1), day(-1)))
    faulty = Recounting(pool, Faulty(game, ada), lambda: TODAY)  # type: ignore[arg-type]
    while bob in await waiting(pool) or await pool.fetchval("SELECT EXISTS (SELECT FROM holidays WHERE NOT spread)"):
        await faulty.run()
    assert await waiting(pool) == [ada]
    await game.settle()
    for learner_id in (ada, bob):
        assert (await game.standing(learner_id)).streak.current_days == 2


async def test_who_fails_again_and_again_is_tried_ever_more_seldom(pool: Pool, game: Game) -> None:
    ada, now = new_id(), 0.0
    await practise(game, ada, 0)
    await SqlRecounts(pool).ask([ada], from_day=TODAY)
    tried_at: list[float] = []

    class Failing:
        async def execute(self, command: RecountPlayer) -> object:
            tried_at.append(now)
            raise RuntimeError("broken")

    recounting = Recounting(pool, Failing(), lambda: TODAY, lambda: now)  # type: ignore[arg-type]
    for second in range(127):
        now = float(second)
        await recounting.run()
    assert tried_at == [0, 2, 6, 14, 30, 62, 126]
    assert await waiting(pool) == [ada]


async def test_who_is_to_be_recounted_now_does_not_wait_for_all_that_a_holiday_concerns(
    pool: Pool, game: Game
) -> None:
    learners = [new_id() for _ in range(3 * (NEWEST + OLDEST))]
    for learner_id in learners:
        await practise(game, learner_id, -2, 0)
    ada = learners[0]
    await SqlRecounts(pool).ask(learners[1:], from_day=day(-2))
    recounted: list[UUID] = []

    class Noting:
        async def execute(self, command: RecountPlayer) -> object:
            if not recounted:
                await SqlRecounts(pool).ask([ada], from_day=day(-1))
            recounted.append(command.player_id)
            return await game.bus.execute(command)

    recounting = Recounting(pool, Noting(), lambda: TODAY)  # type: ignore[arg-type]
    while await waiting(pool):
        await recounting.run()
    assert sorted(recounted) == sorted(learners)
    assert recounted.index(ada) < 2 * (NEWEST + OLDEST)


@pytest.mark.parametrize(("last", "reached"), [(-30, True), (-200, False)])
async def test_a_holiday_reaches_who_was_active_no_more_than_a_long_break_ago(
    pool: Pool, game: Game, last: int, reached: bool
) -> None:
    """Other holidays may carry a run so far, but not farther."""
    ada = new_id()
    await practise(game, ada, last)
    await game.hear(declared(day(-5), day(-1)))
    asked: list[UUID] = []

    class Noting:
        async def execute(self, command: RecountPlayer) -> object:
            asked.append(command.player_id)
            return await game.bus.execute(command)

    recounting = Recounting(pool, Noting(), lambda: TODAY)  # type: ignore[arg-type]
    while await pool.fetchval(
        "SELECT EXISTS (SELECT FROM recounts) OR EXISTS (SELECT FROM holidays WHERE NOT spread)"
    ):
        await recounting.run()
    assert asked == ([ada] if reached else [])
