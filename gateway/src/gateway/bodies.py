"""Bodies of requests: counted while they stream through, never kept whole unless small."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus

from gateway.admission import Admitted
from gateway.asgi import Receive
from gateway.problems import Refused

SMALL = 65_536
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 4 * 1_048_576


class ClientGone(Exception):
    """The client closed its connection before its request was whole."""


class ClientBody:
    """A request's body on its way to a service. `failure` says why it ended early, if it did."""

    def __init__(self, receive: Receive, request: Admitted, *, limit: int) -> None:
        """Raises Refused if the body says of itself that it is too large."""
        self._receive = receive
        self._limit = limit
        self._received = 0
        self._declared = request.content_length
        self.is_complete = not request.has_body
        self.failure: Refused | ClientGone | None = None
        if self._declared is not None and self._declared > limit:
            raise self._too_large()

    async def content(self) -> bytes | AsyncIterator[bytes] | None:
        """Nothing, a small body whole (the service is not kept waiting for it), or a stream."""
        if self.is_complete:
            return None
        if self._declared is not None and self._declared <= SMALL:
            return b"".join([chunk async for chunk in self._chunks()])
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[bytes]:
        while not self.is_complete:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.failure = ClientGone()
                raise self.failure
            chunk: bytes = message.get("body", b"")
            self._received += len(chunk)
            if self._received > self._limit:
                self.failure = self._too_large()
                raise self.failure
            self.is_complete = not message.get("more_body", False)
            if chunk:
                yield chunk

    def _too_large(self) -> Refused:
        return Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body_too_large",
            f"At most {self._limit} bytes are accepted here.",
        )


async def linger(receive: Receive) -> None:
    """Read on for a moment before closing, for a client that is still sending must get to read its answer:
    closing on unread bytes resets the connection, and the answer is lost with it."""
    read = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while read < _LINGER_BYTES:
                message = await receive()
                read += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
