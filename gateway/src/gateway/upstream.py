"""The services as the gateway reaches them: pooled connections, timeouts, one retry, a breaker for each."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientOSError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    ClientWSTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    ServerDisconnectedError,
    TCPConnector,
    WSServerHandshakeError,
)
from yarl import URL

from gateway import metrics
from gateway.bodies import ClientBody, ClientGone
from gateway.breaker import Breaker, Open
from gateway.problems import Refused
from gateway.retries import RETRYABLE, RetryBudget
from gateway.routes import Service
from gateway.settings import GatewaySettings

log = structlog.get_logger(__name__)

Headers = list[tuple[str, str]]
Content = bytes | AsyncIterator[bytes] | None

_MAX_CONNECTIONS_EACH = 1000
_HEARTBEAT_SECONDS = 20.0
_REFUSALS_PASSED_ON = frozenset((400, 401, 403, 404, 409, 429, 503))
# Nothing was answered yet when one of these is raised, so a GET may be sent again.
_NOT_ANSWERED = (ClientConnectorError, ConnectionTimeoutError, ServerDisconnectedError, ClientOSError)


@dataclass(slots=True)
class Upstream:
    """One service: where it is and how it has been lately."""

    service: Service
    base_url: str
    breaker: Breaker
    retries: RetryBudget = field(default_factory=RetryBudget)


class Upstreams:
    """Sends requests on. What goes wrong between here and a service becomes a Refused: 502, 503 or 504."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._all = {
            service: Upstream(service, settings.url_of(service), Breaker(rest=settings.breaker_rest))
            for service in Service
        }
        for upstream in self._all.values():
            metrics.breaker_state.labels(upstream.service.value).set_function(_state_of(upstream.breaker))
        self._session: ClientSession | None = None
        self._usual = ClientTimeout(
            total=None,
            connect=settings.connect_timeout,
            sock_connect=settings.connect_timeout,
            sock_read=settings.read_timeout,
        )
        # Between two events of a stream any time may pass.
        self._patient = ClientTimeout(
            total=None, connect=settings.connect_timeout, sock_connect=settings.connect_timeout
        )

    async def start(self) -> None:
        """Open the pool."""
        self._session = ClientSession(
            connector=TCPConnector(
                limit=0,
                limit_per_host=_MAX_CONNECTIONS_EACH,
                keepalive_timeout=self._settings.upstream_keep_alive,
            ),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            timeout=self._usual,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )
        # aiohttp sends idempotent requests a second time by itself, PUT and DELETE too, past our budget.
        self._session._retry_connection = False

    async def stop(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    def __getitem__(self, service: Service) -> Upstream:
        return self._all[service]

    def states(self) -> dict[str, str]:
        """How each service's breaker stands."""
        return {service.value: upstream.breaker.state.name.lower() for service, upstream in self._all.items()}

    async def send(
        self,
        service: Service,
        method: str,
        target: str,
        headers: Headers,
        content: Content,
        *,
        body: ClientBody,
        patient: bool = False,
    ) -> ClientResponse:
        """The service's answer, its body still to be read. Raises Refused, and ClientGone.

        What the client's own `body` made fail is not held against the service.
        """
        assert self._session is not None, "start() comes first"  # noqa: S101
        upstream = self._all[service]
        url = URL(upstream.base_url + target, encoded=True)
        timeout = self._patient if patient else self._usual
        may_retry = method in RETRYABLE and content is None
        upstream.retries.pay_in()
        while True:
            phase = self._enter(upstream)
            try:
                response = await self._session.request(
                    method, url, headers=headers, data=content, allow_redirects=False, timeout=timeout
                )
            except (ClientError, OSError, TimeoutError) as error:
                if (clients_own := _of_the_client(error, body)) is not None:
                    upstream.breaker.abandoned(phase)
                    raise clients_own from error
                upstream.breaker.failed(phase)
                if may_retry and isinstance(error, _NOT_ANSWERED) and upstream.retries.withdraw():
                    may_retry = False
                    metrics.retries.labels(service.value).inc()
                    continue
                raise self._refusal(upstream, target, error) from error
            except BaseException:
                upstream.breaker.abandoned(phase)
                raise
            upstream.breaker.succeeded(phase)
            return response

    async def connect(
        self, service: Service, target: str, headers: Headers, protocols: tuple[str, ...]
    ) -> ClientWebSocketResponse:
        """A WebSocket to the service. Raises Refused, also with the status by which the service refused."""
        assert self._session is not None, "start() comes first"  # noqa: S101
        upstream = self._all[service]
        phase = self._enter(upstream)
        try:
            socket = await self._session.ws_connect(
                URL(upstream.base_url + target, encoded=True),
                headers=headers,
                protocols=protocols,
                heartbeat=_HEARTBEAT_SECONDS,
                max_msg_size=self._settings.max_websocket_message_bytes,
                timeout=ClientWSTimeout(ws_close=5.0),
            )
        except WSServerHandshakeError as error:
            upstream.breaker.succeeded(phase)
            status = error.status if error.status in _REFUSALS_PASSED_ON else HTTPStatus.BAD_GATEWAY
            raise Refused(status, "websocket_refused", "The service does not open this WebSocket.") from error
        except (ClientError, OSError, TimeoutError) as error:
            upstream.breaker.failed(phase)
            raise self._refusal(upstream, target, error) from error
        except BaseException:
            upstream.breaker.abandoned(phase)
            raise
        upstream.breaker.succeeded(phase)
        return socket

    def _enter(self, upstream: Upstream) -> int:
        try:
            return upstream.breaker.admit()
        except Open as resting:
            raise _unavailable(resting.retry_after) from resting

    def _refusal(self, upstream: Upstream, target: str, error: Exception) -> Refused:
        # Some of aiohttp's errors name the whole URL, which may be a secret itself.
        told = repr(error).replace(target, "…")
        log.warning("service_not_answering", service=upstream.service.value, error=told)
        if isinstance(error, TimeoutError):
            return Refused(
                HTTPStatus.GATEWAY_TIMEOUT, "service_timeout", "The service behind this did not answer in time."
            )
        if isinstance(error, ClientConnectorError):
            return _unavailable(1)
        return Refused(HTTPStatus.BAD_GATEWAY, "bad_gateway", "The service behind this broke off before it answered.")


def _of_the_client(error: Exception, body: ClientBody) -> Refused | ClientGone | None:
    # A service cannot answer what has not come yet: only the time a connection takes is its own.
    waited = isinstance(error, TimeoutError) and not isinstance(error, ConnectionTimeoutError)
    if body.failure is None and waited and not body.is_complete:
        return body.too_slow()
    return body.failure


def _state_of(breaker: Breaker) -> Callable[[], float]:
    return lambda: float(breaker.state)


def _unavailable(retry_after: int) -> Refused:
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "service_unavailable",
        "The service behind this is away for a moment; try again.",
        headers=[(b"retry-after", str(retry_after).encode())],
    )
