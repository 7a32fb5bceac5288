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

    def __init__(self, receive: Receive, request: Admitted | None = None) -> None:
        """Without a request nothing is known about its body: it may be long."""
        self._receive = receive
        self._limit = 0
        self._received = 0
        self._declared = request.content_length if request is not None else None
        self._awaits_leave = request is not None and b"expect" in request.seen
        self._may_be_long = request is None or request.chunked or (self._declared or 0) > SMALL
        self.is_complete = request is not None and not request.has_body
        self.failure: Refused | ClientGone | None = None

    @property
    def is_open(self) -> bool:
        """Whether so much may still be coming, or it is so unclear if anything is, that the connection must end."""
        return not self.is_complete and (self._may_be_long or self._awaits_leave)

    def limit_to(self, limit: int) -> None:
        """Let at most so many bytes pass. Raises Refused if the body says of itself that it is larger."""
        self._limit = limit
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
        self._awaits_leave = False
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

    async def linger(self) -> None:
        """Read on for a moment before closing, for a client that is still sending must get to read its answer:
        closing on unread bytes resets the connection, and the answer is lost with it."""
        read = 0
        if self._awaits_leave:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                while read < _LINGER_BYTES and not self.is_complete:
                    message = await self._receive()
                    read += len(message.get("body", b""))
                    self.is_complete = not message.get("more_body", False)

    def too_slow(self) -> Refused:
        """To be raised when the time was over before the body was there."""
        return Refused(HTTPStatus.REQUEST_TIMEOUT, "request_timeout", "The request's body took too long.", close=True)

    def _too_large(self) -> Refused:
        return Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body_too_large",
            f"At most {self._limit} bytes are accepted here.",
        )
