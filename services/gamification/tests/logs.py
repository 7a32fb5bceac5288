"""The other services, as far as a rebuild asks them: their event logs, and whom Identity knows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import APIRouter, Request

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.internal import ServiceTokens
from babyowl_chassis.service import Parts, Resources, Service
from babyowl_chassis.settings import ServiceSettings
from babyowl_chassis.subscriptions import Dispatcher
from babyowl_chassis.testing import Serving, acquaint, serving
from babyowl_chassis.testing.tokens import service_token
from babyowl_chassis.unit_of_work import SqlUnitOfWork
from babyowl_contracts import Envelope, Event, encode
from gamification.bootstrap import service, wire
from gamification.infrastructure.rebuilding.differences import Report
from gamification.infrastructure.rebuilding.rebuild import Settling
from gamification.infrastructure.rebuilding.replay import Replay
from gamification.interfaces.rebuild import rebuild_game

_LOG = """
INSERT INTO event_log (id, type, aggregate_id, aggregate_seq, time, data) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""

identity = APIRouter(prefix="/internal/v1")


@identity.post("/service-tokens")
async def service_tokens() -> dict[str, Any]:
    return {"access_token": service_token("gamification", "people:read", "events:read"), "expires_in": 300}


@identity.get("/people")
async def people(ids: str, request: Request) -> dict[str, Any]:
    names: dict[UUID, str] = request.app.state.names
    return {"items": [_profile(UUID(person), names) for person in ids.split(",") if UUID(person) in names]}


def _profile(person: UUID, names: dict[UUID, str]) -> dict[str, Any]:
    shown = {"display_name": names[person], "avatar_url": None, "role": "student", "status": "active"}
    return {"id": str(person), "time_zone": "UTC", "locale": "en", "revision": 1, **shown}


def _source(context: str) -> Service:
    """A service that has published things and does nothing else; its tables may be anybody's."""

    @asynccontextmanager
    async def build(resources: Resources) -> AsyncIterator[Parts]:
        bus = Bus(SqlTransactions(resources.database, SqlUnitOfWork), publish=lambda _: None, handlers={})
        yield Parts(bus, {"names": {}})

    return Service(
        name=context,
        title=context.title(),
        settings=ServiceSettings,
        routers=(identity,) if context == "identity" else (),
        build=build,
        metadata=service.metadata,
        migrations=service.migrations,
    )


class Silent:
    """Watches a rebuild and says nothing."""

    def read(self, replay: Replay) -> None:
        pass

    def began(self, step: str) -> None:
        pass


@dataclass
class House:
    """Gamification, and the services whose events it hears, with their logs."""

    live: Serving
    sources: dict[str, Serving]
    resources: Resources
    _dispatchers: list[tuple[Any, Dispatcher]] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts = self.live.running.parts
        self._dispatchers = [(each, Dispatcher(each, parts.bus)) for each in parts.subscriptions if each.reactions]

    async def log(self, *envelopes: Envelope) -> list[Envelope]:
        """Let their services have published these; those that they had not published before."""
        kept = []
        for envelope in envelopes:
            database = self.sources[envelope.data.context()].resources.database
            row = (
                envelope.id,
                envelope.type,
                envelope.subject,
                envelope.aggregateseq,
                envelope.time,
                encode(envelope.data),
            )
            if await database.execute(_LOG, *row) == "INSERT 0 1":
                kept.append(envelope)
        return kept

    async def hear(self, *envelopes: Envelope) -> None:
        """Let the serving game hear of these."""
        for envelope in envelopes:
            for subscription, dispatcher in self._dispatchers:
                if type(envelope.data) in subscription.reactions:
                    await dispatcher.dispatch(envelope)

    async def happen(self, *events: Event, at: datetime | None = None, subject: UUID | None = None) -> list[Envelope]:
        """It is published, and heard at once."""
        envelopes = [
            Envelope(id=new_id(), subject=subject or new_id(), time=at or utc_now(), aggregateseq=1, data=event)
            for event in events
        ]
        await self.log(*envelopes)
        await self.hear(*envelopes)
        return envelopes

    async def settle(self) -> None:
        """Do what the worker does from time to time."""
        jobs = {periodic.name: periodic.run for periodic in self.live.running.parts.periodic}
        await Settling(self.live.resources.database, jobs["recounts"]).settle()
        await jobs["midnights"]()

    async def rebuild(self, *, check: bool = False, watcher: Any = None) -> Report:
        """What the operator does."""
        return await rebuild_game(self.resources, service, wire, check=check, watcher=watcher or Silent())

    async def knows(self, person_id: UUID, name: str) -> None:
        """Let Identity know somebody, and this service have asked about them."""
        await acquaint(self.live.resources.database, person_id, name=name)
        names: dict[UUID, str] = self.sources["identity"].running.parts.state["names"]  # type: ignore[assignment]
        names[person_id] = name


@asynccontextmanager
async def house(admin_url: str, *, redis_url: str = "redis://127.0.0.1:1/0") -> AsyncIterator[House]:
    """All of them in this process, each with a database of its own."""
    contexts: Sequence[str] = ("identity", "learning", "class")
    urls: dict[str, Any] = {f"{context}_url": f"http://{context}" for context in contexts}
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        sources = {context: await enter(serving(_source(context), admin_url=admin_url)) for context in contexts}
        live = await enter(
            serving(service, admin_url=admin_url, redis_url=redis_url, leaderboard_grace_minutes=0, **urls)
        )
        mounts = {f"all://{context}": httpx.ASGITransport(source.running.web) for context, source in sources.items()}
        http = await enter(httpx.AsyncClient(mounts=mounts))
        tokens = ServiceTokens("http://identity", "gamification", "secret", http)
        yield House(live, sources, replace(live.resources, http=http, service_tokens=tokens))
