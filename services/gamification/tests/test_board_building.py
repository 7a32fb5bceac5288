"""A board in Redis is built while the old one serves, and while learners move."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from gamification.domain.boards import Ranked
from gamification.infrastructure import boards as boards_module
from gamification.infrastructure.boards import PREFIX, name_of

from .board_game import ALL_TIME, WEEK, BoardGame, Interrupted, game_with_boards

pytestmark = pytest.mark.infra


@pytest.fixture
async def game(pool: Pool, fresh_redis: Callable[[], str]) -> AsyncIterator[BoardGame]:
    async with game_with_boards(pool, fresh_redis()) as game:
        yield game


async def moves_while_building(game: BoardGame, before: str) -> None:
    ada, ben, cem = [await game.player() for _ in range(3)]
    await game.score(ada, 5)
    await game.score(ben, 4)

    async def meanwhile() -> None:
        await game.score(ada, 1)
        await game.score(cem, 3)
        await game.appear(ben, "hidden")
        await game.another_keeper().keep()

    assert await game.another_keeper(Interrupted(game.redis, before, meanwhile)).build(WEEK)
    await game.assert_same()
    assert [place.player_id for place in await game.in_redis() or []] == [cem, ada]


@pytest.mark.parametrize("before", ["add", "finish"])
async def test_what_moves_while_a_board_is_built_is_right_on_the_new_one(game: BoardGame, before: str) -> None:
    await moves_while_building(game, before)


@pytest.mark.parametrize("before", ["add", "finish"])
async def test_the_old_board_serves_and_is_kept_while_the_new_one_is_built(game: BoardGame, before: str) -> None:
    await game.score(await game.player(), 9)
    await game.keeper.build(WEEK)
    seen: list[list[Ranked] | None] = []
    ada = await game.player()

    async def meanwhile() -> None:
        await game.score(ada, 5)
        await game.another_keeper().keep()
        seen.append(await game.in_redis())

    await game.another_keeper(Interrupted(game.redis, before, meanwhile)).build(WEEK)
    assert seen == [await game.in_postgres()]
    await game.assert_same()


async def test_a_board_that_is_begun_while_a_keeper_is_at_work_misses_nothing(game: BoardGame) -> None:
    """The keeper does not know of it yet, and its builder has read before the change: somebody has to tell it."""
    ada = await game.player()
    await game.keeper.build(ALL_TIME)
    await game.score(ada, 5)
    began = asyncio.Event()
    told = asyncio.Event()

    async def wait() -> None:
        began.set()
        await told.wait()

    async def begin() -> None:
        building.append(asyncio.create_task(slow.build(WEEK)))
        await began.wait()

    building: list[asyncio.Task[bool]] = []
    slow = game.another_keeper(Interrupted(game.redis, "add", wait))
    await game.another_keeper(Interrupted(game.redis, "apply", begin)).keep()
    await game.score(ada, 7)
    await game.keeper.keep()
    told.set()
    assert await building[0]
    await game.keeper.keep()
    await game.assert_same(WEEK, ALL_TIME)


async def test_of_two_builders_of_a_board_the_later_one_finishes(game: BoardGame) -> None:
    ada = await game.player()
    await game.score(ada, 5)

    async def meanwhile() -> None:
        await game.score(ada, 9)
        await game.keeper.keep()
        assert await game.keeper.build(WEEK)

    assert not await game.another_keeper(Interrupted(game.redis, "add", meanwhile)).build(WEEK)
    await game.assert_same()


async def test_an_empty_board_is_a_board_and_a_missing_one_is_asked_for_once(game: BoardGame) -> None:
    assert await game.boards.top(WEEK, 10) is None
    assert await game.boards.around(WEEK, new_id(), 2) is None
    assert await game.boards.wanted() == WEEK
    assert await game.boards.wanted() is None
    await game.boards.top(WEEK, 10)
    await game.keeper.build_wanted()
    assert await game.boards.top(WEEK, 10) == []
    assert await game.boards.around(WEEK, new_id(), 2) == []
    assert await game.boards.wanted() is None


async def test_a_board_that_grows_old_is_built_anew_if_it_is_read(game: BoardGame) -> None:
    await game.keeper.build(WEEK)
    await game.redis.expire(PREFIX + name_of(WEEK), boards_module.RENEWED_SECONDS - 1)
    await game.keeper.build_wanted()
    assert await game.redis.ttl(PREFIX + name_of(WEEK)) < boards_module.RENEWED_SECONDS
    await game.boards.top(WEEK, 10)
    await game.keeper.build_wanted()
    assert await game.redis.ttl(PREFIX + name_of(WEEK)) > boards_module.RENEWED_SECONDS
