"""How fast leaderboards are read at 1,000, 100,000 and 1,000,000 players: from Redis, and from Postgres alone.

What is timed is the whole answer as the service gives it: the order and the rank, the points checked against
Postgres, and the names as the viewer may see them. Also how long a board takes to be built while it is read, and how
many learners' changes are brought to the boards a second. Servers are taken from TEST_DATABASE_URL and
TEST_REDIS_URL, or started for this run and gone with it.
"""

import argparse
import asyncio
import logging
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import structlog
import uvloop
from redis.asyncio import Redis

from babyowl_chassis.database import Pool, open_pool
from babyowl_chassis.testing import fresh_database
from babyowl_local import servers
from gamification.bootstrap import service
from gamification.domain.boards import Board, Ranked
from gamification.domain.scores import Scope, ScoreKey, ScorePeriod
from gamification.infrastructure.board_keeping import BoardKeeper
from gamification.infrastructure.boards import RedisBoards
from gamification.queries.faces import Viewer
from gamification.queries.leaderboards import Leaderboards

WEEK = date(2026, 3, 2)
CLASS_SIZE = 20
TOP, NEIGHBOURS = 100, 2
MOVED = 20_000
"""Learners whose points change, to see how fast the boards follow."""

# Players are numbered: the number is the end of their id. One in a hundred has hidden, another is no longer active.
# They are made without triggers and checks, which would only cost time; a board is a course's, whose id is its size.
_MAKE = """
SET session_replication_role = replica;
INSERT INTO players (id, version, total_xp, announced_level)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 1, 1000, 1 FROM generate_series(1, {size}) AS n;
INSERT INTO people (id, display_name, avatar_url, role, status, time_zone, locale, revision)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'Ada Lovelace ' || n, NULL, 'student',
        CASE WHEN n % 100 = 7 THEN 'deactivated' ELSE 'active' END, 'UTC', 'en', 1
    FROM generate_series(1, {size}) AS n;
INSERT INTO appearances (id, version, leaderboard)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 1, 'hidden' FROM generate_series(13, {size}, 100) AS n;
INSERT INTO class_members (class_id, student_id, active, sequence)
    SELECT lpad(to_hex(n / {class_size}), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, true, 1
    FROM generate_series(1, {size}) AS n;
"""
_SCORE = """
INSERT INTO scores (player_id, scope, scope_id, period, starts_on, xp, reached_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'course', lpad(to_hex({size}), 32, '0')::uuid, 'week', '2026-03-02',
        1 + (hashint8(n)::bigint + 2147483648) % 3000, '2026-03-02'::timestamptz + n % 600000 * interval '1 second'
    FROM generate_series(1, {size}) AS n;
"""
_READY = "SET session_replication_role = DEFAULT; VACUUM ANALYZE"
_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE 'ix_%'"
_MOVE = "UPDATE scores SET xp = xp + 10 WHERE scope_id = $1 AND player_id < $2"


class NoBoards:
    """Where there is no cache."""

    async def top(self, _scores: ScoreKey, _limit: int) -> list[Ranked] | None:
        """None: there is none."""

    async def around(self, _scores: ScoreKey, _player_id: UUID, _neighbours: int) -> list[Ranked] | None:
        """None: there is none."""


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds that reads took."""

    milliseconds: Sequence[float]

    def __str__(self) -> str:
        """Median and the 99th of a hundred."""
        taken = sorted(self.milliseconds)
        return f"{taken[len(taken) // 2]:8.1f} {taken[min(len(taken) - 1, int(len(taken) * 0.99))]:8.1f}"


@dataclass(frozen=True, slots=True)
class Bench:
    """A database with boards of several sizes, and Redis beside it."""

    pool: Pool
    redis: Redis
    chance: random.Random

    async def make(self, sizes: Sequence[int]) -> None:
        """Players, and a board of each size."""
        async with self.pool.acquire() as connection:
            await connection.execute("SET statement_timeout = 0; SET synchronous_commit = off")
            indexes = await connection.fetch(_INDEXES)
            for index in indexes:
                await connection.execute(f"DROP INDEX {index['indexname']}")
            await connection.execute(_MAKE.format(size=max(sizes), class_size=CLASS_SIZE), timeout=600)
            for size in sizes:
                await connection.execute(_SCORE.format(size=size), timeout=600)
            for statement in (*(index["indexdef"] for index in indexes), *_READY.split(";")):
                await connection.execute(statement, timeout=600)

    def viewer(self, size: int) -> Viewer:
        """One of the players who stand on the board."""
        number = self.chance.randrange(size // 100 or 1) * 100 + 42
        return Viewer(UUID(int=number), knows_everybody=False)

    async def read(self, leaderboards: Leaderboards, size: int, times: int) -> tuple[Times, Times]:
        """First places, and one's own among its neighbours, by so many viewers one after the other."""
        board, viewers = Board(scores_of(size)), [self.viewer(size) for _ in range(times)]
        top = [
            await timed(lambda: leaderboards.top(self.pool, board, viewer=viewer, limit=TOP))  # noqa: B023
            for viewer in viewers
        ]
        own = [
            await timed(lambda: leaderboards.around(self.pool, board, viewer=viewer, neighbours=NEIGHBOURS))  # noqa: B023
            for viewer in viewers
        ]
        return Times(top), Times(own)


def scores_of(size: int) -> ScoreKey:
    """The scores of the board of that size."""
    return ScoreKey(Scope.COURSE, UUID(int=size), ScorePeriod.WEEK, WEEK)


async def timed(read: Callable[[], Awaitable[Sequence[object]]]) -> float:
    """Milliseconds; of an answer that shows somebody."""
    began = time.perf_counter()
    found = await read()
    taken = (time.perf_counter() - began) * 1000
    if not found:
        raise AssertionError("nobody is shown")
    return taken


async def built_while_read(
    bench: Bench, keeper: BoardKeeper, leaderboards: Leaderboards, size: int
) -> tuple[float, Times]:
    """Seconds that building took, and what one's own place took meanwhile."""
    began = time.perf_counter()
    building = asyncio.create_task(keeper.build(scores_of(size)))
    taken = []
    while not building.done():
        viewer = bench.viewer(size)
        taken.append(
            await timed(
                lambda: leaderboards.around(bench.pool, Board(scores_of(size)), viewer=viewer, neighbours=NEIGHBOURS)  # noqa: B023
            )
        )
        await asyncio.sleep(0.005)
    if not await building:
        raise AssertionError("somebody else has built it")
    return time.perf_counter() - began, Times(taken)


async def measure(url: str, redis_url: str, sizes: Sequence[int], reads: int) -> None:
    async with open_pool(url, application="bench", size=4) as pool, Redis.from_url(redis_url) as redis:
        bench = Bench(pool, redis, random.Random(7))  # noqa: S311
        began = time.perf_counter()
        await bench.make(sizes)
        print(f"{max(sizes):,} players made in {time.perf_counter() - began:.0f} s; milliseconds, median and p99\n")
        boards = RedisBoards(redis)
        keeper = BoardKeeper(pool, boards)
        await keeper.keep()
        print(f"{'players':>10}  {'':24}{'Redis':>17}  {'Postgres alone':>17}")
        for size in sizes:
            began = time.perf_counter()
            await keeper.build(scores_of(size))
            seconds = time.perf_counter() - began
            cached = await bench.read(Leaderboards(boards), size, reads)
            # An own rank from Postgres alone counts all who are ahead: of a million, a few are enough.
            alone = await bench.read(Leaderboards(NoBoards()), size, max(20, reads * 1_000 // size if size else 0))
            for name, ours, theirs in zip(("top 100", "own rank, 2 neighbours"), cached, alone, strict=True):
                print(f"{size:>10,}  {name:24}{ours}  {theirs}")
            memory = (await redis.memory_usage(f"gamification:board:course:{UUID(int=size)}:week:{WEEK}")) or 0
            print(f"{size:>10,}  built in {seconds:.2f} s, {memory / 1e6:.1f} MB of Redis")
        seconds, meanwhile = await built_while_read(bench, keeper, Leaderboards(boards), max(sizes))
        print(f"\nbuilt anew while it is read: {seconds:.1f} s; own rank meanwhile {meanwhile} ms")
        moved = min(MOVED, max(sizes))
        await pool.execute(_MOVE, UUID(int=max(sizes)), UUID(int=moved))
        began = time.perf_counter()
        await keeper.keep()
        print(f"changes brought to the boards: {moved / (time.perf_counter() - began):,.0f} learners/s")


@contextmanager
def server_urls() -> Iterator[tuple[str, str]]:
    """Postgres and Redis: the given ones, or private ones that end with this process."""
    given = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    with tempfile.TemporaryDirectory(prefix="babyowl-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)
        urls = [
            url or servers.ensure_held(kind, Path(home) / kind, owner=os.getpid()).url
            for kind, url in zip(("postgres", "redis"), given, strict=True)
        ]
        try:
            yield urls[0], urls[1]
        finally:
            servers.release_all(Path(home))


async def bench(sizes: Sequence[int], reads: int) -> None:
    with server_urls() as (admin_url, redis_url):
        async with fresh_database(service, admin_url) as url:
            await measure(url, redis_url, sizes, reads)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000], help="players")
    parser.add_argument("--reads", type=int, default=400, help="reads of each kind from Redis")
    given = parser.parse_args()
    uvloop.run(bench(sorted(given.sizes), given.reads))


if __name__ == "__main__":
    main()
