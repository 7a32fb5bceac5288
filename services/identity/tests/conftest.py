"""Fixtures of Identity's tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import jwt
import pytest

from babyowl_chassis.auth import InvalidToken, parse_keys
from babyowl_chassis.bus import SqlTransactions
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import MemoryTransactions, Serving, fresh_pool, recorded, serving
from babyowl_contracts import Event
from identity.bootstrap import service
from identity.domain.user import User
from identity.infrastructure.unit_of_work import IdentityUnitOfWork

from .world import IdentityStore, MemoryIdentityUnitOfWork, World


@asynccontextmanager
async def _in_memory() -> AsyncIterator[World]:
    store = IdentityStore()

    async def events() -> list[Event]:
        return [event for _, event in store.published]

    async def find(user_id: UUID) -> User | None:
        return await MemoryIdentityUnitOfWork(store).users.get(user_id)

    yield World(MemoryTransactions(store, MemoryIdentityUnitOfWork), events=events, find=find)


@asynccontextmanager
async def _in_postgres(admin_url: str) -> AsyncIterator[World]:
    async with fresh_pool(service, admin_url) as pool:

        async def events() -> list[Event]:
            return [envelope.data for envelope in await recorded(pool)]

        async def find(user_id: UUID) -> User | None:
            async with pool.acquire() as connection:
                return await IdentityUnitOfWork(connection).users.get(user_id)

        yield World(SqlTransactions(pool, IdentityUnitOfWork), events=events, find=find)


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Identity's commands, once over each kind of store."""
    if request.param == "memory":
        async with _in_memory() as made:
            yield made
    else:
        async with _in_postgres(request.getfixturevalue("postgres_admin_url")) as made:
            yield made


@pytest.fixture
async def real_world(postgres_admin_url: str) -> AsyncIterator[World]:
    """Identity's commands over Postgres, where writers really race."""
    async with _in_postgres(postgres_admin_url) as made:
        yield made


def _told(admin_url: str, redis_url: str) -> dict[str, Any]:
    # Limits are counted under keys hashed with this secret: each test has used up none of them.
    secret = new_id().hex
    return {
        "admin_url": admin_url,
        "redis_url": redis_url,
        "password_rounds": 4,
        "challenge_secret": secret,
    }


@pytest.fixture
async def served(postgres_admin_url: str, redis_url: str) -> AsyncIterator[Serving]:
    """The service with the tests' own key: `served.as_(role)` is believed."""
    async with serving(service, admin_url=postgres_admin_url, redis_url=redis_url, password_rounds=4) as running:
        yield running


class OwnKeys:
    """What Identity shows at its own JWKS route, as another service would fetch it."""

    served: Serving

    async def get(self, kid: str) -> jwt.PyJWK:
        keys = parse_keys((await self.served.client.get("/.well-known/jwks.json")).json())
        if kid not in keys:
            raise InvalidToken(f"unknown key {kid!r}")
        return keys[kid]


@pytest.fixture
async def real(postgres_admin_url: str, redis_url: str) -> AsyncIterator[Serving]:
    """The service that believes only tokens it signed itself: people have to sign in."""
    keys = OwnKeys()
    async with serving(service, keys=keys, **_told(postgres_admin_url, redis_url)) as running:
        keys.served = running
        yield running
