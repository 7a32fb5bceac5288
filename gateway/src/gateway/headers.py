"""Which headers pass the gateway, in which direction. What is not named here does not pass.

So no header by which a client could claim to be somebody reaches a service, and none that tells how the house is
built inside reaches a client. The gateway writes X-Forwarded-*, X-Request-ID and traceparent itself.
"""

from collections.abc import Iterable

from gateway.asgi import HeaderList

FORWARDED_TO_SERVICES = {
    name.lower().encode(): name
    for name in (
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Authorization",
        "Cache-Control",
        "Content-Disposition",
        "Content-Encoding",
        "Content-Language",
        "Content-Type",
        "Cookie",
        "Idempotency-Key",
        "If-Match",
        "If-Modified-Since",
        "If-None-Match",
        "If-Range",
        "If-Unmodified-Since",
        "Last-Event-ID",
        "Origin",
        "Pragma",
        "Prefer",
        "Range",
        "Referer",
        "Tracestate",
        "User-Agent",
        "X-Correlation-ID",
        "X-CSRF-Token",
        "X-Requested-With",
    )
}

_RETURNED_TO_CLIENTS = frozenset(
    name.encode()
    for name in (
        "accept-ranges",
        "age",
        "allow",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "deprecation",
        "etag",
        "expires",
        "idempotency-replayed",
        "last-modified",
        "link",
        "location",
        "preference-applied",
        "retry-after",
        "set-cookie",
        "sunset",
        "vary",
        "www-authenticate",
        "x-correlation-id",
    )
)

# A second one of these would be read differently by different servers.
ONCE = frozenset(
    (b"authorization", b"content-length", b"content-type", b"host", b"origin", b"traceparent", b"x-request-id")
)

_BODILESS = frozenset((204, 304))


def named_by_connection(values: Iterable[bytes]) -> frozenset[bytes]:
    """The headers that a Connection header declares to be meant for the next hop only."""
    return frozenset(token.strip().lower() for value in values for token in value.split(b","))


def returned(raw: Iterable[tuple[bytes, bytes]], *, status: int, base_url: bytes) -> HeaderList:
    """A service's answer headers as the client gets them; a Location inside the house becomes a path.

    What a service does not say may be kept, tokens and children's data among it, nobody keeps.
    """
    passed: HeaderList = []
    hop: frozenset[bytes] | None = None
    keeping_is_ruled = False
    for name, value in raw:
        lowered = name.lower()
        if lowered in _RETURNED_TO_CLIENTS:
            keeping_is_ruled = keeping_is_ruled or lowered == b"cache-control"
            if lowered == b"location" and value.startswith(base_url + b"/"):
                passed.append((lowered, value[len(base_url) :]))
            elif not (lowered == b"content-length" and status in _BODILESS):
                passed.append((lowered, value))
        elif lowered == b"connection" and value.lower() not in (b"close", b"keep-alive"):
            hop = (hop or frozenset()) | named_by_connection((value,))
    if hop:
        passed = [(name, value) for name, value in passed if name not in hop]
    if not keeping_is_ruled:
        passed.append((b"cache-control", b"no-store"))
    return passed
