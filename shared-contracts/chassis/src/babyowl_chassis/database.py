"""Connections to Postgres: a pool that writes, and a pool that only reads and may look at a replica."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeAlias

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy

log = structlog.get_logger(__name__)

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

STATEMENT_TIMEOUT = timedelta(seconds=15)
ACQUIRE_TIMEOUT = timedelta(seconds=5)
CLOSE_SECONDS = 10.0

AWAY: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
"""What asyncpg raises when Postgres, or a connection to it, is gone; `is_away` knows of more."""

_NO_CONNECTION: tuple[type[Exception], ...] = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)
"""Whatever keeps a connection from being made: none can be had."""


class DatabaseAway(Exception):
    """Postgres cannot be reached, or was lost under way, or no connection came free in time.

    If it was lost during the commit nobody knows whether that took effect: inbox and idempotency keys tell.
    """


def is_away(error: BaseException) -> bool:
    """Whether this says that Postgres, or a connection to it, is gone, and not that something is wrong."""
    # asyncpg has one class for a connection that is closed, for wrong use, and for arguments that do not fit.
    closed = type(error) is asyncpg.InterfaceError and any(
        words in str(error) for words in ("is closed", "is closing", "released back to the pool")
    )
    return closed or isinstance(error, (*AWAY, DatabaseAway))


async def _speak_json(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def _reset(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    # Nothing here changes a session for longer than its transaction, so there is nothing to undo but one that was
    # left open. asyncpg's own reset is a round trip after every single query.
    if connection.is_in_transaction():
        await connection.reset()


async def connect(url: str, *, application: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A dedicated connection, for who must not share one: the relay, and locks held for long."""
    connection = await asyncpg.connect(
        url,
        timeout=10,
        command_timeout=STATEMENT_TIMEOUT.total_seconds(),
        server_settings={"application_name": application},
    )
    await _speak_json(connection)
    return connection


@asynccontextmanager
async def open_pool(url: str, *, application: str, size: int, read_only: bool = False) -> AsyncIterator[Pool]:
    """A pool of at most `size` connections; a statement that takes longer than 15 s is given up."""
    settings = {
        "application_name": application,
        "jit": "off",
        "statement_timeout": str(int(STATEMENT_TIMEOUT.total_seconds() * 1000)),
        "idle_in_transaction_session_timeout": "30000",
    }
    if read_only:
        settings["default_transaction_read_only"] = "on"
    options: dict[str, Any] = {"server_settings": settings, "init": _speak_json, "reset": _reset}
    pool: Pool = await asyncpg.create_pool(url, min_size=1, max_size=size, timeout=10, **options)
    try:
        yield pool
    finally:
        await _close(pool)


async def _close(pool: Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
    except TimeoutError:
        log.error("connections_cut", reason="still in use when the pool had to close")
        pool.terminate()


@asynccontextmanager
async def lent(pool: Pool) -> "AsyncIterator[PoolConnectionProxy[asyncpg.Record]]":
    """A connection of the pool. Raises DatabaseAway if none comes within five seconds, or if it is lost in use."""
    try:
        connection = await pool.acquire(timeout=ACQUIRE_TIMEOUT.total_seconds())
    except _NO_CONNECTION as away:
        raise DatabaseAway(repr(away)) from away
    try:
        yield connection
    except Exception as error:
        if is_away(error) and not isinstance(error, DatabaseAway):
            raise DatabaseAway(repr(error)) from error
        raise
    finally:
        await _give_back(pool, connection)


async def _give_back(pool: Pool, connection: "PoolConnectionProxy[asyncpg.Record]") -> None:
    # What was done on the connection is settled by now; asyncpg throws away one that it cannot reset.
    try:
        await pool.release(connection)
    except Exception as error:  # noqa: BLE001
        log.warning("connection_discarded", error=repr(error))
