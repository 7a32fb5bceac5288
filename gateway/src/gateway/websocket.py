"""WebSockets, passed through message by message until one side closes or the token ends."""

import asyncio
import contextlib
from http import HTTPStatus

import structlog
from aiohttp import ClientWebSocketResponse, WSMsgType

from gateway.admission import Admitted, admit
from gateway.asgi import Receive, Scope, Send
from gateway.dataplane import sent_on
from gateway.exchange import Exchange
from gateway.origin import origin_of
from gateway.parts import Parts
from gateway.problems import Refused
from gateway.upstream import Headers

log = structlog.get_logger(__name__)

# Browsers cannot set headers on a WebSocket; they offer the token as a subprotocol: ["babyowl", "bearer.<token>"].
_TOKEN_PROTOCOL = "bearer."  # noqa: S105
_NORMAL, _POLICY_VIOLATION, _INTERNAL_ERROR, _SERVICE_RESTART = 1000, 1008, 1011, 1012
_SENDABLE_CLOSES = frozenset((*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)))
_UPGRADE_ONLY = frozenset(("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"))


class WebSocketPlane:
    """Opens a WebSocket to the service first, so that its refusal is still an HTTP answer to the client."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold one WebSocket open."""
        exchange = Exchange(scope, _as_handshake_answer(send))
        await receive()
        try:
            request = admit(scope)
            exchange.identify(request)
            protocols, token = _offered(scope)
            service = await self._open(scope, exchange, request, protocols, token)
        except Refused as refused:
            await exchange.refuse(refused)
        else:
            await self._hold(exchange, service, receive, send)
        finally:
            self._parts.ledger.add(exchange.entry())

    async def _open(
        self, scope: Scope, exchange: Exchange, request: Admitted, protocols: tuple[str, ...], token: str | None
    ) -> ClientWebSocketResponse:
        route = self._parts.table.find("GET", request.path)
        if route is None or not route.live:
            raise Refused(HTTPStatus.NOT_FOUND, "not_found", "There is no WebSocket here.")
        exchange.route = route
        page = request.seen.get(b"origin")
        if page is not None:
            self._parts.cors.require(page)
        origin = origin_of(scope, request, self._parts.addresses)
        exchange.address = origin.address
        authorization = request.seen.get(b"authorization")
        if authorization is None and token is not None:
            authorization = f"Bearer {token}".encode()
            request.forwarded.append(("Authorization", f"Bearer {token}"))
        exchange.visit = await self._parts.doorkeeper.admit(route, authorization, origin.address)
        passed: Headers = [
            pair for pair in sent_on(request, exchange, origin, streamed=False) if pair[0] not in _UPGRADE_ONLY
        ]
        return await self._parts.upstreams.connect(route.service, request.target, passed, protocols)

    async def _hold(self, exchange: Exchange, service: ClientWebSocketResponse, receive: Receive, send: Send) -> None:
        exchange.status = HTTPStatus.SWITCHING_PROTOCOLS
        principal = exchange.visit.principal if exchange.visit else None
        pumps: list[asyncio.Task[None]] = []
        ending: tuple[int, str] | None = None
        try:
            await send(
                {"type": "websocket.accept", "subprotocol": service.protocol, "headers": exchange.own_headers()}
            )
            async with asyncio.timeout(None) as deadline:
                with self._parts.live.held(deadline, principal):
                    pumps = [
                        asyncio.create_task(_to_service(receive, service)),
                        asyncio.create_task(_to_client(service, send)),
                    ]
                    await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            is_restart = self._parts.live.is_draining
            ending = (_SERVICE_RESTART, "restart") if is_restart else (_POLICY_VIOLATION, "token expired")
        finally:
            for pump in pumps:
                pump.cancel()
            for outcome in await asyncio.gather(*pumps, return_exceptions=True):
                if isinstance(outcome, Exception):
                    log.info("websocket_broken", error=repr(outcome), request_id=exchange.request_id)
                    ending = ending or (_INTERNAL_ERROR, "")
            if ending is not None:
                with contextlib.suppress(OSError, RuntimeError):  # it may have closed meanwhile
                    await _close_client(send, *ending)
            code, reason = ending or (_NORMAL, "")
            await service.close(code=code, message=reason.encode())


async def _to_service(receive: Receive, service: ClientWebSocketResponse) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            code = message.get("code", _NORMAL)
            await service.close(code=code if code in _SENDABLE_CLOSES else _NORMAL)
            return
        if message.get("text") is not None:
            await service.send_str(message["text"])
        else:
            await service.send_bytes(message["bytes"])


async def _to_client(service: ClientWebSocketResponse, send: Send) -> None:
    while True:
        message = await service.receive()
        if message.type is WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
        else:
            code = service.close_code
            known = code if code is not None and code in _SENDABLE_CLOSES else _INTERNAL_ERROR
            await _close_client(send, known, str(message.extra or "") if message.type is WSMsgType.CLOSE else "")
            return


async def _close_client(send: Send, code: int, reason: str) -> None:
    await send({"type": "websocket.close", "code": code, "reason": reason})


def _offered(scope: Scope) -> tuple[tuple[str, ...], str | None]:
    """The subprotocols that concern the service, and the token if one was offered among them."""
    offered: list[str] = scope.get("subprotocols", [])
    tokens = [protocol for protocol in offered if protocol.startswith(_TOKEN_PROTOCOL)]
    rest = tuple(protocol for protocol in offered if not protocol.startswith(_TOKEN_PROTOCOL))
    return rest, tokens[0].removeprefix(_TOKEN_PROTOCOL) if tokens else None


def _as_handshake_answer(send: Send) -> Send:
    """An HTTP answer instead of the handshake's (ASGI: websocket.http.response)."""

    async def answer(message: dict[str, object]) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return answer  # type: ignore[return-value]
