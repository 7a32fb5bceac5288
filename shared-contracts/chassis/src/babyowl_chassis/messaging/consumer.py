"""Consumers: one queue, a bounded number of events at a time, each ends acknowledged, retried or dead-lettered."""

import asyncio
from contextlib import suppress

import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram

from babyowl_chassis import telemetry
from babyowl_chassis.database import DatabaseAway, is_away
from babyowl_chassis.ids import utc_now
from babyowl_chassis.messaging.broker import link
from babyowl_chassis.messaging.messages import failed, tries_of
from babyowl_chassis.messaging.supervision import heed_cancellation, uninterrupted
from babyowl_chassis.messaging.topology import dead_letter_queue, declare_subscription, retry_queue
from babyowl_chassis.subscriptions import Dispatcher, Subscription, Undeliverable
from babyowl_contracts import Envelope, MalformedEnvelope, UnknownEventType

log = structlog.get_logger(__name__)

PUBLISH_SECONDS = 5.0
FIRST_HOLD_SECONDS = 0.1
MAX_HOLD_SECONDS = 5.0

_consumed = Counter("babyowl_events_consumed_total", "Deliveries by how they ended", ["queue", "outcome"])
_lag = Histogram(
    "babyowl_event_lag_seconds",
    "From the event to the end of its effect here",
    ["queue"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600, 3600),
)


class Consumer:
    """Consumes one subscription's queue. `run` it under supervision; each run ends only by an exception."""

    def __init__(self, subscription: Subscription, dispatcher: Dispatcher, *, amqp_url: str, prefetch: int) -> None:
        self._subscription = subscription
        self._dispatcher = dispatcher
        self._amqp_url = amqp_url
        self._prefetch = prefetch
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Consume until the link is lost. What is under way then is finished; its redelivery finds the inbox."""
        self._ending.clear()
        queue_name = self._subscription.queue
        async with link(self._amqp_url, name=queue_name) as channel:
            await channel.set_qos(prefetch_count=self._prefetch)
            queue = await declare_subscription(channel, self._subscription)
            inbound: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
            lost = asyncio.Event()
            channel.close_callbacks.add(lambda *_: lost.set())
            # A queue that is deleted, or moves, takes its consumers with it, and leaves the channel open.
            underlay = await channel.get_underlay_channel()
            underlay.on_consumer_cancel_callbacks.add(lambda *_: lost.set())
            await queue.consume(inbound.put, consumer_tag=f"{queue_name}-{id(self):x}")
            log.info("consuming", queue=queue_name)
            hands = [asyncio.create_task(self._work(channel, inbound)) for _ in range(self._prefetch)]
            waiting = asyncio.create_task(lost.wait())
            try:
                heed_cancellation()
                await asyncio.wait([waiting, *hands], return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
                self._ending.set()
                await _finish(hands, inbound)
            raise ConnectionError(f"lost the link of {queue_name}")

    async def _work(self, channel: AbstractChannel, inbound: "asyncio.Queue[AbstractIncomingMessage]") -> None:
        while True:
            message = await inbound.get()
            # A shutdown, or a link that is lost, waits for the transaction and does not tear it.
            await uninterrupted(self._handle(channel, message))

    async def _handle(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
        queue = self._subscription.queue
        try:
            outcome = await self._outcome(channel, message)
            await message.ack()
        except Exception as error:
            # Neither acknowledged nor moved. The hand ends, and the link with it: the broker delivers it again.
            log.warning("not_acknowledged", queue=queue, message_id=message.message_id, error=repr(error))
            _consumed.labels(queue, "unacknowledged").inc()
            raise
        _consumed.labels(queue, outcome).inc()

    async def _outcome(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> str:
        try:
            envelope = Envelope.from_json(message.body)
        except UnknownEventType as unknown:
            # A newer release publishes it, or listens to it; by the end of the ladder it may be here, too.
            return await self._retry(channel, message, repr(unknown))
        except MalformedEnvelope as unreadable:
            await self._bury(channel, message, repr(unreadable))
            return "dead"
        context = telemetry.Context(
            request_id=str(envelope.id),
            traceparent=telemetry.valid_traceparent(envelope.traceparent),
            correlation_id=envelope.correlationid or envelope.id,
        )
        with telemetry.carrying(context, f"{self._subscription.queue} consume", SpanKind.CONSUMER):
            try:
                effect = await self._dispatch(envelope)
            except Undeliverable as reason:
                await self._bury(channel, message, str(reason))
                return "dead"
            except DatabaseAway:
                raise
            except Exception as error:
                log.exception("reaction_failed", queue=self._subscription.queue, type=envelope.data.type)
                return await self._retry(channel, message, repr(error))
        _lag.labels(self._subscription.queue).observe((utc_now() - envelope.time).total_seconds())
        return "done" if effect else "known"

    async def _dispatch(self, envelope: Envelope) -> bool:
        # While the database is away nothing is wrong with the event: it is held, and no try is counted.
        pause = FIRST_HOLD_SECONDS
        while True:
            try:
                return await self._dispatcher.dispatch(envelope)
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("holding", queue=self._subscription.queue, error=repr(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), pause)
                if self._ending.is_set():
                    raise DatabaseAway("given back to the broker") from error
                pause = min(pause * 2, MAX_HOLD_SECONDS)

    async def _retry(self, channel: AbstractChannel, message: AbstractIncomingMessage, reason: str) -> str:
        tries = tries_of(message) + 1
        waiting_room = retry_queue(self._subscription.queue, tries)
        if waiting_room is None:
            await self._bury(channel, message, reason)
            return "dead"
        await self._move(channel, message, waiting_room, tries, reason)
        return "retried"

    async def _bury(self, channel: AbstractChannel, message: AbstractIncomingMessage, reason: str) -> None:
        log.error("dead_lettered", queue=self._subscription.queue, message_id=message.message_id, reason=reason)
        grave = dead_letter_queue(self._subscription.queue)
        await self._move(channel, message, grave, tries_of(message) + 1, reason)

    async def _move(
        self, channel: AbstractChannel, message: AbstractIncomingMessage, queue: str, tries: int, reason: str
    ) -> None:
        async with asyncio.timeout(PUBLISH_SECONDS):
            moved = failed(message, tries=tries, reason=reason)
            await channel.default_exchange.publish(moved, routing_key=queue, mandatory=True)


async def _finish(hands: "list[asyncio.Task[None]]", inbound: "asyncio.Queue[AbstractIncomingMessage]") -> None:
    # What was not begun goes back to the broker with the channel.
    while not inbound.empty():
        inbound.get_nowait()
    for hand in hands:
        hand.cancel()
    await asyncio.gather(*hands, return_exceptions=True)
