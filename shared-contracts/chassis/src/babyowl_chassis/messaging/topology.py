"""What stands in the broker: exchanges, logs, queues, retry ladders, dead-letter queues. Declared on every start."""

from collections.abc import Sequence

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue
from pamqp.common import FieldTable

from babyowl_chassis.messaging.broker import link
from babyowl_chassis.subscriptions import Subscription

LOG_DAYS = 7
DELIVERY_LIMIT = 20
"""Deliveries that ended without an answer, e.g. because the process died each time, before the broker gives up."""

RETRY_LADDER = {"5s": 5_000, "30s": 30_000, "2m": 120_000, "10m": 600_000}
"""Waiting times between tries, in milliseconds, by the suffix of their queue."""


def retry_queue(queue: str, tries: int) -> str | None:
    """Where an event waits after so many failed tries; None when the ladder is at its end."""
    rungs = list(RETRY_LADDER)
    return f"{queue}.retry.{rungs[tries - 1]}" if tries <= len(rungs) else None


def dead_letter_queue(queue: str) -> str:
    """Where an event ends that nothing could be done with."""
    return f"{queue}.dlq"


async def declare_exchange(channel: AbstractChannel, context: str) -> AbstractExchange:
    """The exchange of a context, and the log behind it that lets a late subscriber read back seven days."""
    exchange = await channel.declare_exchange(f"{context}.events", ExchangeType.TOPIC, durable=True)
    log = await channel.declare_queue(
        f"{context}.log",
        durable=True,
        arguments={
            "x-queue-type": "stream",
            "x-max-age": f"{LOG_DAYS}D",
            "x-stream-max-segment-size-bytes": 50_000_000,
        },
    )
    await log.bind(exchange, "#")
    return exchange


async def declare_subscription(channel: AbstractChannel, subscription: Subscription) -> AbstractQueue:
    """The work queue of a subscription, bound to its events; its retry ladder; its dead-letter queue."""
    name = subscription.queue
    await channel.declare_queue(dead_letter_queue(name), durable=True, arguments={"x-queue-type": "quorum"})
    for suffix, milliseconds in RETRY_LADDER.items():
        await channel.declare_queue(
            f"{name}.retry.{suffix}",
            durable=True,
            arguments=_dead_lettering_to(name) | {"x-message-ttl": milliseconds},
        )
    queue = await channel.declare_queue(
        name,
        durable=True,
        arguments=_dead_lettering_to(dead_letter_queue(name)) | {"x-delivery-limit": DELIVERY_LIMIT},
    )
    for event in subscription.events:
        exchange = await declare_exchange(channel, event.context())
        await queue.bind(exchange, event.type)
    return queue


async def declare_topology(amqp_url: str, context: str, subscriptions: Sequence[Subscription]) -> None:
    """Everything a service has in the broker.

    Done before anything is published: what goes out before a queue is bound never reaches it.
    """
    async with link(amqp_url, name=f"{context}-topology") as channel:
        await declare_exchange(channel, context)
        for subscription in subscriptions:
            await declare_subscription(channel, subscription)


def _dead_lettering_to(queue: str) -> FieldTable:
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        # A message leaves its queue only when the other has it.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
