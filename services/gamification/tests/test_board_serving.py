"""What is read of boards is right and safe, whatever is in Redis."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest

from babyowl_chassis.database import Pool
from gamification.domain.boards import MOST_XP, Board
from gamification.infrastructure import boards as boards_module
from gamification.queries import standings
from gamification.queries.faces import Viewer
from gamification.queries.leaderboards import Leaderboards

from .board_game import WEEK, BoardGame, game_with_boards

pytestmark = pytest.mark.infra


@pytest.fixture
async def game(pool: Pool, fresh_redis: Callable[[], str]) -> AsyncIterator[BoardGame]:
    async with game_with_boards(pool, fresh_redis()) as game:
        yield game


async def places(game: BoardGame, viewer: UUID) -> list[tuple[int, str, int]]:
    leaderboards = Leaderboards(game.boards)
    found = await leaderboards.top(game.pool, Board(WEEK), viewer=Viewer(viewer, knows_everybody=True), limit=10)
    return [(place.rank, place.face.name, place.xp) for place in found]


async def test_a_board_that_no_keeper_knows_does_not_serve(game: BoardGame) -> None:
    """A Redis that is short of memory may throw anything away, also the list of what is to be kept."""
    await game.keeper.build(WEEK)
    await game.redis.delete(boards_module.KNOWN)
    await game.score(await game.player(), 5)
    await game.keeper.keep()
    assert await game.in_redis() is None
    await game.keeper.build_wanted()
    await game.assert_same()


@pytest.mark.parametrize("gone", ["hidden", "deactivated", "instructor"])
async def test_whoever_may_not_be_shown_any_more_is_gone_at_once_whatever_the_cache_says(
    game: BoardGame, gone: str
) -> None:
    ada, ben = await game.player("Ada"), await game.player("Ben")
    await game.score(ada, 5)
    await game.score(ben, 4)
    await game.keeper.build(WEEK)
    assert await places(game, ben) == [(1, "Ada", 5), (2, "Ben", 4)]
    match gone:
        case "hidden":
            await game.appear(ada, "hidden")
        case "deactivated":
            await game.become(ada, status="deactivated")
        case "instructor":
            await game.become(ada, role="instructor")
    assert len(await game.in_redis() or []) == 2
    assert await places(game, ben) == [(1, "Ben", 4)]
    await game.keeper.keep()
    assert len(await game.in_redis() or []) == 1


async def test_points_just_earned_are_shown_at_once_to_who_earned_them(game: BoardGame) -> None:
    ada, ben = await game.player("Ada"), await game.player("Ben")
    await game.score(ada, 5)
    await game.score(ben, 4)
    await game.keeper.build(WEEK)
    await game.score(ben, 6)
    leaderboards, viewer = Leaderboards(game.boards), Viewer(ben, knows_everybody=True)
    found = await leaderboards.around(game.pool, Board(WEEK), viewer=viewer, neighbours=1)
    assert [(place.rank, place.face.name, place.xp) for place in found] == [(1, "Ben", 6), (2, "Ada", 5)]


async def test_what_a_code_has_no_room_for_is_read_from_postgres(game: BoardGame) -> None:
    ada, ben = await game.player("Ada"), await game.player("Ben")
    await game.score(ada, MOST_XP + 1)
    await game.score(ben, MOST_XP + 2)
    await game.keeper.build(WEEK)
    assert await places(game, ben) == [(1, "Ben", MOST_XP + 2), (2, "Ada", MOST_XP + 1)]


async def test_a_current_board_is_not_worked_out_by_postgres(
    game: BoardGame, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await game.player("Ada")
    await game.score(ada, 5)
    await game.keeper.build(WEEK)

    async def never(*_: object, **__: object) -> list[standings.Place]:
        raise AssertionError("asked Postgres")

    monkeypatch.setattr(standings, "top", never)
    monkeypatch.setattr(standings, "around", never)
    assert await places(game, ada) == [(1, "Ada", 5)]
