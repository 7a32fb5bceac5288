from collections.abc import AsyncIterator

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.testing import Serving, fresh_pool, serving
from class_management.bootstrap import service

from .school import InMemory, InPostgres, School, Store


@pytest.fixture
async def pool(postgres_admin_url: str) -> AsyncIterator[Pool]:
    """An empty database of this context."""
    async with fresh_pool(service, postgres_admin_url) as pool:
        yield pool


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.infra)])
def store(request: pytest.FixtureRequest) -> Store:
    """The same promises, kept twice."""
    if request.param == "memory":
        return InMemory()
    return InPostgres(request.getfixturevalue("pool"))


@pytest.fixture
async def school(store: Store) -> School:
    return await School(store).open()


@pytest.fixture
async def real_school(pool: Pool) -> School:
    """On Postgres: for what only concurrent writers show."""
    return await School(InPostgres(pool)).open()


@pytest.fixture
async def served(postgres_admin_url: str) -> AsyncIterator[Serving]:
    """The service, reached over HTTP, fed by hand; no other service answers it."""
    away = "http://127.0.0.1:1"
    async with serving(service, admin_url=postgres_admin_url, learning_url=away, identity_url=away) as served:
        yield served
