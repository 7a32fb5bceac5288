"""What happens to a request, in order: admitted, routed, identified, charged, sent on, answered."""

import asyncio
from http import HTTPStatus

import structlog
from aiohttp import ClientError, ClientResponse

from babyowl_chassis import telemetry
from gateway import headers
from gateway.admission import Admitted, admit
from gateway.asgi import Receive, Scope, Send
from gateway.bodies import ClientBody, ClientGone
from gateway.exchange import AnswerCut, Exchange
from gateway.origin import Origin, origin_of
from gateway.parts import Parts
from gateway.problems import Refused
from gateway.routes import Route
from gateway.upstream import Headers

log = structlog.get_logger(__name__)

_EVENT_STREAM = b"text/event-stream"


class DataPlane:
    """Raw ASGI for HTTP: what a request costs here, every request costs."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, send)
        exchange.body = ClientBody(receive)
        try:
            request = admit(scope)
            exchange.identify(request)
            exchange.body = ClientBody(receive, request)
            await self._serve(scope, exchange, request, exchange.body)
        except Refused as refused:
            await exchange.refuse(refused)
        except ClientGone:
            log.debug("client_gone", request_id=exchange.request_id)
        finally:
            self._parts.ledger.add(exchange.entry())

    async def _serve(self, scope: Scope, exchange: Exchange, request: Admitted, body: ClientBody) -> None:
        route = self._parts.table.find(request.method, request.path)
        if route is None:
            raise Refused(HTTPStatus.NOT_FOUND, "not_found", "There is nothing here.")
        exchange.route = route
        page = request.seen.get(b"origin")
        exchange.cors = self._parts.cors.headers(page)
        if page is not None and request.method == "OPTIONS" and b"access-control-request-method" in request.seen:
            await exchange.start(HTTPStatus.NO_CONTENT, self._parts.cors.preflight(page))
            await exchange.write(b"", is_last=True)
            return
        wants_stream = route.live and _EVENT_STREAM in request.seen.get(b"accept", b"")
        if wants_stream and page is not None:
            self._parts.cors.require(page)
        origin = origin_of(scope, request, self._parts.addresses)
        exchange.address = origin.address
        exchange.visit = await self._parts.doorkeeper.admit(route, request.seen.get(b"authorization"), origin.address)
        body.limit_to(route.limits.body_bytes)
        if not self._parts.is_traced:
            await self._forward(exchange, request, body, route, origin, wants_stream=wants_stream)
            return
        context = telemetry.Context(exchange.request_id, exchange.traceparent)
        with telemetry.carrying(context, f"{request.method} {route.label}"):
            exchange.traceparent = telemetry.current().traceparent or exchange.traceparent
            await self._forward(exchange, request, body, route, origin, wants_stream=wants_stream)

    async def _forward(
        self,
        exchange: Exchange,
        request: Admitted,
        body: ClientBody,
        route: Route,
        origin: Origin,
        *,
        wants_stream: bool,
    ) -> None:
        response: ClientResponse | None = None
        is_stream = False
        try:
            async with asyncio.timeout(route.limits.total_seconds) as deadline:
                content = await body.content()
                response = await self._parts.upstreams.send(
                    route.service,
                    request.method,
                    request.target,
                    sent_on(request, exchange, origin, streamed=not isinstance(content, bytes | None)),
                    content,
                    body=body,
                    patient=wants_stream,
                )
                is_stream = wants_stream and response.headers.get("content-type", "").startswith("text/event-stream")
                if is_stream:
                    principal = exchange.visit.principal if exchange.visit else None
                    with self._parts.live.held(deadline, principal):
                        await self._relay(exchange, response, route)
                else:
                    await self._relay(exchange, response, route)
        except TimeoutError:
            if is_stream:
                await exchange.write(b"", is_last=True)
                return
            raise _too_slow(body) from None
        finally:
            if response is not None:
                if body.is_complete:
                    response.release()
                else:
                    response.close()

    async def _relay(self, exchange: Exchange, response: ClientResponse, route: Route) -> None:
        base_url = self._parts.upstreams[route.service].base_url.encode()
        await exchange.start(
            response.status, headers.returned(response.raw_headers, status=response.status, base_url=base_url)
        )
        content, is_last = response.content, False
        while not is_last:
            try:
                chunk = await content.readany()
            except (ClientError, OSError, TimeoutError) as broken:
                log.warning("answer_cut", service=route.service.value, error=repr(broken))
                raise AnswerCut from broken
            is_last = content.at_eof()
            if is_last and exchange.body is not None and exchange.body.is_open:
                response.close()  # ends the upload too: only one may read on from the client
            await exchange.write(chunk, is_last=is_last)


def sent_on(request: Admitted, exchange: Exchange, origin: Origin, *, streamed: bool) -> Headers:
    """The headers a service gets: the client's own that may pass, and what the gateway vouches for."""
    sent = [
        *request.forwarded,
        ("X-Forwarded-For", origin.address),
        ("X-Forwarded-Proto", origin.scheme),
        ("X-Forwarded-Host", origin.host),
        ("X-Request-ID", exchange.request_id),
        ("traceparent", exchange.traceparent),
    ]
    if streamed and request.content_length is not None:
        sent.append(("Content-Length", str(request.content_length)))
    return sent


def _too_slow(body: ClientBody) -> Refused:
    if body.is_complete:
        return Refused(
            HTTPStatus.GATEWAY_TIMEOUT, "service_timeout", "The service behind this did not answer in time."
        )
    return body.too_slow()
