"""Classes as lists show them, and one in full."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal, TypeAlias
from uuid import UUID

from babyowl_chassis.sql import Connection

Scope: TypeAlias = Literal["all", "taught", "attended"]
"""Which classes somebody lists: the office all, an instructor those they teach, a student those they attend."""


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """A class in a list; `next_meeting_at` is None when none is ahead."""

    id: UUID
    name: str
    course_id: UUID
    instructor_id: UUID
    instructor_name: str | None
    type: str
    status: str
    capacity: int
    enrolled: int
    package: int
    total_meetings: int
    time_zone: str
    next_meeting_at: datetime | None
    created_at: datetime


_SUMMARY = """
SELECT c.id, c.name, c.course_id, c.instructor_id, i.display_name AS instructor_name, c.type, c.status,
    c.capacity, (SELECT count(*) FROM enrollments e WHERE e.class_id = c.id) AS enrolled,
    c.package, t.total_meetings, t.time_zone,
    (SELECT min(m.starts_at) FROM meetings m
        WHERE m.class_id = c.id AND m.status = 'planned' AND m.starts_at > now()) AS next_meeting_at,
    c.created_at
FROM classes c JOIN timetables t ON t.class_id = c.id LEFT JOIN people i ON i.id = c.instructor_id
WHERE {scope}
    AND ($2::text IS NULL OR c.status = $2) AND ($3::uuid IS NULL OR c.course_id = $3)
    AND ($4::timestamptz IS NULL OR (c.created_at, c.id) < ($4, $5::uuid))
ORDER BY c.created_at DESC, c.id DESC LIMIT $6
"""

# A statement per scope, so that each has a plan, and an index, of its own.
_LISTS: dict[Scope, str] = {
    "all": _SUMMARY.format(scope="$1::uuid IS NOT NULL"),
    "taught": _SUMMARY.format(scope="c.instructor_id = $1"),
    "attended": _SUMMARY.format(
        scope="c.id IN (SELECT class_id FROM enrollments WHERE student_id = $1)",
    ),
}


async def list_classes(
    db: Connection,
    scope: Scope,
    user_id: UUID,
    *,
    status: str | None,
    course_id: UUID | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[ClassSummary]:
    """Newest first; one more than `limit`, to show whether there are others."""
    created_at, class_id = after or (None, None)
    rows = await db.fetch(_LISTS[scope], user_id, status, course_id, created_at, class_id, limit + 1)
    return [ClassSummary(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class ClassDetail:
    """A class in full; `next_meeting` is the one that is on, or the first ahead, with the columns of its row."""

    id: UUID
    version: int
    name: str
    course_id: UUID
    instructor_id: UUID
    instructor_name: str | None
    type: str
    status: str
    capacity: int
    enrolled: int
    package: int
    total_meetings: int
    zero_balance: str
    time_zone: str
    first_date: date
    local_time: time
    weekdays: list[int]
    duration_minutes: int
    created_at: datetime
    activated_at: datetime | None
    next_meeting: dict[str, Any] | None


_DETAIL = """
SELECT c.id, c.version, c.name, c.course_id, c.instructor_id, i.display_name AS instructor_name, c.type,
    c.status, c.capacity, (SELECT count(*) FROM enrollments e WHERE e.class_id = c.id) AS enrolled,
    c.package, t.total_meetings, c.zero_balance, t.time_zone, t.first_date, t.local_time, t.weekdays,
    t.duration_minutes, c.created_at, c.activated_at, (
        SELECT to_jsonb(m) FROM meetings m WHERE m.class_id = c.id AND m.status = 'planned' AND m.ends_at > now()
        ORDER BY m.starts_at, m.id LIMIT 1) AS next_meeting
FROM classes c JOIN timetables t ON t.class_id = c.id LEFT JOIN people i ON i.id = c.instructor_id
WHERE c.id = $1
"""


async def class_detail(db: Connection, class_id: UUID) -> ClassDetail | None:
    """The class, or None."""
    row = await db.fetchrow(_DETAIL, class_id)
    return None if row is None else ClassDetail(**row)
