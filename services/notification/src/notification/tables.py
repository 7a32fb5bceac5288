"""The one table of this service: which letters were sent, to whom, about which event."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from babyowl_chassis.tables import add_chassis_tables

STATES = ("sending", "waiting", "sent", "failed", "skipped")


class Table(SQLModel, registry=registry()):
    """Base of this service's tables."""


class DeliveryRow(Table, table=True):
    """One letter about one event to one person. No address and no text are kept: Identity has them.

    `sending` is a claim until `claimed_until`; `waiting` was put back after a failure that may pass; the
    others are final, and `reason` says why a letter was not sent.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("event_id", "recipient_id", "channel", name="uq_deliveries_event_recipient_channel"),
        CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="ck_deliveries_state"),
        Index("ix_deliveries_created_at", "created_at", "id"),
        Index("ix_deliveries_recipient_id", "recipient_id"),
    )

    id: UUID = Field(primary_key=True)
    event_id: UUID
    recipient_id: UUID
    channel: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    attempts: int
    claimed_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    created_at: datetime = Field(
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": func.now()},
    )
    settled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


metadata = Table.metadata
add_chassis_tables(metadata)
