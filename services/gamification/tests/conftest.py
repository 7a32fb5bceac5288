from collections.abc import AsyncIterator

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.testing import Serving, fresh_pool, serving
from gamification.bootstrap import service

from .academy import Academy
from .game import Game, InMemory, InPostgres, Store
from .logs import House, house


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
def game(store: Store) -> Game:
    return Game(store)


@pytest.fixture
async def served(postgres_admin_url: str) -> AsyncIterator[Serving]:
    """The service, reached over HTTP, fed by hand."""
    async with serving(service, admin_url=postgres_admin_url) as served:
        yield served


@pytest.fixture
def academy(served: Serving) -> Academy:
    return Academy(served)


@pytest.fixture
async def home(postgres_admin_url: str) -> AsyncIterator[House]:
    """The service, and the logs of those whose events it hears."""
    async with house(postgres_admin_url) as home:
        yield home
