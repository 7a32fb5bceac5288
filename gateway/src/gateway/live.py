"""Connections that are held open: they end when their token does, and when the gateway is about to stop."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from babyowl_chassis.auth import Principal
from gateway import metrics

MAX_ANONYMOUS_SECONDS = 900.0


class LiveConnections:
    """Knows the deadline of every WebSocket and event stream."""

    def __init__(self) -> None:
        self._deadlines: set[asyncio.Timeout] = set()
        self.is_draining = False

    @contextmanager
    def held(self, deadline: asyncio.Timeout, principal: Principal | None) -> Iterator[None]:
        """Let the deadline be the token's end (a quarter of an hour without a token), or the gateway's."""
        loop = asyncio.get_running_loop()
        seconds = principal.expires_at - time.time() if principal is not None else MAX_ANONYMOUS_SECONDS
        deadline.reschedule(loop.time() + (0 if self.is_draining else max(0.0, seconds)))
        self._deadlines.add(deadline)
        metrics.live_connections.inc()
        try:
            yield
        finally:
            self._deadlines.discard(deadline)
            metrics.live_connections.dec()

    def drain(self) -> None:
        """End all of them now; their clients connect again, elsewhere."""
        self.is_draining = True
        now = asyncio.get_running_loop().time()
        for deadline in self._deadlines:
            if not deadline.expired():
                deadline.reschedule(now)
