from collections.abc import AsyncIterator

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.testing import Serving, fresh_pool
from class_management.bootstrap import service

from .office import serving_alone
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
    """For one test."""
    async with serving_alone(postgres_admin_url) as served:
        yield served
