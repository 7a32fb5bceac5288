"""What a service is made of, and the resources it is given."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import httpx
from fastapi import APIRouter, FastAPI
from sqlalchemy import MetaData
from starlette.types import ASGIApp

from babyowl_chassis.auth import FetchedKeys, Keys, Revocations, TokenVerifier
from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool, open_pool
from babyowl_chassis.health import Readiness
from babyowl_chassis.http.app import create_app
from babyowl_chassis.http.middleware import RequestContext
from babyowl_chassis.http.streams import Streams
from babyowl_chassis.internal import InternalApi, ServiceTokens
from babyowl_chassis.redis_client import RestingRedis
from babyowl_chassis.settings import ServiceSettings
from babyowl_chassis.subscriptions import Subscription

JWKS_PATH = "/.well-known/jwks.json"


@dataclass(frozen=True, slots=True)
class Resources:
    """What bootstrap builds with: open connections, and nothing of the domain."""

    service: str
    settings: Any
    database: Pool
    reader: Pool
    redis: RestingRedis
    tokens: TokenVerifier
    revocations: Revocations
    http: httpx.AsyncClient
    service_tokens: ServiceTokens

    def internal(self, base_url: str) -> InternalApi:
        """Another service's internal API, called under this service's own account."""
        return InternalApi(base_url, self.http, self.service_tokens)


@dataclass(frozen=True, slots=True)
class Periodic:
    """Something done every so many seconds, on one replica at a time."""

    name: str
    every: float
    run: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Parts:
    """A service, wired: what its routes and its worker run on."""

    bus: Bus
    state: Mapping[str, object] = field(default_factory=dict)
    subscriptions: Sequence[Subscription] = ()
    periodic: Sequence[Periodic] = ()


Build: TypeAlias = Callable[[Resources], AbstractAsyncContextManager[Parts]]
ServiceCommand: TypeAlias = Callable[..., Awaitable[None]]
"""Takes resources and parts; further parameters, declared as typer's, are options of the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A bounded context as a process: its name is its schema, its exchange and its database role."""

    name: str
    title: str
    settings: type[ServiceSettings]
    routers: tuple[APIRouter, ...]
    build: Build
    metadata: MetaData
    migrations: Path
    commands: Mapping[str, ServiceCommand] = field(default_factory=dict)

    @property
    def exchange(self) -> str:
        """The topic exchange its events go to."""
        return f"{self.name}.events"

    def app(self) -> FastAPI:
        """The web application without resources: enough for its OpenAPI document."""
        return create_app(name=self.name, title=self.title, routers=self.routers)

    def routes(self) -> list[tuple[str, str]]:
        """Every documented route as (method, path template), for whoever must not forget one."""
        paths = self.app().openapi()["paths"]
        return sorted((method.upper(), path) for path, methods in paths.items() for method in methods)


_built_ahead: dict[str, FastAPI] = {}


def build_ahead(service: Service) -> None:
    """Build the web application and its document now, in a process that will fork the service.

    They are most of a service's memory, which the forks then share. Each fork opens its service once.
    """
    app = service.app()
    app.openapi()
    _built_ahead[service.name] = app


@dataclass(frozen=True, slots=True)
class Running:
    """A service with its resources open."""

    service: Service
    resources: Resources
    parts: Parts
    web: ASGIApp
    readiness: Readiness


@asynccontextmanager
async def opened(service: Service, settings: ServiceSettings, *, keys: Keys | None = None) -> AsyncIterator[Running]:
    """Open what the service needs, wire it, and close all in reverse order. `keys` replaces Identity's JWKS."""
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        url, replica = settings.database_url.get_secret_value(), settings.replica_url
        size = settings.database_pool_size
        application = f"babyowl-{service.name}"
        database = await enter(open_pool(url, application=application, size=size))
        reader_url = replica.get_secret_value() if replica else url
        reader = await enter(open_pool(reader_url, application=f"{application}-reader", size=size, read_only=True))
        redis = RestingRedis.at(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        # Never by way of a proxy that the environment names: what is said inside the house stays there.
        http = await enter(httpx.AsyncClient(timeout=5, trust_env=False))
        secret = settings.service_client_secret.get_secret_value()
        resources = Resources(
            service=service.name,
            settings=settings,
            database=database,
            reader=reader,
            redis=redis,
            tokens=TokenVerifier(
                keys or FetchedKeys(settings.identity_url + JWKS_PATH, http),
                issuer=settings.jwt_issuer,
                audience=settings.jwt_audience,
            ),
            revocations=Revocations(redis),
            http=http,
            service_tokens=ServiceTokens(settings.identity_url, service.name, secret, http),
        )
        parts = await enter(service.build(resources))
        readiness = Readiness({"database": lambda: database.fetchval("SELECT 1"), "redis": redis.ping})
        app = _built_ahead.pop(service.name, None) or service.app()
        app.state.bus = parts.bus
        app.state.primary = database
        app.state.reader = reader
        app.state.streams = Streams(reader, at_once=max(1, size // 2))
        app.state.tokens = resources.tokens
        app.state.revocations = resources.revocations
        app.state.readiness = readiness
        app.state.fingerprint_key = secret.encode()
        for name, value in parts.state.items():
            setattr(app.state, name, value)
        web = RequestContext(app, service=service.name, max_body_bytes=settings.max_body_bytes)
        yield Running(service, resources, parts, web, readiness)
