"""Databases of tests: each holds a service's migrated schema, and nothing of what another test did."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from babyowl_chassis.database import Pool, open_pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.migrations import migrate
from babyowl_chassis.service import Service


@dataclass(slots=True)
class _Template:
    """A migrated database, what is to be found again in its copies, and those that nobody uses at the moment."""

    url: str
    schema: str
    kept: dict[str, str]
    emptied: list[str]
    idle: list[str] = field(default_factory=list)


# By the migrations, not the name: a sample service may be called like a real one.
_templates: dict[tuple[Path, str], _Template] = {}


@asynccontextmanager
async def fresh_database(service: Service, admin_url: str) -> AsyncIterator[str]:
    """A database that holds just this service's migrated schema, and what its migrations have put there.

    The first one of a process is migrated, the others are copies of it. Making a copy costs several times what
    emptying one does, so that it is used again afterwards, unless its schema is no longer that of the template.
    """
    template = _templates.get((service.migrations, admin_url))
    if template is None:
        migrated = await _create_database(admin_url, service.name)
        await migrate(service, migrated)
        template = _templates[service.migrations, admin_url] = await _template_of(migrated)
    url = template.idle.pop() if template.idle else await _create_database(admin_url, service.name, like=template.url)
    try:
        yield url
    finally:
        if await _emptied(url, template):
            template.idle.append(url)
        else:
            await _drop_database(admin_url, url)


@asynccontextmanager
async def fresh_pool(service: Service, admin_url: str) -> AsyncIterator[Pool]:
    """A pool on a database of that kind."""
    async with (
        fresh_database(service, admin_url) as url,
        open_pool(url, application="tests", size=20) as pool,
    ):
        yield pool


_OURS = (
    "relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)"
)
# A copy has the identifiers of what it was copied from. Statistics belong to it: they decide about plans.
_SCHEMA = f"""
WITH ours AS (SELECT * FROM pg_class WHERE {_OURS})
SELECT md5(string_agg(part, ';' ORDER BY part)) FROM (
    SELECT concat_ws(',', 'relation', oid, relname, relkind, relnamespace, relpersistence, relacl::text) FROM ours
    UNION ALL
    SELECT concat_ws(',', 'column', attrelid, attnum, attname, atttypid, attnotnull, atthasdef, attisdropped)
    FROM pg_attribute WHERE attrelid IN (SELECT oid FROM ours)
    UNION ALL SELECT concat_ws(',', 'constraint', oid, conname, convalidated, condeferrable) FROM pg_constraint
    UNION ALL SELECT concat_ws(',', 'trigger', oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(',', 'index', indexrelid, indisvalid) FROM pg_index
    UNION ALL SELECT concat_ws(',', 'function', oid, proname, md5(prosrc)) FROM pg_proc
    WHERE pronamespace <> 'pg_catalog'::regnamespace
    UNION ALL SELECT concat_ws(',', 'schema', oid, nspname, nspacl::text) FROM pg_namespace
    WHERE nspname NOT LIKE 'pg_%temp_%'
    UNION ALL SELECT concat_ws(',', 'statistics', starelid, staattnum) FROM pg_statistic
    WHERE starelid IN (SELECT oid FROM ours)
    UNION ALL SELECT concat_ws(',', 'setting', setrole, setconfig::text) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS parts (part)
"""  # noqa: S608
_TABLES = f"SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND {_OURS}"  # noqa: S608
_REWIND = f"SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND {_OURS}"  # noqa: S608
_ALONE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


async def _template_of(url: str) -> _Template:
    connection = await asyncpg.connect(url)
    try:
        tables = [row["oid"] for row in await connection.fetch(_TABLES)]
        filled = set(await _filled(connection, tables))
        kept = {table: await _contents(connection, table) for table in sorted(filled)}
        schema = await connection.fetchval(_SCHEMA)
        return _Template(url, schema, kept, [table for table in tables if table not in filled])
    finally:
        await connection.close()


async def _emptied(url: str, template: _Template) -> bool:
    """Empty a copy; False if it is no longer one."""
    try:
        connection = await asyncpg.connect(url)
    except asyncpg.PostgresError:
        return False  # closed by its test
    try:
        await connection.execute(_ALONE)
        if await connection.fetchval(_SCHEMA) != template.schema:
            return False
        for table, contents in template.kept.items():
            if await _contents(connection, table) != contents:
                return False
        if filled := await _filled(connection, template.emptied):
            # What may only be inserted into refuses this as well, but for a replica.
            await connection.execute("SET session_replication_role = replica")
            await connection.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
        await connection.execute(_REWIND)
        return True
    finally:
        await connection.close()


async def _filled(connection: "asyncpg.Connection[asyncpg.Record]", tables: list[str]) -> list[str]:
    found = " UNION ALL ".join(f"SELECT '{table}' AS name WHERE EXISTS (SELECT FROM {table})" for table in tables)  # noqa: S608
    return [row["name"] for row in await connection.fetch(found)] if tables else []


async def _contents(connection: "asyncpg.Connection[asyncpg.Record]", table: str) -> str:
    contents: str = await connection.fetchval(
        f"SELECT coalesce(md5(string_agg(t::text, ';' ORDER BY t::text)), '') FROM {table} AS t"  # noqa: S608
    )
    return contents


async def _create_database(admin_url: str, service: str, *, like: str | None = None) -> str:
    name = f"test_{service}_{new_id().hex}"
    connection = await asyncpg.connect(admin_url)
    try:
        template = "template0" if like is None else like.rpartition("/")[2]
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    finally:
        await connection.close()
    return f"{admin_url.rpartition('/')[0]}/{name}"


async def _drop_database(admin_url: str, url: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')
    finally:
        await connection.close()
