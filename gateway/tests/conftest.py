"""Fixtures: a house with a gateway in front of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from gateway.routes import RouteTable, Service
from gateway.settings import GatewaySettings

from .house import GatewayThread, House, Opens, serving_services


@pytest.fixture(scope="session")
def house_with(redis_url: str) -> Opens:
    """Opens a house of its own, with other settings or another table."""

    @asynccontextmanager
    async def open_house(table: RouteTable | None = None, **changed: Any) -> AsyncIterator[House]:
        async with serving_services() as services:
            told: dict[str, Any] = {f"{service}_url": services.url(service) for service in Service} | {
                "environment": "test",
                "redis_url": redis_url,
                "rate_limit_per_minute": 100_000,
                "rate_limit_anonymous_per_minute": 100_000,
                "rate_limit_login_per_minute": 100_000,
                "shutdown_grace_seconds": 5,
                "access_log": False,
            }
            thread = GatewayThread(GatewaySettings(**(told | changed)), table)
            gateway, loop = thread.start()
            port = thread.socket.getsockname()[1]
            try:
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
                    yield House(port, services, client, gateway, loop)
            finally:
                await asyncio.to_thread(thread.stop)

    return open_house


@pytest.fixture(scope="session")
async def _shared_house(house_with: Opens) -> AsyncIterator[House]:
    async with house_with() as opened_house:
        yield opened_house


@pytest.fixture
async def house(_shared_house: House) -> House:
    """A gateway with the real table before five services; the same for all tests, but swept."""
    _shared_house.services.seen.clear()
    _shared_house.services.handlers.clear()
    _shared_house.client.cookies.clear()
    return _shared_house
