"""Where a request came from, in the words of the X-Forwarded headers that the gateway itself writes."""

import re
from dataclasses import dataclass

from gateway.admission import Admitted
from gateway.asgi import Scope
from gateway.clients import ClientAddresses
from gateway.problems import bad_request

_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Origin:
    """The client's address, and the scheme and host it spoke to."""

    address: str
    scheme: str
    host: str


def origin_of(scope: Scope, request: Admitted, addresses: ClientAddresses) -> Origin:
    """Believes X-Forwarded-* of trusted proxies only. Raises Refused for a malformed Host."""
    peer: str = (scope.get("client") or ("unknown", 0))[0]
    host, scheme = request.seen.get(b"host", b""), str(scope.get("scheme", "http"))
    address = addresses.resolve(peer, [request.seen.get(b"x-forwarded-for", b"")])
    if addresses.is_trusted(peer):
        host = request.seen.get(b"x-forwarded-host", host)
        if request.seen.get(b"x-forwarded-proto") in (b"http", b"https"):
            scheme = request.seen[b"x-forwarded-proto"].decode()
    if not _HOST.fullmatch(host):
        raise bad_request("bad_header", "The Host header is malformed.")
    return Origin(address, {"ws": "http", "wss": "https"}.get(scheme, scheme), host.decode("ascii"))
