"""What the gateway itself refuses, as problem documents (RFC 9457)."""

import json
from http import HTTPStatus

from gateway.asgi import HeaderList

CONTENT_TYPE = b"application/problem+json"


class Refused(Exception):
    """The request ends here. `code` is stable, for programs; `detail` is for people.

    With `close` the client's connection ends too: what still comes down it can no longer be told apart.
    """

    def __init__(
        self, status: int, code: str, detail: str, *, headers: HeaderList | None = None, close: bool = False
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or []
        self.close = close


def bad_request(code: str, detail: str) -> Refused:
    """The request is not one that can be passed on."""
    return Refused(HTTPStatus.BAD_REQUEST, code, detail, close=True)


def problem(refused: Refused, *, instance: str | None, request_id: str) -> bytes:
    """The document itself, JSON."""
    return json.dumps(
        {
            "type": f"urn:babyowl:problem:{refused.code}",
            "title": HTTPStatus(refused.status).phrase,
            "status": int(refused.status),
            "detail": refused.detail,
            "code": refused.code,
            "instance": instance,
            "request_id": request_id,
        }
    ).encode()
