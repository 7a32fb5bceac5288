"""What a request must look like to be considered at all, and what of it may go on.

Two servers that read one request differently are how requests are smuggled; so whatever could be read in two
ways is refused here, also where the server in front should have done so already.
"""

from dataclasses import dataclass, field
from http import HTTPStatus

from gateway import headers, paths
from gateway.asgi import HeaderList, Scope
from gateway.problems import Refused, bad_request

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


@dataclass(slots=True)
class Admitted:
    """A request in one form only: normalised path, the headers that may go on, and what decisions need."""

    method: str
    path: str
    query: str
    forwarded: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[bytes, bytes] = field(default_factory=dict)
    content_length: int | None = None
    chunked: bool = False

    @property
    def target(self) -> str:
        """Path and query, escaped as they came."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def has_body(self) -> bool:
        """Whether anything follows the headers."""
        return self.chunked or bool(self.content_length)


def admit(scope: Scope) -> Admitted:
    """The request as it may go on. Raises Refused."""
    method = scope.get("method", "GET")
    if method not in METHODS:
        raise Refused(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method_not_allowed",
            f"The method {method} is not served here.",
            headers=[(b"allow", ", ".join(sorted(METHODS)).encode())],
            close=True,
        )
    admitted = Admitted(method, _path(scope), _query(scope))
    _read_headers(scope["headers"], admitted)
    _check_framing(admitted, scope.get("http_version", "1.1"))
    return admitted


def _path(scope: Scope) -> str:
    raw: bytes = scope["raw_path"]
    if len(raw) + len(scope["query_string"]) > paths.MAX_TARGET_BYTES:
        raise Refused(HTTPStatus.REQUEST_URI_TOO_LONG, "target_too_long", "The URL is longer than 8 KiB.", close=True)
    try:
        return paths.normalise(raw)
    except paths.BadPath as reason:
        raise bad_request("bad_path", str(reason)) from reason


def _query(scope: Scope) -> str:
    try:
        return str(scope["query_string"].decode("ascii"))
    except UnicodeDecodeError as reason:
        raise bad_request("bad_query", "The query must be percent-encoded.") from reason


def _read_headers(raw: HeaderList, admitted: Admitted) -> None:
    seen, forwarded, connection = admitted.seen, admitted.forwarded, []
    for name, value in raw:
        if b"_" in name:
            raise bad_request("bad_header", "Header names with underscores are not accepted.")
        if name in headers.ONCE and name in seen:
            raise bad_request("duplicate_header", f"The header {name.decode('latin-1')} came twice.")
        seen[name] = b", ".join((seen[name], value)) if name in seen else value
        known = headers.FORWARDED_TO_SERVICES.get(name)
        if known is not None:
            forwarded.append((known, _text(name, value)))
        elif name == b"connection":
            connection.append(value)
    if connection:
        hop = headers.named_by_connection(connection)
        admitted.forwarded = [pair for pair in forwarded if pair[0].lower().encode() not in hop]
        for name in hop - {b"upgrade", b"host", b"content-length", b"transfer-encoding"}:
            seen.pop(name, None)


def _text(name: bytes, value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as reason:
        raise bad_request("bad_header", f"The header {name.decode('latin-1')} is not valid UTF-8.") from reason


def _check_framing(admitted: Admitted, version: str) -> None:
    length, coding = admitted.seen.get(b"content-length"), admitted.seen.get(b"transfer-encoding")
    if version not in ("1.1", "1.0"):
        raise Refused(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "bad_version", "Speak HTTP/1.1.", close=True)
    if not admitted.seen.get(b"host") and version == "1.1":
        raise bad_request("bad_framing", "A Host header is needed.")
    if coding is not None:
        if length is not None or version == "1.0" or coding.strip().lower() != b"chunked":
            raise bad_request("bad_framing", "The length of the body could be read in more than one way.")
        admitted.chunked = True
    elif length is not None:
        if not length.isdigit():
            raise bad_request("bad_framing", "Content-Length must be a number.")
        admitted.content_length = int(length)
