from collections.abc import AsyncIterator

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.testing import Serving, fresh_pool, serving
from babyowl_kernel import NewId
from learning.bootstrap import service

from .school import InMemory, InPostgres, School, Store, counting_ids


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
def school(store: Store) -> School:
    return School(store)


@pytest.fixture
async def served(postgres_admin_url: str) -> AsyncIterator[Serving]:
    """The service, reached over HTTP, fed by hand; no other service answers it."""
    async with serving(service, admin_url=postgres_admin_url, class_url="http://127.0.0.1:1") as served:
        yield served


@pytest.fixture
def ids() -> NewId:
    """Ids that can be foretold."""
    return counting_ids(1000)
