"""The transactional outbox: events are rows of the same transaction as the change they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from babyowl_chassis.sql import Connection
from babyowl_contracts import Envelope, Event, decode, encode

# One statement writes both tables. The sequence within an aggregate goes on from the log: the root's row was
# swapped in this transaction, so nobody else is counting. `ordinality` keeps the order in which they were raised.
_POST = """
WITH raised AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::jsonb[])
        WITH ORDINALITY AS event (id, type, aggregate_id, time, data, position)
), logged AS (
    INSERT INTO event_log
        (id, type, aggregate_id, aggregate_seq, time, data, correlation_id, causation_id, traceparent)
    SELECT id, type, aggregate_id,
        (SELECT coalesce(max(past.aggregate_seq), 0) FROM event_log past
            WHERE past.aggregate_id = raised.aggregate_id)
        + row_number() OVER (PARTITION BY aggregate_id ORDER BY position),
        time, data, $6, $7, $8
    FROM raised ORDER BY position
    RETURNING seq, aggregate_id
), pending AS (
    INSERT INTO outbox (seq, aggregate_id) SELECT seq, aggregate_id FROM logged
)
SELECT pg_notify(current_schema() || '.outbox', '')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An event on its way into the outbox; its id stays the same until the last inbox."""

    id: UUID
    aggregate_id: UUID
    time: datetime
    data: Event
    correlation_id: UUID | None
    causation_id: UUID | None
    traceparent: str | None


async def post(connection: Connection, outgoing: Sequence[Outgoing]) -> None:
    """Write events of one transaction to the outbox and the event log, in this order, and wake the relay."""
    first = outgoing[0]
    await connection.execute(
        _POST,
        [event.id for event in outgoing],
        [event.data.type for event in outgoing],
        [event.aggregate_id for event in outgoing],
        [event.time for event in outgoing],
        [encode(event.data) for event in outgoing],
        first.correlation_id,
        first.causation_id,
        first.traceparent,
    )


ENVELOPE_COLUMNS = "id, type, log.aggregate_id, aggregate_seq, time, data, correlation_id, causation_id, traceparent"


def envelope_of(row: Record) -> Envelope:
    """The envelope of a row of the event log: the same bytes whenever it is made."""
    return Envelope(
        id=row["id"],
        subject=row["aggregate_id"],
        time=row["time"],
        aggregateseq=row["aggregate_seq"],
        data=decode(row["type"], row["data"]),
        traceparent=row["traceparent"],
        correlationid=row["correlation_id"],
        causationid=row["causation_id"],
    )
