"""The boards in Redis, beside those that Postgres works out."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import acquaint
from gamification.domain.boards import MOST_XP, Board, Ranked
from gamification.domain.scores import ACADEMY_ID, Scope, ScoreKey, ScorePeriod
from gamification.infrastructure import boards as boards_module
from gamification.infrastructure.board_keeping import BoardKeeper
from gamification.infrastructure.boards import PREFIX, RedisBoards, name_of
from gamification.queries import standings
from gamification.queries.faces import SHOWN_PEOPLE, Viewer
from gamification.queries.leaderboards import Leaderboards

pytestmark = pytest.mark.infra

WEEK = ScoreKey(Scope.ACADEMY, ACADEMY_ID, ScorePeriod.WEEK, date(2026, 3, 2))
ALL_TIME = ScoreKey(Scope.ACADEMY, ACADEMY_ID, ScorePeriod.ALL, date.min)
OF_COURSE = ScoreKey(Scope.COURSE, new_id(), ScorePeriod.WEEK, date(2026, 3, 2))
ALL = (WEEK, ALL_TIME, OF_COURSE)
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

_SCORE = """
INSERT INTO scores (player_id, scope, scope_id, period, starts_on, xp, reached_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (player_id, scope, scope_id, period, starts_on)
DO UPDATE SET xp = excluded.xp, reached_at = excluded.reached_at
"""
_NO_SCORE = """
DELETE FROM scores WHERE player_id = $1 AND (scope, scope_id, period, starts_on) = ($2, $3, $4, $5)
"""
_PLAY = """
INSERT INTO players (id, version, total_xp, announced_level)
VALUES ($1, 1, 0, 1)
"""
_APPEAR = """
INSERT INTO appearances (id, version, leaderboard) VALUES ($1, 1, $2)
ON CONFLICT (id) DO UPDATE SET leaderboard = excluded.leaderboard
"""
_BOARD = f"""
SELECT rank() OVER (ORDER BY xp DESC) AS rank, player_id, xp, reached_at
FROM scores JOIN {SHOWN_PEOPLE} AS shown ON shown.id = player_id
WHERE (scope, scope_id, period, starts_on) = ($1, $2, $3, $4)
ORDER BY xp DESC, reached_at, player_id
"""


def key(scores: ScoreKey) -> tuple[str, UUID, str, date]:
    return scores.scope, scores.scope_id, scores.period, scores.starts_on


@dataclass
class Game:
    """Scores as they are written by others, and the boards made of them."""

    pool: Pool
    redis: Redis
    players: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.boards = RedisBoards(self.redis)
        self.keeper = BoardKeeper(self.pool, self.boards)

    def another_keeper(self, boards: RedisBoards | None = None) -> BoardKeeper:
        return BoardKeeper(self.pool, boards or RedisBoards(self.redis))

    async def player(self, name: str = "Ada") -> UUID:
        player_id = await acquaint(self.pool, name=name)
        await self.pool.execute(_PLAY, player_id)
        self.players.append(player_id)
        return player_id

    async def score(self, player_id: UUID, xp: int, at: datetime = NOON, scores: ScoreKey = WEEK) -> None:
        await self.pool.execute(_SCORE, player_id, *key(scores), xp, at)

    async def lose_score(self, player_id: UUID, scores: ScoreKey = WEEK) -> None:
        await self.pool.execute(_NO_SCORE, player_id, *key(scores))

    async def appear(self, player_id: UUID, leaderboard: str) -> None:
        await self.pool.execute(_APPEAR, player_id, leaderboard)

    async def become(self, player_id: UUID, *, role: str = "student", status: str = "active") -> None:
        await acquaint(self.pool, player_id, role=role, status=status)

    async def stale(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM stale_places"))

    async def in_postgres(self, scores: ScoreKey = WEEK) -> list[Ranked]:
        return [Ranked(**row) for row in await self.pool.fetch(_BOARD, *key(scores))]

    async def in_redis(self, scores: ScoreKey = WEEK) -> list[Ranked] | None:
        return await self.boards.top(scores, 1000)

    async def assert_same(self, *boards: ScoreKey) -> None:
        for scores in boards or (WEEK,):
            assert await self.in_redis(scores) == await self.in_postgres(scores)


@pytest.fixture
async def game(pool: Pool, fresh_redis: Callable[[], str]) -> AsyncIterator[Game]:
    async with Redis.from_url(fresh_redis()) as redis:
        game = Game(pool, redis)
        await game.keeper.keep()
        yield game


async def something(game: Game, chance: random.Random) -> None:
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
async def test_after_any_changes_the_boards_in_redis_are_those_of_postgres(game: Game, seed: int) -> None:
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


async def assert_same_places(game: Game, player: UUID) -> None:
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
    game: Game, seed: int
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


class Interrupted(RedisBoards):
    """Boards on which, right before something is done to them for the first time, something else happens."""

    def __init__(self, redis: Redis, before: str, interruption: Callable[[], Awaitable[object]]) -> None:
        super().__init__(redis)
        self._before, self._interruption = before, interruption

    async def _interrupt(self, at: str) -> None:
        if at == self._before:
            self._before = ""
            await self._interruption()

    async def apply(self, *args: object) -> bool:
        await self._interrupt("apply")
        return await super().apply(*args)  # type: ignore[arg-type]

    async def add(self, *args: object) -> bool:
        await self._interrupt("add")
        return await super().add(*args)  # type: ignore[arg-type]

    async def finish(self, *args: object) -> bool:
        await self._interrupt("finish")
        return await super().finish(*args)  # type: ignore[arg-type]


async def test_a_keeper_that_was_away_for_a_while_brings_nothing_old_back(game: Game) -> None:
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


async def test_what_changes_while_it_is_applied_is_applied_again(game: Game) -> None:
    ada = await game.player()
    await game.keeper.build(WEEK)
    await game.score(ada, 5)
    keeper = game.another_keeper(Interrupted(game.redis, "apply", lambda: game.score(ada, 9)))
    await keeper.keep()
    assert await game.stale() == 1
    await keeper.keep()
    await game.assert_same()
    assert await game.stale() == 0


async def moves_while_building(game: Game, before: str) -> None:
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
async def test_what_moves_while_a_board_is_built_is_right_on_the_new_one(game: Game, before: str) -> None:
    await moves_while_building(game, before)


@pytest.mark.parametrize("before", ["add", "finish"])
async def test_the_old_board_serves_and_is_kept_while_the_new_one_is_built(game: Game, before: str) -> None:
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


async def test_a_board_that_is_begun_while_a_keeper_is_at_work_misses_nothing(game: Game) -> None:
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


async def test_of_two_builders_of_a_board_the_later_one_finishes(game: Game) -> None:
    ada = await game.player()
    await game.score(ada, 5)

    async def meanwhile() -> None:
        await game.score(ada, 9)
        await game.keeper.keep()
        assert await game.keeper.build(WEEK)

    assert not await game.another_keeper(Interrupted(game.redis, "add", meanwhile)).build(WEEK)
    await game.assert_same()


async def test_an_empty_board_is_a_board_and_a_missing_one_is_asked_for_once(game: Game) -> None:
    assert await game.boards.top(WEEK, 10) is None
    assert await game.boards.around(WEEK, new_id(), 2) is None
    assert await game.boards.wanted() == WEEK
    assert await game.boards.wanted() is None
    await game.boards.top(WEEK, 10)
    await game.keeper.build_wanted()
    assert await game.boards.top(WEEK, 10) == []
    assert await game.boards.around(WEEK, new_id(), 2) == []
    assert await game.boards.wanted() is None


async def test_a_board_that_grows_old_is_built_anew_if_it_is_read(game: Game) -> None:
    await game.keeper.build(WEEK)
    await game.redis.expire(PREFIX + name_of(WEEK), boards_module.RENEWED_SECONDS - 1)
    await game.keeper.build_wanted()
    assert await game.redis.ttl(PREFIX + name_of(WEEK)) < boards_module.RENEWED_SECONDS
    await game.boards.top(WEEK, 10)
    await game.keeper.build_wanted()
    assert await game.redis.ttl(PREFIX + name_of(WEEK)) > boards_module.RENEWED_SECONDS


async def test_boards_of_another_life_are_thrown_away(game: Game) -> None:
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


async def test_boards_of_a_postgres_that_was_set_back_are_thrown_away(game: Game) -> None:
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


async def test_a_board_that_no_keeper_knows_does_not_serve(game: Game) -> None:
    """A Redis that is short of memory may throw anything away, also the list of what is to be kept."""
    await game.keeper.build(WEEK)
    await game.redis.delete(boards_module.KNOWN)
    await game.score(await game.player(), 5)
    await game.keeper.keep()
    assert await game.in_redis() is None
    await game.keeper.build_wanted()
    await game.assert_same()


async def test_a_board_that_is_gone_is_no_longer_kept(game: Game) -> None:
    await game.keeper.keep()
    await game.keeper.build(WEEK)
    await game.redis.delete(PREFIX + name_of(WEEK))
    await game.score(await game.player(), 5)
    await game.keeper.keep()
    assert await game.boards.known() == set()
    assert await game.in_redis() is None


async def places(game: Game, viewer: UUID) -> list[tuple[int, str, int]]:
    leaderboards = Leaderboards(game.boards)
    found = await leaderboards.top(game.pool, Board(WEEK), viewer=Viewer(viewer, knows_everybody=True), limit=10)
    return [(place.rank, place.face.name, place.xp) for place in found]


@pytest.mark.parametrize("gone", ["hidden", "deactivated", "instructor"])
async def test_whoever_may_not_be_shown_any_more_is_gone_at_once_whatever_the_cache_says(
    game: Game, gone: str
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


async def test_points_just_earned_are_shown_at_once_to_who_earned_them(game: Game) -> None:
    ada, ben = await game.player("Ada"), await game.player("Ben")
    await game.score(ada, 5)
    await game.score(ben, 4)
    await game.keeper.build(WEEK)
    await game.score(ben, 6)
    leaderboards, viewer = Leaderboards(game.boards), Viewer(ben, knows_everybody=True)
    found = await leaderboards.around(game.pool, Board(WEEK), viewer=viewer, neighbours=1)
    assert [(place.rank, place.face.name, place.xp) for place in found] == [(1, "Ben", 6), (2, "Ada", 5)]


async def test_what_a_code_has_no_room_for_is_read_from_postgres(game: Game) -> None:
    ada, ben = await game.player("Ada"), await game.player("Ben")
    await game.score(ada, MOST_XP + 1)
    await game.score(ben, MOST_XP + 2)
    await game.keeper.build(WEEK)
    assert await places(game, ben) == [(1, "Ben", MOST_XP + 2), (2, "Ada", MOST_XP + 1)]


async def test_a_current_board_is_not_worked_out_by_postgres(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await game.player("Ada")
    await game.score(ada, 5)
    await game.keeper.build(WEEK)

    async def never(*_: object, **__: object) -> list[standings.Place]:
        raise AssertionError("asked Postgres")

    monkeypatch.setattr(standings, "top", never)
    monkeypatch.setattr(standings, "around", never)
    assert await places(game, ada) == [(1, "Ada", 5)]


async def test_while_redis_is_away_changes_wait_and_it_is_not_asked_again_for_a_moment(game: Game) -> None:
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
