"""What operators may look at: which letters went out, and which did not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Query

from babyowl_chassis.http import Page, PageParams, Reader, Staff, View, page
from babyowl_chassis.sql import Connection
from notification.writing import Kind

router = APIRouter(prefix="/api/v1/notifications", tags=["Notifications"])

State: TypeAlias = Literal["sending", "waiting", "sent", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A letter as operators see it: whom it concerns, never where it went or what it said."""

    id: UUID
    event_id: UUID
    recipient_id: UUID
    channel: str
    kind: str
    state: str
    reason: str | None
    attempts: int
    created_at: datetime
    settled_at: datetime | None


class DeliveryView(View):
    """A letter as operators see it. `reason` says why it waits, failed or was not needed."""

    id: UUID
    event_id: UUID
    recipient_id: UUID
    channel: Literal["email"]
    kind: Kind
    state: State
    reason: str | None
    attempts: int
    created_at: datetime
    settled_at: datetime | None


_DELIVERIES = """
SELECT id, event_id, recipient_id, channel, kind, state, reason, attempts, created_at, settled_at
FROM deliveries
WHERE ($1::text IS NULL OR state = $1)
  AND ($2::uuid IS NULL OR recipient_id = $2)
  AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
ORDER BY created_at DESC, id DESC
LIMIT $5
"""


async def find_deliveries(
    db: Connection,
    *,
    state: State | None,
    recipient_id: UUID | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[Delivery]:
    """Letters, newest first; one more than `limit`, to show whether there are others."""
    created_at, delivery_id = after or (None, None)
    rows = await db.fetch(_DELIVERIES, state, recipient_id, created_at, delivery_id, limit + 1)
    return [Delivery(**row) for row in rows]


@router.get("/deliveries")
async def list_deliveries(
    db: Reader,
    params: PageParams,
    _: Staff,
    state: State | None = None,
    recipient_id: Annotated[UUID | None, Query()] = None,
) -> Page[DeliveryView]:
    """Letters, newest first; for staff."""
    rows = await find_deliveries(
        db,
        state=state,
        recipient_id=recipient_id,
        after=params.after_as(datetime, UUID),
        limit=params.limit,
    )
    return page(rows, params, key=lambda row: (row.created_at, row.id), view=DeliveryView.of)
