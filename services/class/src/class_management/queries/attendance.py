"""The register of a class, and how one mark came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class GridMeeting:
    """A column of the grid."""

    id: UUID
    number: int
    local_date: date
    starts_at: datetime


_LATEST = """
SELECT id, number, local_date, starts_at FROM meetings
WHERE class_id = $1 AND status = 'planned' AND starts_at < $2 ORDER BY starts_at DESC, id DESC LIMIT $3
"""


async def latest_meetings(db: Connection, class_id: UUID, *, before: datetime, limit: int) -> list[GridMeeting]:
    """The last meetings that start before a moment, in the order they take place; cancelled ones are left out."""
    rows = await db.fetch(_LATEST, class_id, before, limit)
    return [GridMeeting(**row) for row in reversed(rows)]


@dataclass(frozen=True, slots=True)
class GridLine:
    """A student's marks at the meetings of the grid, as far as there are any, by number of the meeting.

    A guest has no seat in the class; `visits` are the meetings they are, or were, expected at.
    """

    student_id: UUID
    display_name: str | None
    guest: bool
    visits: list[UUID]
    marks: list[dict[str, Any]]


# Who has left is shown where they were marked.
_GRID = """
SELECT s.student_id, p.display_name, bool_and(s.guest) AS guest,
    ARRAY(SELECT v.host_meeting_id FROM vouchers v
        WHERE v.host_meeting_id = ANY($2) AND v.student_id = s.student_id) AS visits, (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'meeting_id', m.id, 'number', m.number, 'local_date', m.local_date, 'status', a.status, 'note', a.note,
        'revision', a.revision, 'marked_at', a.marked_at) ORDER BY m.number), '[]')
    FROM attendances a JOIN meetings m ON m.id = a.meeting_id
    WHERE a.meeting_id = ANY($2) AND a.student_id = s.student_id) AS marks
FROM (
    SELECT student_id, false AS guest FROM enrollments WHERE class_id = $1 AND status = 'enrolled'
    UNION SELECT student_id, voucher_id IS NOT NULL FROM attendances WHERE meeting_id = ANY($2)
    UNION SELECT student_id, true FROM vouchers WHERE host_meeting_id = ANY($2)
) AS s LEFT JOIN people p ON p.id = s.student_id
WHERE ($3::uuid IS NULL OR s.student_id = $3) AND ($4::uuid IS NULL OR s.student_id > $4)
GROUP BY s.student_id, p.display_name ORDER BY s.student_id LIMIT $5
"""


async def attendance_grid(
    db: Connection,
    class_id: UUID,
    meetings: Sequence[UUID],
    *,
    student_id: UUID | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[GridLine]:
    """A line for everybody in the class, or one student's; one line more than `limit`."""
    [after_student] = after or (None,)
    rows = await db.fetch(_GRID, class_id, meetings, student_id, after_student, limit + 1)
    return [GridLine(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class MarkHistory:
    """A student's mark for a meeting, with every revision of it, oldest first."""

    meeting_id: UUID
    student_id: UUID
    guest: bool
    status: str
    note: str | None
    revision: int
    history: list[dict[str, Any]]


_HISTORY = """
SELECT a.meeting_id, a.student_id, a.voucher_id IS NOT NULL AS guest, a.status, a.note, a.revision, (
    SELECT jsonb_agg(jsonb_build_object(
        'revision', r.revision, 'status', r.status, 'previous_status', r.previous_status,
        'marked_by', r.marked_by, 'marked_by_name', p.display_name, 'marked_at', r.marked_at,
        'reason', r.reason, 'note', r.note) ORDER BY r.revision)
    FROM attendance_revisions r LEFT JOIN people p ON p.id = r.marked_by WHERE r.attendance_id = a.id
) AS history
FROM attendances a WHERE a.class_id = $1 AND a.meeting_id = $2 AND a.student_id = $3
"""


async def mark_history(db: Connection, class_id: UUID, meeting_id: UUID, student_id: UUID) -> MarkHistory | None:
    """The mark and where it came from; None if nobody has marked the student for this meeting."""
    row = await db.fetchrow(_HISTORY, class_id, meeting_id, student_id)
    return None if row is None else MarkHistory(**row)
