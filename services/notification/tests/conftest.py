from collections.abc import AsyncIterator

import pytest

from babyowl_chassis.testing import Serving, serving
from notification.bootstrap import service

from .stand_ins import PostOffice, StandInIdentity


@pytest.fixture
async def post_office() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    async with office.open():
        yield office


@pytest.fixture
async def identity() -> AsyncIterator[StandInIdentity]:
    stand_in = StandInIdentity()
    async with stand_in.open():
        yield stand_in


@pytest.fixture
async def served(
    postgres_admin_url: str, post_office: PostOffice, identity: StandInIdentity
) -> AsyncIterator[Serving]:
    """The service on a fresh database; events are brought to it by hand."""
    async with serving(
        service,
        admin_url=postgres_admin_url,
        identity_url=identity.url,
        smtp_url=f"smtp://127.0.0.1:{post_office.port}",
        public_url="https://learn.example.org/",
    ) as running:
        yield running
