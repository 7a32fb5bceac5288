"""The tables every service owns besides its own: outbox, event log, inbox, idempotency keys, people."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

_metadata = MetaData()

event_log = Table(
    "event_log",
    _metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("aggregate_seq", Integer, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("data", JSONB, nullable=False),
    Column("correlation_id", Uuid),
    Column("causation_id", Uuid),
    Column("traceparent", Text),
    UniqueConstraint("id", name="uq_event_log_id"),
    Index("ix_event_log_correlation_id", "correlation_id"),
    UniqueConstraint("aggregate_id", "aggregate_seq", name="uq_event_log_aggregate"),
    comment="Every event this service ever published, insert-only; the source of replay.",
)

outbox = Table(
    "outbox",
    _metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("aggregate_id", Uuid, nullable=False),
    comment="Events the broker has not confirmed yet; a row goes when it has.",
)

inbox = Table(
    "inbox",
    _metadata,
    Column("queue", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_inbox_received_at", "received_at"),
    comment="Events whose effect is in this schema; kept longer than any redrive.",
)

idempotency_keys = Table(
    "idempotency_keys",
    _metadata,
    Column("owner_id", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("answer", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_idempotency_keys_created_at", "created_at"),
    comment="The first answer given to a request that must not be carried out twice.",
)

people = Table(
    "people",
    _metadata,
    Column("id", Uuid, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("avatar_url", Text),
    Column("role", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="What this service may show of a person; Identity is the source.",
)


MESSAGING_TABLES = (event_log, outbox, inbox, idempotency_keys)
PEOPLE_TABLES = (people,)


def add_chassis_tables(metadata: MetaData, *, people: bool = False) -> None:
    """Give a service's metadata the chassis' tables; `people` too if the service shows people."""
    for table in MESSAGING_TABLES + (PEOPLE_TABLES if people else ()):
        table.to_metadata(metadata)
