"""The relay: brings what waits in the outbox to the exchange, one elected relay per service.

Whoever holds the advisory lock reads the pending rows, publishes, and deletes what the broker confirmed, all on one
connection. If that connection dies the lock is free, and what was not deleted is published again: at least once, the
same id, in order per aggregate.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import structlog
from aio_pika.abc import AbstractExchange
from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Gauge

from babyowl_chassis import telemetry
from babyowl_chassis.database import connect
from babyowl_chassis.messaging.broker import link
from babyowl_chassis.messaging.messages import message_of
from babyowl_chassis.messaging.supervision import heed_cancellation, uninterrupted
from babyowl_chassis.messaging.topology import declare_exchange
from babyowl_chassis.outbox import ENVELOPE_COLUMNS, envelope_of

log = structlog.get_logger(__name__)

BATCH = 256
PUBLISH_SECONDS = 5.0
POLL_SECONDS = 1.0
STANDBY_SECONDS = 1.0

_PENDING = f"SELECT seq, {ENVELOPE_COLUMNS} FROM outbox JOIN event_log log USING (seq) ORDER BY seq LIMIT {BATCH}"  # noqa: S608

_published = Counter("babyowl_events_published_total", "Events confirmed by the broker", ["service"])
_leading = Gauge("babyowl_relay_leading", "1 where this replica's relay is the elected one", ["service"])


class NotConfirmed(Exception):
    """The broker did not take an event; it stays in the outbox."""


class Relay:
    """Publishes one service's outbox. `run` it under supervision; each run ends only by an exception."""

    def __init__(self, service: str, *, database_url: str, amqp_url: str) -> None:
        self._service = service
        self._database_url = database_url
        self._amqp_url = amqp_url
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Wait to be elected, then publish until the database or the broker fails."""
        connection = await connect(self._database_url, application=f"babyowl-{self._service}-relay")
        try:
            await self._be_elected(connection)
            _leading.labels(self._service).set(1)
            await connection.add_listener(f"{await _schema(connection)}.outbox", self._on_notify)
            async with link(self._amqp_url, name=f"{self._service}-relay") as channel:
                exchange = await declare_exchange(channel, self._service)
                await self._publish_for_ever(connection, exchange)
        finally:
            _leading.labels(self._service).set(0)
            connection.terminate()

    async def _be_elected(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", f"{self._service}.relay"):
            await asyncio.sleep(STANDBY_SECONDS)

    async def _publish_for_ever(
        self, connection: "asyncpg.Connection[asyncpg.Record]", exchange: AbstractExchange
    ) -> None:
        while True:
            heed_cancellation()
            self._wake.clear()
            pending = await connection.fetch(_PENDING)
            if pending:
                await uninterrupted(self._publish(connection, exchange, pending))
            else:
                await self._wait_for_more()

    async def _publish(
        self,
        connection: "asyncpg.Connection[asyncpg.Record]",
        exchange: AbstractExchange,
        pending: Sequence[asyncpg.Record],
    ) -> None:
        by_aggregate: dict[Any, list[asyncpg.Record]] = defaultdict(list)
        for row in pending:
            by_aggregate[row["aggregate_id"]].append(row)
        confirmed: list[int] = []
        outcomes = await asyncio.gather(
            *(self._publish_in_order(exchange, rows, confirmed.append) for rows in by_aggregate.values()),
            return_exceptions=True,
        )
        if confirmed:
            await connection.execute("DELETE FROM outbox WHERE seq = ANY($1::bigint[])", confirmed)
            _published.labels(self._service).inc(len(confirmed))
        failures = [outcome for outcome in outcomes if outcome is not None]
        if failures:
            raise NotConfirmed(f"{len(failures)} aggregates wait, the first for {failures[0]!r}") from failures[0]

    async def _publish_in_order(
        self, exchange: AbstractExchange, rows: Sequence[asyncpg.Record], confirm: Callable[[int], None]
    ) -> None:
        # The next event of an aggregate goes out only when the one before it has arrived.
        for row in rows:
            envelope = envelope_of(row)
            context = telemetry.Context(traceparent=envelope.traceparent, correlation_id=envelope.correlationid)
            with telemetry.carrying(context, f"{envelope.type} publish", SpanKind.PRODUCER):
                async with asyncio.timeout(PUBLISH_SECONDS):
                    await exchange.publish(message_of(envelope), routing_key=envelope.type, mandatory=True)
            confirm(row["seq"])

    async def _wait_for_more(self) -> None:
        # The notification only shortens the wait: a listener that died unnoticed costs a second, not an event.
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return

    def _on_notify(self, *_: object) -> None:
        self._wake.set()


async def _schema(connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    schema: str = await connection.fetchval("SELECT current_schema()")
    return schema
