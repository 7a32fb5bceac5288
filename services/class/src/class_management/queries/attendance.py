"""The register of a class, and how one mark came about."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class GridLine:
    """A student's marks through all meetings of a class that have any, by number of the meeting."""

    student_id: UUID
    display_name: str | None
    marks: list[dict[str, Any]]


_GRID = """
SELECT e.student_id, p.display_name, (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'meeting_id', m.id, 'number', m.number, 'local_date', m.local_date, 'status', a.status,
        'revision', a.revision, 'marked_at', a.marked_at) ORDER BY m.number), '[]')
    FROM attendances a JOIN meetings m ON m.id = a.meeting_id
    WHERE a.class_id = e.class_id AND a.student_id = e.student_id) AS marks
FROM enrollments e LEFT JOIN people p ON p.id = e.student_id
WHERE e.class_id = $1 AND ($2::uuid IS NULL OR e.student_id = $2) AND ($3::uuid IS NULL OR e.student_id > $3)
ORDER BY e.student_id LIMIT $4
"""


async def attendance_grid(
    db: Connection, class_id: UUID, *, student_id: UUID | None, after: tuple[Any, ...] | None, limit: int
) -> list[GridLine]:
    """Everybody's marks, or one student's; one line more than `limit`, to show whether there are others."""
    [after_student] = after or (None,)
    rows = await db.fetch(_GRID, class_id, student_id, after_student, limit + 1)
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
SELECT a.meeting_id, a.student_id, a.guest, a.status, a.note, a.revision, (
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
