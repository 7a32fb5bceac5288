"""Meetings: those ahead across all classes of a person, and the series of one class."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from class_management.domain.values import LONGEST_MEETING
from class_management.queries.classes import Scope


@dataclass(frozen=True, slots=True)
class UpcomingMeeting:
    """A meeting that has not ended, the class it belongs to, and what I am to it; for the office, nothing."""

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
    status: str
    sequence: int
    substitute_id: UUID | None
    cancel_reason: str | None
    part: str | None


_UPCOMING = """
SELECT m.id, m.number, m.class_id, c.name AS class_name, c.course_id, m.instructor_id,
    i.display_name AS instructor_name, t.time_zone, m.local_date, m.local_time, m.starts_at, m.ends_at, m.status,
    m.sequence, m.substitute_id, m.cancel_reason, {part} AS part
FROM {mine} JOIN timetables t ON t.id = m.timetable_id JOIN classes c ON c.id = m.class_id
LEFT JOIN people i ON i.id = m.instructor_id
WHERE {ahead} AND c.status NOT IN ('completed', 'cancelled')
ORDER BY m.starts_at, m.id LIMIT $6
"""

# No meeting is longer than from $3 to $2, so an index by the start finds those that have not ended.
_AHEAD = """m.status = 'planned' AND m.ends_at > $2 AND m.starts_at > $3
    AND ($4::timestamptz IS NULL OR (m.starts_at, m.id) > ($4, $5::uuid))"""

# The next few of each class that somebody has a seat in, however long its series is; and make-ups elsewhere.
_ATTENDED = """(
    SELECT next.id, 'seat' AS part FROM enrollments e CROSS JOIN LATERAL (
        SELECT m.id FROM meetings m WHERE m.class_id = e.class_id AND {ahead}
        ORDER BY m.starts_at, m.id LIMIT $6) AS next
    WHERE e.student_id = $1 AND e.status = 'enrolled'
    UNION ALL
    SELECT host_meeting_id, 'guest' FROM vouchers WHERE student_id = $1 AND status = 'booked'
) AS mine JOIN meetings m ON m.id = mine.id"""

_LISTS: dict[Scope, str] = {
    "all": _UPCOMING.format(part="NULL", mine="meetings m", ahead=f"$1::uuid IS NOT NULL AND {_AHEAD}"),
    "taught": _UPCOMING.format(
        part="CASE WHEN m.substitute_id = $1 THEN 'substitute' ELSE 'instructor' END",
        mine="meetings m",
        ahead=f"m.instructor_id = $1 AND {_AHEAD}",
    ),
    "attended": _UPCOMING.format(part="mine.part", mine=_ATTENDED.format(ahead=_AHEAD), ahead=_AHEAD),
}


async def upcoming_meetings(
    db: Connection, scope: Scope, user_id: UUID, *, since: datetime, after: tuple[Any, ...] | None, limit: int
) -> list[UpcomingMeeting]:
    """Meetings that end after `since`, soonest first; one more than `limit`."""
    starts_at, meeting_id = after or (None, None)
    started_after = since - LONGEST_MEETING
    rows = await db.fetch(_LISTS[scope], user_id, since, started_after, starts_at, meeting_id, limit + 1)
    return [UpcomingMeeting(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class SeriesMeeting:
    """A meeting of a class, planned or cancelled; the instructor is who teaches it."""

    id: UUID
    number: int
    local_date: date
    local_time: time
    starts_at: datetime
    ends_at: datetime
    status: str
    sequence: int
    instructor_id: UUID
    instructor_name: str | None
    substitute_id: UUID | None
    cancel_reason: str | None


_MEETING = """
SELECT m.id, m.number, m.local_date, m.local_time, m.starts_at, m.ends_at, m.status, m.sequence, m.instructor_id,
    i.display_name AS instructor_name, m.substitute_id, m.cancel_reason
FROM meetings m LEFT JOIN people i ON i.id = m.instructor_id
WHERE m.class_id = $1
"""

_SERIES = f"""
{_MEETING} AND m.starts_at >= $2 AND m.starts_at < $3
    AND ($4::timestamptz IS NULL OR (m.starts_at, m.id) > ($4, $5::uuid))
ORDER BY m.starts_at, m.id LIMIT $6
"""


async def series_of_class(
    db: Connection, class_id: UUID, *, since: datetime, until: datetime, after: tuple[Any, ...] | None, limit: int
) -> list[SeriesMeeting]:
    """Meetings that start from `since` until before `until`, in that order; one more than `limit`."""
    starts_at, meeting_id = after or (None, None)
    rows = await db.fetch(_SERIES, class_id, since, until, starts_at, meeting_id, limit + 1)
    return [SeriesMeeting(**row) for row in rows]


async def meeting_of_class(db: Connection, class_id: UUID, meeting_id: UUID) -> SeriesMeeting | None:
    """One meeting of this class, or None."""
    row = await db.fetchrow(f"{_MEETING} AND m.id = $2", class_id, meeting_id)
    return None if row is None else SeriesMeeting(**row)
