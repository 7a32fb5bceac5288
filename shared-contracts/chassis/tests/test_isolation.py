"""No service can look into another's schema: its role may not, whatever it asks."""

from collections.abc import Callable
from itertools import permutations

import asyncpg
import pytest

from babyowl_local.catalogue import SERVICES


@pytest.fixture(scope="session")
async def databases(fresh_databases: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Each service's URL in one database, where every service has a table with a secret."""
    urls = fresh_databases()
    for service, url in urls.items():
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("CREATE TABLE secrets (text text)")
            await connection.execute("INSERT INTO secrets VALUES ($1)", service)
        finally:
            await connection.close()
    return urls


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_finds_its_own_tables_without_naming_its_schema(
    databases: dict[str, str], service: str
) -> None:
    connection = await asyncpg.connect(databases[service])
    try:
        assert await connection.fetchval("SELECT current_schema()") == service
        assert await connection.fetchval("SELECT text FROM secrets") == service
    finally:
        await connection.close()


ATTEMPTS = {
    "read": 'SELECT * FROM "{other}".secrets',
    "write": "INSERT INTO \"{other}\".secrets VALUES ('forged')",
    "change": "UPDATE \"{other}\".secrets SET text = 'forged'",
    "delete": 'DELETE FROM "{other}".secrets',
    "drop": 'DROP TABLE "{other}".secrets',
    "create": 'CREATE TABLE "{other}".intruder (id int)',
    "grant itself": 'GRANT USAGE ON SCHEMA "{other}" TO CURRENT_USER',
    "take the role": 'SET ROLE "{other}"',
    "take the schema": 'ALTER SCHEMA "{other}" OWNER TO CURRENT_USER',
    "look for it": 'SET search_path = "{other}"; SELECT * FROM secrets',
}


@pytest.mark.parametrize(("service", "other"), list(permutations(SERVICES, 2)))
async def test_no_service_gets_at_anothers_schema(databases: dict[str, str], service: str, other: str) -> None:
    connection = await asyncpg.connect(databases[service])
    succeeded = []
    try:
        for attempt, statement in ATTEMPTS.items():
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute(statement.format(other=other))
                succeeded.append(attempt)
            except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedTableError):
                pass
            finally:
                await transaction.rollback()
    finally:
        await connection.close()
    assert succeeded == []


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_has_no_power_over_the_cluster(databases: dict[str, str], service: str) -> None:
    connection = await asyncpg.connect(databases[service])
    try:
        role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = CURRENT_USER")
        assert role is not None
        powers = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")
        assert [power for power in powers if role[power]] == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE public.intruder (id int)")
    finally:
        await connection.close()
