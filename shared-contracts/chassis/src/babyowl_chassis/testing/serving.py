"""A service in the test's own process, on a database of its own, reached over ASGI."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from babyowl_chassis.auth import Keys
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.migrations import differences
from babyowl_chassis.outbox import ENVELOPE_COLUMNS, envelope_of
from babyowl_chassis.service import Resources, Running, Service, opened
from babyowl_chassis.subscriptions import Dispatcher
from babyowl_chassis.testing.databases import fresh_database
from babyowl_chassis.testing.tokens import access_token, public_keys, service_token
from babyowl_chassis.worker import working
from babyowl_contracts import Envelope, Event


async def recorded(database: Pool) -> list[Envelope]:
    """What the service has published, oldest first."""
    rows = await database.fetch(f"SELECT {ENVELOPE_COLUMNS} FROM event_log log ORDER BY seq")  # noqa: S608
    return [envelope_of(row) for row in rows]


@dataclass(slots=True)
class Serving:
    """A running service under test."""

    running: Running
    client: httpx.AsyncClient
    database_url: str
    _dispatchers: dict[str, Dispatcher] = field(default_factory=dict)
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def resources(self) -> Resources:
        """Its open resources."""
        return self.running.resources

    def token(self, *roles: str, user_id: UUID | None = None, **changed: Any) -> str:
        """An access token that the service believes."""
        return access_token(user_id or new_id(), *roles, **changed)

    def as_(self, role: str, user_id: UUID | None = None) -> httpx.AsyncClient:
        """A client signed in as this person."""
        return self._signed_in(self.token(role, user_id=user_id))

    def as_service(self, *scopes: str) -> httpx.AsyncClient:
        """A client signed in as another service."""
        return self._signed_in(service_token("tests", *scopes))

    def _signed_in(self, token: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.running.web),
            base_url="http://service",
            headers={"Authorization": f"Bearer {token}"},
        )
        self._clients.append(client)
        return client

    async def deliver(
        self,
        event: Event,
        *,
        subject: UUID | None = None,
        id: UUID | None = None,  # noqa: A002
        times: int = 1,
        queue: str | None = None,
        sequence: int = 1,
        at: datetime | None = None,
    ) -> Envelope:
        """Bring an event, of now or of then, to every subscription that listens to it (or to one), by its inbox."""
        envelope = Envelope(
            id=id or new_id(), subject=subject or new_id(), time=at or utc_now(), aggregateseq=sequence, data=event
        )
        listening = [
            subscription
            for subscription in self.running.parts.subscriptions
            if type(event) in subscription.events and queue in (None, subscription.queue)
        ]
        assert listening, f"{self.running.service.name} does not listen to {event.type}"
        for subscription in listening:
            dispatcher = self._dispatchers.setdefault(
                subscription.queue, Dispatcher(subscription, self.running.parts.bus)
            )
            for _ in range(times):
                await dispatcher.dispatch(envelope)
        return envelope

    async def events(self, *types: type[Event]) -> list[Envelope]:
        """What the service has published, oldest first; only of these types if any are given."""
        envelopes = await recorded(self.resources.database)
        return [envelope for envelope in envelopes if not types or isinstance(envelope.data, types)]

    async def close(self) -> None:
        """Close the clients handed out."""
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def serving(
    service: Service,
    *,
    admin_url: str,
    redis_url: str = "redis://127.0.0.1:1/0",
    amqp_url: str | None = None,
    keys: Keys | None = None,
    **settings: Any,
) -> AsyncIterator[Serving]:
    """Run the service on a fresh database; with `amqp_url`, its relay and consumers too."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database(service, admin_url))
        values = {
            "environment": "test",
            "database_url": url,
            "redis_url": redis_url,
            "amqp_url": amqp_url or "amqp://127.0.0.1:1/",
            **settings,
        }
        running = await stack.enter_async_context(
            opened(service, service.settings(**values), keys=keys or public_keys())
        )
        if amqp_url is not None:
            await stack.enter_async_context(working(running))
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(running.web), base_url="http://service")
        )
        served = Serving(running, client, url)
        stack.push_async_callback(served.close)
        yield served


async def assert_migrations_match(service: Service, admin_url: str) -> None:
    """The migrated schema is what the tables declare."""
    async with fresh_database(service, admin_url) as url:
        found = await differences(service, url)
    assert not found, f"write a migration for: {found}"
