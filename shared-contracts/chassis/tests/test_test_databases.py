"""The databases of tests are used again; nobody can tell, and what was changed for good is thrown away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg
import pytest
from jars import service

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import fresh_database

pytestmark = pytest.mark.infra

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

PUT_A_JAR = "INSERT INTO jars (id, version, label, capacity, notes) VALUES ($1, 1, 'blue', 3, '[]')"
PUT_A_MARBLE = "INSERT INTO marbles (jar_id, id, added_at) VALUES ($1, $2, now())"


@asynccontextmanager
async def used(admin_url: str) -> AsyncIterator[Connection]:
    """A fresh database, and a connection that nobody closes before it is given back."""
    async with fresh_database(service, admin_url) as url:
        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            connection.terminate()


async def name_of(connection: Connection) -> str:
    name: str = await connection.fetchval("SELECT current_database()")
    return name


async def test_what_was_written_is_gone_and_numbers_begin_anew(postgres_admin_url: str) -> None:
    draw = "SELECT nextval(pg_get_serial_sequence('event_log', 'seq'))"
    names, jar = set(), new_id()
    for _ in range(3):
        async with used(postgres_admin_url) as connection:
            names.add(await name_of(connection))
            for table in ("jars", "marbles", "counts", "event_log", "outbox", "inbox", "people"):
                assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
            assert await connection.fetchval(draw) == 1
            await connection.execute(PUT_A_JAR, jar)
            await connection.execute(PUT_A_MARBLE, jar, new_id())
    assert len(names) == 1


async def test_two_at_once_are_two(postgres_admin_url: str) -> None:
    async with used(postgres_admin_url) as one, used(postgres_admin_url) as other:
        assert await name_of(one) != await name_of(other)


async def test_a_transaction_that_was_left_open_does_not_reach_whoever_comes_next(postgres_admin_url: str) -> None:
    async with fresh_database(service, postgres_admin_url) as url:
        forgotten = await asyncpg.connect(url)
        await forgotten.execute("BEGIN; LOCK TABLE jars")
    async with used(postgres_admin_url) as connection:
        await connection.execute(PUT_A_JAR, new_id())
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError), match=r"terminat|closed"):
        await forgotten.execute("COMMIT")


async def test_one_that_lets_nobody_in_is_not_used_again(postgres_admin_url: str) -> None:
    admin = await asyncpg.connect(postgres_admin_url)
    async with used(postgres_admin_url) as connection:
        name = await name_of(connection)
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    assert await admin.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", name) == 0
    await admin.close()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE jars ADD COLUMN lid boolean",
        "ALTER TABLE marbles RENAME TO lost_marbles",
        "ALTER TABLE jars ADD CONSTRAINT uq_jars_anew UNIQUE (id, label)",
        "CREATE INDEX ix_jars_label ON jars (label)",
        "CREATE FUNCTION public.pg_notify(text, text) RETURNS text RETURN 'not a word'",
        "CREATE SCHEMA attic",
        "DELETE FROM alembic_version",
        "ANALYZE jars",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 4096', current_database()); END $$",
    ],
)
async def test_one_that_is_no_longer_what_was_migrated_is_not_used_again(
    postgres_admin_url: str, change: str
) -> None:
    async with used(postgres_admin_url) as connection:
        name = await name_of(connection)
        await connection.execute(PUT_A_JAR, new_id())
        await connection.execute(change)
    async with used(postgres_admin_url) as connection:
        assert await name_of(connection) != name
        assert await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", name) == 0
