"""The broker as an integrator sees it: plain messages in, plain messages out, nothing of the chassis' consumers."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

import aio_pika
import aiormq
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import ChannelClosed

from babyowl_chassis.messaging.messages import message_of
from babyowl_contracts import Envelope

EXCHANGE = "learning.events"
AUDIT = "tests.audit"


class Wire:
    """A connection of one's own to the virtual host under test."""

    def __init__(self, connection: aio_pika.abc.AbstractConnection, channel: AbstractChannel) -> None:
        self._connection = connection
        self.channel = channel

    async def publish(self, *envelopes: Envelope) -> None:
        """Send each through the exchange of its context."""
        await asyncio.gather(*(self._publish(envelope) for envelope in envelopes))

    async def _publish(self, envelope: Envelope) -> None:
        exchange = await self.channel.get_exchange(f"{envelope.type.partition('.')[0]}.events", ensure=False)
        await exchange.publish(message_of(envelope), routing_key=envelope.type)

    async def put(self, queue: str, body: bytes) -> None:
        """Lay raw bytes into a queue."""
        await self.channel.default_exchange.publish(aio_pika.Message(body), routing_key=queue)

    async def depth(self, queue: str) -> int:
        """How many messages are ready in a queue; 0 if there is no such queue."""
        state = await self._state(queue)
        return 0 if state is None else state.message_count or 0

    async def is_consumed(self, queue: str) -> bool:
        """Whether the queue is there and somebody consumes it."""
        state = await self._state(queue)
        return state is not None and bool(state.consumer_count)

    async def _state(self, queue: str) -> aiormq.spec.Queue.DeclareOk | None:
        channel = await self._connection.channel()  # a queue that is not there closes the channel
        try:
            return (await channel.get_queue(queue, ensure=True)).declaration_result
        except ChannelClosed:
            return None
        finally:
            await channel.close()

    async def audit(self) -> None:
        """From now on, keep a copy of everything the exchange gets, in the order of its arrival."""
        exchange = await self.channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        queue = await self.channel.declare_queue(AUDIT, durable=True)
        await queue.bind(exchange, "#")

    async def audited(self) -> list[Envelope]:
        """What the audit holds; it is empty afterwards."""
        return [Envelope.from_json(message.body) for message in await self.drain(AUDIT)]

    async def drain(self, queue: str) -> list[AbstractIncomingMessage]:
        """Take all messages out of a queue."""
        found = await self.channel.get_queue(queue, ensure=True)
        taken = []
        while (message := await found.get(fail=False, no_ack=True)) is not None:
            taken.append(message)
        return taken


@asynccontextmanager
async def wire(amqp_url: str) -> AsyncIterator[Wire]:
    """Open a wire; not kept open over a restart of the broker."""
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        yield Wire(connection, await connection.channel())


def assert_told_in_order(envelopes: Iterable[Envelope], *, expected: Iterable[UUID]) -> None:
    """Every expected event is there; what came twice is the same; first deliveries keep each aggregate's order."""
    first: dict[UUID, Envelope] = {}
    for envelope in envelopes:
        assert first.setdefault(envelope.id, envelope) == envelope
    assert set(first) == set(expected)
    by_aggregate: dict[UUID, list[int]] = defaultdict(list)
    for envelope in first.values():
        by_aggregate[envelope.subject].append(envelope.aggregateseq)
    for subject, sequence in by_aggregate.items():
        assert sequence == list(range(1, len(sequence) + 1)), f"{subject}: {sequence}"
