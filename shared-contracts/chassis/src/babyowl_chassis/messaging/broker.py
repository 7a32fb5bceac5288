"""Links to the broker: a connection and a channel of their own for whoever must not be disturbed by others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection

CONNECT_SECONDS = 10
HEARTBEAT_SECONDS = 10
CLOSE_SECONDS = 2


@asynccontextmanager
async def link(amqp_url: str, *, name: str) -> AsyncIterator[AbstractChannel]:
    """A channel with publisher confirms on a connection of its own.

    Unroutable mandatory messages raise. A broker that hangs is noticed by heartbeat within twenty seconds, and
    does not keep the link from closing.
    """
    connection = await aio_pika.connect(
        amqp_url,
        timeout=CONNECT_SECONDS,
        client_properties={"connection_name": name},
        heartbeat=HEARTBEAT_SECONDS,
    )
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        yield channel
    finally:
        await _close(connection)


async def _close(connection: AbstractConnection) -> None:
    # A dead peer never answers the goodbye; whatever else goes wrong in it, the link is gone.
    with suppress(Exception):
        await asyncio.wait_for(connection.close(), CLOSE_SECONDS)
