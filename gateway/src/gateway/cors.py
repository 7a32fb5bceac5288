"""Which pages of other origins may call the API. The gateway alone decides; services' own words are dropped."""

from collections.abc import Collection
from http import HTTPStatus

from gateway.admission import METHODS
from gateway.asgi import HeaderList
from gateway.problems import Refused

ALLOWED_HEADERS = (
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Prefer",
    "Range",
    "Traceparent",
    "X-Correlation-ID",
    "X-Request-ID",
)
EXPOSED_HEADERS = (
    "Content-Disposition",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)
PREFLIGHT_SECONDS = 600


class Cors:
    """A whitelist of origins, each written out: `https://app.babyowl.academy`."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def headers(self, origin: bytes | None) -> HeaderList:
        """What an answer says to the browser; caches must keep answers to different origins apart."""
        if not self._origins:
            return []
        if origin is None or origin not in self._origins:
            return [(b"vary", b"Origin")]
        return [
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", ", ".join(EXPOSED_HEADERS).encode()),
        ]

    def preflight(self, origin: bytes) -> HeaderList:
        """The answer to a browser that asks before it sends. Raises Refused for an origin that is not listed."""
        self.require(origin)
        return [
            (b"access-control-allow-methods", ", ".join(sorted(METHODS - {"OPTIONS"})).encode()),
            (b"access-control-allow-headers", ", ".join(ALLOWED_HEADERS).encode()),
            (b"access-control-max-age", str(PREFLIGHT_SECONDS).encode()),
            (b"vary", b"Access-Control-Request-Method, Access-Control-Request-Headers"),
        ]

    def require(self, origin: bytes) -> None:
        """Refuse a page of an origin that is not listed."""
        if origin not in self._origins:
            raise Refused(HTTPStatus.FORBIDDEN, "origin_not_allowed", "Pages of this origin may not do this.")
