"""Pure ASGI middleware: request context, access log, metrics, the size of bodies, and the last-resort answer."""

import re
import time
from uuid import UUID

import structlog
from fastapi import HTTPException
from opentelemetry import trace
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from babyowl_chassis import telemetry
from babyowl_chassis.http.problems import problem
from babyowl_chassis.ids import new_id

log = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{8,64}")

_requests = Counter("babyowl_http_requests_total", "Requests answered", ["service", "method", "route", "status"])
_seconds = Histogram(
    "babyowl_http_request_seconds",
    "Time from request to the end of the answer",
    ["service", "method", "route"],
)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _BodyTooLarge(HTTPException):
    """An HTTPException, as FastAPI lets only those out of the reading of a body."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"At most {limit} bytes are accepted.")


class RequestContext:
    """Around everything: gives each request its ids, notes it in log and metrics, and answers what nobody caught."""

    def __init__(self, app: ASGIApp, *, service: str, max_body_bytes: int) -> None:
        self._app = app
        self._service = service
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; lifespan and websockets pass untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        context = telemetry.Context(
            request_id=_sane_request_id(headers.get("x-request-id")),
            traceparent=telemetry.valid_traceparent(headers.get("traceparent")) or telemetry.new_traceparent(),
            correlation_id=_sane_uuid(headers.get("x-correlation-id")) or new_id(),
        )
        with telemetry.carrying(context, scope["method"]):
            await self._handle(scope, receive, send, headers)

    async def _handle(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        started, status, answered = time.perf_counter(), 0, False
        context = telemetry.current()
        request_id, correlation_id = context.request_id or "", str(context.correlation_id)

        async def note_status(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                answer_headers = MutableHeaders(scope=message)
                answer_headers["X-Request-ID"] = request_id
                answer_headers["X-Correlation-ID"] = correlation_id
            await send(message)
            answered = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            declared = headers.get("content-length")
            if declared is not None and declared.isdigit() and int(declared) > self._max_body_bytes:
                raise _BodyTooLarge(self._max_body_bytes)
            await self._app(scope, _counted(receive, self._max_body_bytes), note_status)
        except _BodyTooLarge as too_large:
            answer = problem(413, "body_too_large", too_large.detail, instance=scope["path"])
            await answer(scope, receive, note_status)
        except Exception:
            # Starlette has answered with a problem document by now, unless the answer had begun before.
            log.exception("unhandled", method=scope["method"], route=_route_of(scope))
            if not answered:
                raise
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        span = trace.get_current_span()
        span.update_name(f"{method} {route}")
        span.set_attributes({"http.route": route, "http.response.status_code": status})
        _requests.labels(self._service, method, route, status).inc()
        _seconds.labels(self._service, method, route).observe(seconds)
        if route not in ("/healthz", "/readyz", "/metrics"):
            log.info(
                "request",
                method=method,
                route=route,
                status=status,
                milliseconds=round(seconds * 1000, 1),
            )


def _route_of(scope: Scope) -> str:
    # The template, never the path: ids in labels would grow without end, and some links are secrets.
    template: str = getattr(scope.get("route"), "path", "unmatched")
    return template


def _counted(receive: Receive, limit: int) -> Receive:
    received = 0

    async def counting() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise _BodyTooLarge(limit)
        return message

    return counting


def _sane_request_id(value: str | None) -> str:
    return value if value is not None and _REQUEST_ID.fullmatch(value) else str(new_id())


def _sane_uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None
