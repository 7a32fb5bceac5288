"""A gateway on a port, real services behind it that note what reaches them, and a client's raw socket."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx
import uvloop
from aiohttp import web

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import tokens
from gateway.app import JWKS_PATH, Gateway, opened
from gateway.routes import PREFIXES, RouteTable, Service
from gateway.server import Server, server
from gateway.settings import GatewaySettings

Opens = Callable[..., contextlib.AbstractAsyncContextManager["House"]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """A request as a service got it."""

    service: Service
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for known, value in self.headers if known.lower() == name.lower()]


@dataclass
class Services:
    """All five services, each on a port of its own; they answer 200 unless told otherwise."""

    ports: dict[Service, int] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    handlers: dict[str, Handler] = field(default_factory=dict)
    has_keys: bool = True
    closed_with: list[int | None] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        if path == JWKS_PATH and not self.has_keys:
            raise web.HTTPServiceUnavailable
        if path == JWKS_PATH:
            return web.json_response(tokens.jwks())
        if path == "/openapi.json" and path not in self.handlers:
            raise web.HTTPNotFound
        if handler := self.handlers.get(path):
            return await handler(request)
        return await self.echo(request)

    async def echo(self, request: web.Request) -> web.StreamResponse:
        self.note(request, await request.read())
        return web.json_response({"ok": True})

    def note(self, request: web.Request, body: bytes = b"") -> None:
        port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
        service = next(service for service, known in self.ports.items() if known == port)
        headers = [(name.decode(), value.decode()) for name, value in request.raw_headers]
        self.seen.append(Seen(service, request.method, request.raw_path, headers, body))

    @property
    def last(self) -> Seen:
        return self.seen[-1]

    def url(self, service: Service) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"


@dataclass
class House:
    """The gateway, as a client meets it."""

    port: int
    services: Services
    client: httpx.AsyncClient
    gateway: Gateway
    loop: asyncio.AbstractEventLoop

    def someone(self, *roles: str, user_id: UUID | None = None, **claims: Any) -> dict[str, str]:
        """The Authorization header of a person; of a new one unless told whom."""
        token = tokens.access_token(user_id or new_id(), *(roles or ("student",)), **claims)
        return {"Authorization": f"Bearer {token}"}

    async def raw(self, *parts: bytes, within: float = 5.0) -> bytes:
        """Send bytes as they are, and return what comes back until the gateway closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), within)
        finally:
            writer.close()

    async def in_gateway(self, action: Callable[[], Any]) -> Any:
        """Run a function in the gateway's own loop."""

        async def run() -> Any:
            return action()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), self.loop))


def closed_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def table_with(*paths: str, **changed: Any) -> RouteTable:
    """The real table, with some of its prefixes changed."""
    return RouteTable(replace(route, **changed) if route.path in paths else route for route in PREFIXES)


@asynccontextmanager
async def serving_services() -> AsyncIterator[Services]:
    services = Services()
    runner = web.ServerRunner(web.Server(services.handle), shutdown_timeout=0.1)  # type: ignore[arg-type]
    await runner.setup()
    try:
        for service in Service:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            services.ports[service] = runner.addresses[-1][1]
        yield services
    finally:
        await runner.cleanup()


class GatewayThread:
    """The gateway on an event loop of its own, the one it has in production."""

    def __init__(self, settings: GatewaySettings, table: RouteTable | None) -> None:
        self._settings = settings
        self._table = table
        self._up: Future[tuple[Gateway, Server, asyncio.AbstractEventLoop]] = Future()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> tuple[Gateway, asyncio.AbstractEventLoop]:
        self._thread.start()
        gateway, _, loop = self._up.result(10)
        return gateway, loop

    def stop(self) -> None:
        gateway, front, loop = self._up.result()
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(gateway.drain)
        front.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            uvloop.run(self._serve())
        except BaseException as error:
            if not self._up.done():
                self._up.set_exception(error)
            raise

    async def _serve(self) -> None:
        async with opened(self._settings, self._table) as gateway:
            front = server(gateway, self._settings)
            self._up.set_result((gateway, front, asyncio.get_running_loop()))
            await front.serve([self.socket])


def problem_of(answer: bytes) -> tuple[int, str]:
    """Status and code of a raw HTTP answer that refuses."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), str(json.loads(body)["code"])
