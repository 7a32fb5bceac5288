"""One request and its answer, from the first decision to the line in the log."""

import time
from http import HTTPStatus

from gateway import correlation, helmet, metrics
from gateway.admission import Admitted
from gateway.asgi import HeaderList, Scope, Send
from gateway.bodies import ClientBody
from gateway.doorkeeper import Visit
from gateway.ledger import Entry
from gateway.problems import CONTENT_TYPE, Refused, problem
from gateway.routes import Route

CLIENT_GONE = 499


class AnswerCut(Exception):
    """The answer broke off in the middle; the client must see its connection end, not a complete answer."""


class Exchange:
    """Knows what every answer says besides its own content: security, CORS, limits, the request's id."""

    __slots__ = (
        "_has_chunks",
        "_send",
        "_started_at",
        "address",
        "body",
        "cors",
        "instance",
        "method",
        "request_id",
        "route",
        "status",
        "traceparent",
        "visit",
    )

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._started_at = time.perf_counter()
        self._has_chunks = scope.get("http_version") != "1.0"
        self.method: str = scope.get("method", "GET")
        self.instance: str | None = None
        self.request_id = ""
        self.traceparent = ""
        self.route: Route | None = None
        self.address = ""
        self.visit: Visit | None = None
        self.cors: HeaderList = []
        self.body: ClientBody | None = None
        self.status = 0

    def identify(self, request: Admitted) -> None:
        """Take the names under which the client knows the request, where they are sane."""
        self.instance = request.path
        self.request_id = correlation.request_id(request.seen.get(b"x-request-id"))
        self.traceparent = correlation.traceparent(request.seen.get(b"traceparent"))

    def own_headers(self) -> HeaderList:
        """What the gateway adds to every answer."""
        own = [*helmet.API, *self.cors, (b"x-request-id", self.request_id.encode())]
        if self.visit is not None:
            own += self.visit.verdict.headers()
        return own

    async def start(self, status: int, headers: HeaderList) -> None:
        """Send status and headers. Raises Refused for HTTP/1.0, which cannot be told where such an answer ends."""
        if not (self._has_chunks or any(name == b"content-length" for name, _ in headers)):
            raise Refused(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "bad_version", "This needs HTTP/1.1.")
        self.status = status
        headers += self.own_headers()
        if self.body is not None and self.body.is_open:
            headers.append((b"connection", b"close"))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, chunk: bytes, *, is_last: bool) -> None:
        """Send a piece of the body; waits while the client reads more slowly than we write."""
        if is_last and self.body is not None and self.body.is_open:
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            await self.body.linger()
            chunk = b""
        await self._send({"type": "http.response.body", "body": chunk, "more_body": not is_last})

    async def refuse(self, refused: Refused) -> None:
        """Answer with a problem document."""
        if self.status:
            raise AnswerCut from refused
        if not self.request_id:
            self.request_id = correlation.request_id(None)
        metrics.refused.labels(refused.code).inc()
        document = problem(refused, instance=self.instance, request_id=self.request_id)
        closes = refused.close or (self.body is not None and self.body.is_open)
        self.status = refused.status
        headers = [
            (b"content-type", CONTENT_TYPE),
            (b"content-length", str(len(document)).encode()),
            (b"cache-control", b"no-store"),
            *([(b"connection", b"close")] if closes else []),
            *refused.headers,
            *self.own_headers(),
        ]
        await self._send({"type": "http.response.start", "status": refused.status, "headers": headers})
        await self.write(document, is_last=True)

    def entry(self) -> Entry:
        """What is left of it, now that it is over."""
        visit, route = self.visit, self.route
        return Entry(
            self.method,
            route.label if route is not None and route.secret else self.instance,
            route.label if route is not None else "none",
            route.service.value if route is not None else "gateway",
            self.status or CLIENT_GONE,
            time.perf_counter() - self._started_at,
            time.time(),
            self.address,
            visit.principal.user_id if visit is not None and visit.principal is not None else None,
            self.request_id,
            self.traceparent,
        )
