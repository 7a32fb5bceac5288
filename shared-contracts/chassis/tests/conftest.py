"""The sample service, served in process: `served` without its worker, `working` with it."""

from collections.abc import AsyncIterator, Callable

import jars
import pytest
import structlog

from babyowl_chassis.testing import Serving, serving

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        # The default draws a traceback with the values of all variables, and takes seconds for it.
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture
async def served(postgres_admin_url: str, redis_url: str) -> AsyncIterator[Serving]:
    async with serving(jars.service, admin_url=postgres_admin_url, redis_url=redis_url) as running:
        yield running


@pytest.fixture
async def working(postgres_admin_url: str, redis_url: str, fresh_vhost: Callable[[], str]) -> AsyncIterator[Serving]:
    async with serving(
        jars.service, admin_url=postgres_admin_url, redis_url=redis_url, amqp_url=fresh_vhost()
    ) as running:
        yield running
