"""A database for the platform: per service a role and a schema that no other role can look into."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from babyowl_local.catalogue import CHECKOUT, SERVICES

# Roles belong to the whole cluster: two databases provisioned at once would both create them.
_LOCK = 0x0BAB1


def provision(
    admin_url: str, database: str = "babyowl", passwords: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Create `database` if it is missing, roles, schemas and search paths; returns each service's URL.

    `admin_url` is a superuser's. Passwords not given are derived from the superuser's, so that several
    databases of one cluster agree on them. Running it again is harmless.
    """
    chosen = dict(passwords) if passwords is not None else derived_passwords(admin_url)
    _in_a_loop_of_its_own(_provision(admin_url, database, chosen))
    return {service: service_url(admin_url, database, service, secret) for service, secret in chosen.items()}


def drop_database(admin_url: str, database: str) -> None:
    """Drop it with everything in it, cutting off whoever is still connected."""
    _in_a_loop_of_its_own(_execute(admin_url, f'drop database if exists "{database}" with (force)'))


def derived_passwords(admin_url: str) -> dict[str, str]:
    key = (urlsplit(admin_url).password or "").encode()
    return {name: hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:40] for name in SERVICES}


def service_url(admin_url: str, database: str, role: str, password: str) -> str:
    parts = urlsplit(admin_url)
    address = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    account = f"{quote(role)}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{account}@{address}", path=f"/{database}"))


async def _provision(admin_url: str, database: str, passwords: Mapping[str, str]) -> None:
    maintenance = await asyncpg.connect(admin_url)
    try:
        await maintenance.execute(f"select pg_advisory_lock({_LOCK})")
        if not await maintenance.fetchval("select true from pg_database where datname = $1", database):
            await maintenance.execute(f'create database "{database}"')
        target = await asyncpg.connect(urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}")))
        try:
            await target.fetchval("select set_config('babyowl.passwords', $1, false)", json.dumps(passwords))
            await target.execute(provision_sql())
        finally:
            await target.close()
    finally:
        await maintenance.close()


def provision_sql() -> str:
    return (CHECKOUT / "deploy" / "postgres" / "provision.sql").read_text()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _in_a_loop_of_its_own(work: Coroutine[Any, Any, None]) -> None:
    """Callers may be inside a running loop (a fixture of an async test)."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, work).result()
