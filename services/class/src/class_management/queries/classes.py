"""A class in full, and whose classes somebody looks at."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal, TypeAlias
from uuid import UUID

from babyowl_chassis.sql import Connection
from class_management.domain.values import LONGEST_MEETING

Scope: TypeAlias = Literal["all", "taught", "attended"]
"""Which classes somebody lists: the office all, an instructor those they teach, a student those they attend."""


@dataclass(frozen=True, slots=True)
class ClassDetail:
    """A class in full; `version` counts the changes of class and timetable.

    `next_meeting` is the one that is on, or the first ahead, with the columns of its row.
    """

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
    excuse_deadline_minutes: int
    make_up_days: int | None
    credit_days: int | None
    offer_hours: int
    time_zone: str
    first_date: date
    local_time: time
    weekdays: list[int]
    duration_minutes: int
    created_at: datetime
    activated_at: datetime | None
    ended_at: datetime | None
    cancel_reason: str | None
    next_meeting: dict[str, Any] | None


_DETAIL = """
SELECT c.id, c.version + t.version - 1 AS version, c.name, c.course_id, c.instructor_id,
    i.display_name AS instructor_name, c.type, c.status, c.capacity,
    (SELECT count(*) FROM enrollments e WHERE e.class_id = c.id AND e.status = 'enrolled') AS enrolled,
    c.package, t.total_meetings, c.zero_balance, c.excuse_deadline_minutes,
    c.make_up_days, c.credit_days, c.offer_hours, t.time_zone, t.first_date, t.local_time, t.weekdays,
    t.duration_minutes, c.created_at, c.activated_at, c.ended_at, c.cancel_reason, (
        SELECT to_jsonb(m) FROM meetings m WHERE m.class_id = c.id AND m.status = 'planned' AND m.ends_at > now()
            AND m.starts_at > now() - $2::interval
        ORDER BY m.starts_at, m.id LIMIT 1) AS next_meeting
FROM classes c JOIN timetables t ON t.class_id = c.id LEFT JOIN people i ON i.id = c.instructor_id
WHERE c.id = $1
"""


async def class_detail(db: Connection, class_id: UUID) -> ClassDetail | None:
    """The class, or None."""
    row = await db.fetchrow(_DETAIL, class_id, LONGEST_MEETING)
    return None if row is None else ClassDetail(**row)
