"""Meetings ahead, across all classes of a person."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from class_management.queries.classes import Scope


@dataclass(frozen=True, slots=True)
class UpcomingMeeting:
    """A meeting that has not ended, and the class it belongs to."""

    id: UUID
    number: int
    class_id: UUID
    class_name: str
    course_id: UUID
    instructor_id: UUID
    instructor_name: str | None
    time_zone: str
    local_date: date
    local_time: time
    starts_at: datetime
    ends_at: datetime


_UPCOMING = """
SELECT m.id, m.number, m.class_id, c.name AS class_name, c.course_id, c.instructor_id,
    i.display_name AS instructor_name, c.time_zone, m.local_date, m.local_time, m.starts_at, m.ends_at
FROM meetings m JOIN classes c ON c.id = m.class_id LEFT JOIN people i ON i.id = c.instructor_id
WHERE {scope} AND c.status <> 'completed' AND m.ends_at > $2
    AND ($3::timestamptz IS NULL OR (m.starts_at, m.id) > ($3, $4::uuid))
ORDER BY m.starts_at, m.id LIMIT $5
"""

_LISTS: dict[Scope, str] = {
    "all": _UPCOMING.format(scope="$1::uuid IS NOT NULL"),
    "taught": _UPCOMING.format(scope="c.instructor_id = $1"),
    "attended": _UPCOMING.format(
        scope="m.class_id IN (SELECT class_id FROM enrollments WHERE student_id = $1)",
    ),
}


async def upcoming_meetings(
    db: Connection, scope: Scope, user_id: UUID, *, since: datetime, after: tuple[Any, ...] | None, limit: int
) -> list[UpcomingMeeting]:
    """Meetings that end after `since`, soonest first; one more than `limit`."""
    starts_at, meeting_id = after or (None, None)
    rows = await db.fetch(_LISTS[scope], user_id, since, starts_at, meeting_id, limit + 1)
    return [UpcomingMeeting(**row) for row in rows]
