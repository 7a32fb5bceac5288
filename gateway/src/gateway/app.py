"""The gateway wired together: one ASGI application over the table of routes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from babyowl_chassis.auth import FetchedKeys, TokenVerifier
from gateway import pages
from gateway.asgi import Receive, Scope, Send
from gateway.clients import ClientAddresses
from gateway.cors import Cors
from gateway.dataplane import DataPlane
from gateway.documents import MergedDocument
from gateway.doorkeeper import Doorkeeper
from gateway.ledger import Ledger
from gateway.live import LiveConnections
from gateway.parts import Parts
from gateway.quota import Quota
from gateway.routes import RouteTable, Service
from gateway.settings import GatewaySettings
from gateway.upstream import Upstreams
from gateway.websocket import WebSocketPlane

JWKS_PATH = "/.well-known/jwks.json"


class Gateway:
    """Hands each request to who answers it."""

    def __init__(
        self, pages_: pages.Pages, data_plane: DataPlane, websockets: WebSocketPlane, live: LiveConnections
    ) -> None:
        self._pages = pages_
        self._data_plane = data_plane
        self._websockets = websockets
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hold one WebSocket."""
        if scope["type"] == "websocket":
            await self._websockets(scope, receive, send)
        elif self._pages.owns(scope["path"]):
            await self._pages(scope, receive, send)
        else:
            await self._data_plane(scope, receive, send)

    def drain(self) -> None:
        """Say no longer that it is ready, and end what would be held open."""
        self._live.drain()


@asynccontextmanager
async def opened(settings: GatewaySettings, table: RouteTable | None = None) -> AsyncIterator[Gateway]:
    """The gateway with its connections open."""
    table = table or RouteTable()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        keys = FetchedKeys(settings.url_of(Service.IDENTITY) + JWKS_PATH, client)
        tokens = TokenVerifier(keys, issuer=settings.jwt_issuer, audience=settings.jwt_audience)
        quota, upstreams = Quota(settings.redis_url), Upstreams(settings)
        for part in (quota, upstreams):
            await part.start()
            stack.push_async_callback(part.stop)
        parts = Parts(
            table=table,
            keys=keys,
            quota=quota,
            doorkeeper=Doorkeeper(tokens, quota, settings),
            upstreams=upstreams,
            cors=Cors(settings.cors_origins),
            addresses=ClientAddresses(settings.trusted_proxies),
            live=LiveConnections(),
            ledger=Ledger(in_log=settings.access_log and settings.log_level in ("DEBUG", "INFO")),
            is_traced=settings.otel_exporter_otlp_endpoint is not None,
        )
        stack.callback(parts.ledger.flush)
        document = MergedDocument(client, {service: settings.url_of(service) for service in Service}, table)
        yield Gateway(
            pages.Pages(pages.create_app(parts, document)), DataPlane(parts), WebSocketPlane(parts), parts.live
        )
