"""Connections to Postgres: a pool that writes, and a pool that only reads and may look at a replica."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeAlias

import asyncpg

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

STATEMENT_TIMEOUT = timedelta(seconds=15)
ACQUIRE_TIMEOUT = timedelta(seconds=5)


AWAY: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
)
"""What asyncpg raises when Postgres, or a connection to it, is gone."""


class DatabaseAway(Exception):
    """Postgres cannot be reached, or no connection came free in time; nothing was changed."""


async def _speak_json(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


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
    options: dict[str, Any] = {"server_settings": settings, "init": _speak_json}
    pool: Pool = await asyncpg.create_pool(url, min_size=1, max_size=size, timeout=10, **options)
    try:
        yield pool
    finally:
        await pool.close()
