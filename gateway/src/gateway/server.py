"""The HTTP server at the gateway's front: uvicorn, with what it leaves to a proxy in front of it.

Limits on the size of headers and the time they may take; trailers dropped; refusals of malformed requests as
problem documents; and the task that answers a request is cancelled when its client goes away.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway import correlation, helmet, metrics
from gateway.asgi import App, Receive, Scope, Send
from gateway.exchange import AnswerCut
from gateway.problems import CONTENT_TYPE, Refused, bad_request, problem
from gateway.settings import GatewaySettings


class _HeadersTooLarge(Exception):
    pass


def guarded_protocol(settings: GatewaySettings) -> type[HttpToolsProtocol]:
    """uvicorn's protocol with these limits."""

    class Guarded(GuardedProtocol):
        max_header_bytes = settings.max_header_bytes
        max_headers = settings.max_headers
        header_timeout = settings.header_timeout

    return Guarded


class GuardedProtocol(HttpToolsProtocol):
    """One client connection."""

    max_header_bytes: int
    max_headers: int
    header_timeout: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reads_headers = True
        self._header_bytes = 0
        self._unparsed_bytes = 0
        self._header_timer: asyncio.TimerHandle | None = None
        self._refusal: Refused | None = None
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting_for_headers()
        super().connection_lost(exc)
        if self._answering is not None and not self.cycle.response_complete:
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        read_headers_before = self._reads_headers
        super().data_received(data)
        if read_headers_before and self._reads_headers and not self.transport.is_closing():
            # A header is shown to us only when it is whole; one without an end is noticed here.
            self._unparsed_bytes += len(data)
            if self._unparsed_bytes > self.max_header_bytes:
                self._refusal = self._headers_too_large()
                self.send_400_response("")

    # Parser callbacks
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reads_headers = True
        self._header_bytes = self._unparsed_bytes = 0
        if self._header_timer is None:
            self._await_headers()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._reads_headers:
            # A trailer. In the list of headers, where uvicorn would put it, it could pass for one.
            self._count(len(name) + len(value))
            return
        self._count(len(name) + len(value))
        if len(self.headers) >= self.max_headers:
            self._count(self.max_header_bytes)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._reads_headers = False
        self._unparsed_bytes = 0
        self._stop_waiting_for_headers()
        super().on_headers_complete()
        if self.parser.should_upgrade() and not self._should_upgrade():
            # The parser gives up at an upgrade we do not know; what follows cannot be told apart any more.
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP. Written into an answer under way, the refusal would pass for a part of it."""
        cycle = self.cycle
        if self.transport.is_closing():
            return
        if cycle is not None and not cycle.response_complete:
            if not cycle.more_body:
                # The nonsense came after a whole request: that one is still answered, as the last.
                cycle.keep_alive = False
                self.flow.pause_reading()
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.abort()
                return
        refusal = self._refusal or bad_request("malformed_request", "This is not a well-formed HTTP request.")
        metrics.refused.labels(refusal.code).inc()
        self.transport.write(_raw_answer(refusal))
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: App) -> None:  # type: ignore[override]
        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            except AnswerCut:
                cycle.disconnected = True
                self.transport.abort()
            except asyncio.CancelledError:
                if not cycle.disconnected:
                    raise
                metrics.clients_gone.inc()

        self._answering = self.loop.create_task(cycle.run_asgi(guarded))  # type: ignore[arg-type]
        self._answering.add_done_callback(self.tasks.discard)
        self.tasks.add(self._answering)

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > self.max_header_bytes:
            self._refusal = self._headers_too_large()
            raise _HeadersTooLarge

    def _headers_too_large(self) -> Refused:
        return Refused(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers_too_large",
            f"At most {self.max_headers} headers and {self.max_header_bytes} bytes of them are accepted.",
        )

    def _await_headers(self) -> None:
        self._header_timer = self.loop.call_later(self.header_timeout, self._headers_too_slow)

    def _stop_waiting_for_headers(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _headers_too_slow(self) -> None:
        if self.scope is None:
            self.transport.close()
        elif not self.transport.is_closing():
            self._refusal = Refused(
                HTTPStatus.REQUEST_TIMEOUT, "request_timeout", "The request's headers took too long."
            )
            self.send_400_response("")


def _raw_answer(refused: Refused) -> bytes:
    request_id = correlation.request_id(None)
    document = problem(refused, instance=None, request_id=request_id)
    fields = [
        (b"content-type", CONTENT_TYPE),
        (b"content-length", str(len(document)).encode()),
        (b"connection", b"close"),
        (b"x-request-id", request_id.encode()),
        *helmet.API,
    ]
    status = HTTPStatus(refused.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode(), *(name + b": " + value for name, value in fields)]
    return b"\r\n".join([*lines, b"", document])


class Server(uvicorn.Server):
    """Leaves signals to its caller, who has more to close than connections."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def server(app: App, settings: GatewaySettings) -> Server:
    """The server, ready to serve."""
    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="none",
            http=guarded_protocol(settings),
            ws="websockets-sansio",
            ws_max_size=settings.max_websocket_message_bytes,
            ws_per_message_deflate=False,
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=settings.client_keep_alive,
            timeout_graceful_shutdown=settings.shutdown_grace_seconds,
        )
    )
