"""How long the close of a week takes: final places on all boards, leagues settled, the next week's cohorts drawn.

Every learner has a seat in a class and points in one course. The first week is one of newcomers, the second has all
of them in leagues. Beside it stands what the same Postgres takes to insert as many rows with the same keys, and
nothing else. Postgres is taken from TEST_DATABASE_URL, or started for this run and gone with it.
"""

import argparse
import time
from collections.abc import Awaitable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import uvloop
from replay import server_url

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.database import Pool, open_pool
from babyowl_chassis.testing import TurnableClock, fresh_database
from gamification.application.commands.close_period import ClosePeriod, close_period
from gamification.application.commands.seat_newcomers import SeatNewcomers, seat_newcomers
from gamification.application.publishing import published
from gamification.bootstrap import service
from gamification.domain.calendar import Academy
from gamification.infrastructure.closing_time import ClosingTime
from gamification.infrastructure.unit_of_work import GamificationUnitOfWork

WEEK = date(2026, 3, 2)
TABLES = ("final_places", "league_seats", "league_results", "event_log")

_LEARN = (
    """
    INSERT INTO people (id, display_name, role, status, time_zone, locale, revision)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'Learner ' || n, 'student', 'active', 'UTC', 'en', 1
    FROM generate_series(1, $1) AS n
    """,
    """
    INSERT INTO players (id, version, total_xp, announced_level)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 1, 0, 1 FROM generate_series(1, $1) AS n
    """,
    """
    INSERT INTO class_members (class_id, student_id, active, sequence)
    SELECT lpad(to_hex(n / 20), 32, 'c')::uuid, lpad(to_hex(n), 32, '0')::uuid, true, 1
    FROM generate_series(1, $1) AS n
    """,
)
_SCORE = """
INSERT INTO scores (player_id, scope, scope_id, period, starts_on, xp, reached_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, board.scope, board.scope_id, 'week', $2, 10 + abs(hashint8(n + $3)) % 500,
    $2::date + make_interval(secs => abs(hashint8(n - $3)) % 600000)
FROM generate_series(1, $1) AS n
CROSS JOIN LATERAL (
    VALUES ('academy', lpad('', 32, '0')::uuid), ('course', lpad(to_hex(n % 50), 32, 'd')::uuid)
) AS board (scope, scope_id)
"""
_ROWS = "SELECT count(*) FROM {table}"
_AS_MANY = (
    "CREATE TABLE bare_{table} (LIKE {table} INCLUDING INDEXES INCLUDING DEFAULTS)",
    "INSERT INTO bare_{table} SELECT * FROM {table}",
    "DROP TABLE bare_{table}",
)


async def seconds(work: Awaitable[object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def bare_insert(pool: Pool) -> float:
    """Seconds to insert all the rows of the closes once more, in tables with the same keys."""
    taken = 0.0
    for table in TABLES:
        make, insert, drop = (statement.format(table=table) for statement in _AS_MANY)
        await pool.execute(make)
        taken += await seconds(pool.execute(insert, timeout=600))
        await pool.execute(drop)
    return taken


async def play(pool: Pool, learners: int, week: int) -> None:
    """Everybody has points in this week, in the academy and in one course."""
    await pool.execute(_SCORE, learners, WEEK + timedelta(weeks=week), week, timeout=600)
    await pool.execute("ANALYZE")


async def close(pool: Pool, learners: int) -> None:
    """Close two weeks of so many learners, and say how long it took."""
    clock = TurnableClock(datetime.combine(WEEK, datetime.min.time(), UTC) + timedelta(hours=2))
    bus = Bus(
        SqlTransactions(pool, GamificationUnitOfWork),
        publish=published,
        handlers={ClosePeriod: close_period, SeatNewcomers: seat_newcomers},
    )
    closing, taken = ClosingTime(pool, bus, Academy(ZoneInfo("UTC"), clock)), list[float]()
    for statement in _LEARN:
        await pool.execute(statement, learners, timeout=600)
    for week in range(2):
        await play(pool, learners, week)
        clock.turn(timedelta(weeks=1))
        taken.append(await seconds(closing.run()))
    rows = sum([await pool.fetchval(_ROWS.format(table=table)) for table in TABLES])
    reference = await bare_insert(pool)
    print(
        f"{learners:9,} learners: {taken[0]:6.2f} s with newcomers, {taken[1]:6.2f} s in leagues; "
        f"{rows:9,} rows, which bare take {reference:6.2f} s"
    )


async def bench(sizes: list[int]) -> None:
    with server_url() as admin_url:
        for learners in sizes:
            async with (
                fresh_database(service, admin_url) as url,
                open_pool(url, application="bench", size=1) as pool,
            ):
                await pool.execute("SET statement_timeout = 0")
                await close(pool, learners)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, nargs="+", default=[1_000, 100_000])
    uvloop.run(bench(parser.parse_args().learners))


if __name__ == "__main__":
    main()
