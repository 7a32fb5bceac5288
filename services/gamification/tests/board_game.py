"""Scores, and the boards in Redis that are made of them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from redis.asyncio import Redis

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import acquaint
from gamification.domain.boards import Ranked
from gamification.domain.scores import ACADEMY_ID, Scope, ScoreKey, ScorePeriod
from gamification.infrastructure.board_keeping import BoardKeeper
from gamification.infrastructure.boards import RedisBoards
from gamification.queries.faces import SHOWN_PEOPLE

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
class BoardGame:
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


@asynccontextmanager
async def game_with_boards(pool: Pool, redis_url: str) -> AsyncIterator[BoardGame]:
    """Of which a keeper has begun to keep the boards."""
    async with Redis.from_url(redis_url) as redis:
        game = BoardGame(pool, redis)
        await game.keeper.keep()
        yield game


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
