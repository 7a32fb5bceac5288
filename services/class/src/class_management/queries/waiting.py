"""Who waits for a seat in a class, and which seats somebody waits for. A lapsed offer is none."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A student on a waiting list; with `offer_expires_at`, one for whom a seat is kept until then."""

    student_id: UUID
    display_name: str | None
    number: int
    position: int
    joined_at: datetime
    offered_at: datetime | None
    offer_expires_at: datetime | None


_WAITING_LIST = """
SELECT * FROM (
    SELECT w.student_id, p.display_name, w.number, row_number() OVER (ORDER BY w.number)::int AS position,
        w.joined_at, w.offered_at, w.offer_expires_at
    FROM waiting_list w LEFT JOIN people p ON p.id = w.student_id
    WHERE w.class_id = $1 AND (w.offer_expires_at IS NULL OR w.offer_expires_at > now())
) AS waiting
WHERE $2::int IS NULL OR number > $2 ORDER BY number LIMIT $3
"""


async def waiting_list(
    db: Connection, class_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> list[WaitingLine]:
    """In order; one more than `limit`, to show whether there are others."""
    [number] = after or (None,)
    return [WaitingLine(**row) for row in await db.fetch(_WAITING_LIST, class_id, number, limit + 1)]


@dataclass(frozen=True, slots=True)
class AwaitedSeat:
    """A class in which somebody waits for a seat, and when it meets; `position` counts from 1."""

    class_id: UUID
    class_name: str
    course_id: UUID
    time_zone: str
    first_date: date
    local_time: time
    weekdays: list[int]
    duration_minutes: int
    next_meeting_at: datetime | None
    position: int
    joined_at: datetime
    offered_at: datetime | None
    offer_expires_at: datetime | None


_AWAITED_SEATS = """
SELECT w.class_id, c.name AS class_name, c.course_id, t.time_zone, t.first_date, t.local_time, t.weekdays,
    t.duration_minutes, (
        SELECT m.starts_at FROM meetings m
        WHERE m.class_id = w.class_id AND m.status = 'planned' AND m.starts_at > now()
        ORDER BY m.starts_at LIMIT 1) AS next_meeting_at,
    w.joined_at, w.offered_at, w.offer_expires_at, (
    SELECT count(*) FROM waiting_list before
    WHERE before.class_id = w.class_id AND before.number <= w.number
        AND (before.offer_expires_at IS NULL OR before.offer_expires_at > now()))::int AS position
FROM waiting_list w JOIN classes c ON c.id = w.class_id JOIN timetables t ON t.class_id = w.class_id
WHERE w.student_id = $1 AND (w.offer_expires_at IS NULL OR w.offer_expires_at > now())
    AND ($2::timestamptz IS NULL OR (w.joined_at, w.class_id) > ($2, $3::uuid))
ORDER BY w.joined_at, w.class_id LIMIT $4
"""


async def awaited_seats(
    db: Connection, student_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> list[AwaitedSeat]:
    """Longest awaited first; one more than `limit`, to show whether there are others."""
    joined_at, class_id = after or (None, None)
    rows = await db.fetch(_AWAITED_SEATS, student_id, joined_at, class_id, limit + 1)
    return [AwaitedSeat(**row) for row in rows]
