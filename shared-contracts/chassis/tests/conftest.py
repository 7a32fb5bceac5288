"""The sample service, served in process: `served` without its worker, `working` with it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import jars
import pytest
import structlog

from babyowl_chassis.messaging import topology
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
def short_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry ladder of three rungs that is climbed in less than a tenth of a second."""
    monkeypatch.setattr(topology, "RETRY_LADDER", {"10ms": 10, "20ms": 20, "40ms": 40})


@pytest.fixture
def servers(
    short_ladder: None, postgres_admin_url: str, redis_url: str, fresh_vhost: Callable[[], str]
) -> dict[str, Any]:
    """What `serving` needs to run the worker too."""
    return {"admin_url": postgres_admin_url, "redis_url": redis_url, "amqp_url": fresh_vhost()}


@pytest.fixture
async def working(servers: dict[str, Any]) -> AsyncIterator[Serving]:
    async with serving(jars.service, **servers) as running:
        yield running
