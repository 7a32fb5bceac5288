"""The boards in Redis are kept beside those that Postgres works out."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from gamification.domain.boards import Board
from gamification.infrastructure import boards as boards_module
from gamification.infrastructure.boards import PREFIX, RedisBoards, name_of
from gamification.queries import standings
from gamification.queries.faces import Viewer
from gamification.queries.leaderboards import Leaderboards

from .board_game import ALL, NOON, WEEK, BoardGame, Interrupted, game_with_boards

pytestmark = pytest.mark.infra


@pytest.fixture
async def game(pool: Pool, fresh_redis: Callable[[], str]) -> AsyncIterator[BoardGame]:
    async with game_with_boards(pool, fresh_redis()) as game:
        yield game


async def something(game: BoardGame, chance: random.Random) -> None:
    """One of the changes that move learners on boards, off them and back."""
    player, scores = chance.choice(game.players), chance.choice(ALL)
    match chance.choice(("score", "score", "score", "no score", "hide", "show", "leave", "work", "return", "join")):
        case "score":
            # Few points and few moments, for many ties.
            await game.score(player, chance.randint(1, 5), NOON + timedelta(seconds=chance.randint(0, 3)), scores)
        case "no score":
            await game.lose_score(player, scores)
        case "hide":
            await game.appear(player, "hidden")
        case "show":
            await game.appear(player, "shown")
        case "leave":
            await game.become(player, status="deactivated")
        case "work":
            await game.become(player, role="instructor")
        case "return":
            await game.become(player)
        case "join":
            await game.player()


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_changes_the_boards_in_redis_are_those_of_postgres(game: BoardGame, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        await game.player()
    for _ in range(150):
        await something(game, chance)
        match chance.random():
            case value if value < 0.1:
                await game.keeper.keep()
                for scores in await game.boards.known():
                    await game.assert_same(scores)
            case value if value < 0.15:
                await game.keeper.build(chance.choice(ALL))
    for scores in ALL:
        await game.keeper.build(scores)
    await game.keeper.keep()
    await game.assert_same(*ALL)
    assert await game.stale() == 0
    for player in game.players:
        await assert_same_places(game, player)


async def assert_same_places(game: BoardGame, player: UUID) -> None:
    """What somebody is shown, of the first places and of their own, is the same from Redis and from Postgres."""
    viewer = Viewer(player, knows_everybody=False)
    for board in map(Board, ALL):
        cached = await game.boards.top(board.scores, 5)
        assert cached is not None
        expected = await standings.top(game.pool, board, viewer=viewer, limit=5)
        assert await standings.remembered(game.pool, board, cached, viewer=viewer) == expected
        cached = await game.boards.around(board.scores, player, 2)
        assert cached is not None
        expected = await standings.around(game.pool, board, viewer=viewer, neighbours=2)
        assert await standings.remembered(game.pool, board, cached, viewer=viewer) == expected


@pytest.mark.parametrize("seed", range(3))
async def test_keepers_and_builders_that_race_each_other_and_the_changes_end_with_the_right_boards(
    game: BoardGame, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(30):
        await game.player()
    busy = asyncio.Event()

    async def change() -> None:
        for _ in range(60):
            await something(game, chance)
            await asyncio.sleep(0)

    async def until_quiet(work: Callable[[], Awaitable[object]]) -> None:
        while not busy.is_set():
            await work()
            await asyncio.sleep(0)

    keepers = [game.keeper, game.another_keeper()]
    async with asyncio.TaskGroup() as racing:
        for keeper in keepers:
            racing.create_task(until_quiet(keeper.keep))
            racing.create_task(until_quiet(lambda keeper=keeper: keeper.build(random.choice(ALL))))  # type: ignore[misc]
        await asyncio.gather(*(change() for _ in range(4)))
        busy.set()
    for scores in ALL:
        if await game.in_redis(scores) is None:
            await game.keeper.build(scores)
    await game.keeper.keep()
    await game.assert_same(*ALL)


async def test_a_keeper_that_was_away_for_a_while_brings_nothing_old_back(game: BoardGame) -> None:
    """It has read, another takes over, sees what came later and settles it: then the first one writes."""
    ada = await game.player()
    await game.keeper.build(WEEK)
    await game.score(ada, 5)

    async def meanwhile() -> None:
        await game.score(ada, 9)
        await game.another_keeper().keep()

    await game.another_keeper(Interrupted(game.redis, "apply", meanwhile)).keep()
    [place] = await game.in_redis() or []
    assert place.xp == 9


async def test_what_changes_while_it_is_applied_is_applied_again(game: BoardGame) -> None:
    ada = await game.player()
    await game.keeper.build(WEEK)
    await game.score(ada, 5)
    keeper = game.another_keeper(Interrupted(game.redis, "apply", lambda: game.score(ada, 9)))
    await keeper.keep()
    assert await game.stale() == 1
    await keeper.keep()
    await game.assert_same()
    assert await game.stale() == 0


async def test_boards_of_another_life_are_thrown_away(game: BoardGame) -> None:
    """A server that was restarted has only what it saved last: the moves after that are applied and forgotten."""
    await game.score(await game.player(), 5)
    await game.keeper.keep()
    await game.keeper.build(WEEK)
    await game.assert_same()
    await game.redis.set(boards_module.LIFE, "another")
    await game.keeper.keep()
    assert await game.in_redis() is None
    await game.keeper.build_wanted()
    await game.assert_same()


async def test_boards_of_a_postgres_that_was_set_back_are_thrown_away(game: BoardGame) -> None:
    """Once, its numbers began anew while Redis remembered a greater one: no keeper was heard ever again."""
    ada = await game.player()
    await game.keeper.keep()
    await game.keeper.build(WEEK)
    assert await game.boards.claim(1_000_000) == 1_000_000
    await game.score(ada, 5)
    await game.keeper.keep()
    assert await game.in_redis() is None
    await game.keeper.keep()
    await game.keeper.build_wanted()
    await game.assert_same()
    assert await game.stale() == 0


async def test_a_board_that_is_gone_is_no_longer_kept(game: BoardGame) -> None:
    await game.keeper.keep()
    await game.keeper.build(WEEK)
    await game.redis.delete(PREFIX + name_of(WEEK))
    await game.score(await game.player(), 5)
    await game.keeper.keep()
    assert await game.boards.known() == set()
    assert await game.in_redis() is None


async def test_while_redis_is_away_changes_wait_and_it_is_not_asked_again_for_a_moment(game: BoardGame) -> None:
    now = [0.0]
    async with Redis.from_url("redis://127.0.0.1:1/0") as nowhere:
        away = RedisBoards(nowhere, clock=lambda: now[0])
        keeper = game.another_keeper(away)
        await game.score(await game.player("Ada"), 5)
        await keeper.keep()
        assert (away.resting, await game.stale()) == (True, 1)
        assert await Leaderboards(away).top(
            game.pool, Board(WEEK), viewer=Viewer(new_id(), knows_everybody=True), limit=10
        )
        now[0] = boards_module.REST_SECONDS
        assert not away.resting
        assert await away.top(WEEK, 10) is None
        assert away.resting
    await game.keeper.keep()
    assert await game.stale() == 0
