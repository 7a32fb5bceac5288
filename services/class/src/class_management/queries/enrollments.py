"""One enrolment, and how it came to be as it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class EnrollmentHistory:
    """A student's place in a class, with every line of its history, oldest first."""

    id: UUID
    student_id: UUID
    display_name: str | None
    status: str
    enrolled_at: datetime
    left_at: datetime | None
    history: list[dict[str, Any]]


_HISTORY = """
SELECT e.id, e.student_id, s.display_name, e.status, e.enrolled_at, e.left_at, (
    SELECT jsonb_agg(jsonb_build_object(
        'number', h.number, 'change', h.change, 'credits', h.credits, 'other_class_id', h.other_class_id,
        'changed_by', h.changed_by, 'changed_by_name', p.display_name, 'changed_at', h.changed_at,
        'reason', h.reason) ORDER BY h.number)
    FROM enrollment_changes h LEFT JOIN people p ON p.id = h.changed_by WHERE h.enrollment_id = e.id
) AS history
FROM enrollments e LEFT JOIN people s ON s.id = e.student_id
WHERE e.class_id = $1 AND e.student_id = $2
"""


async def enrollment_history(db: Connection, class_id: UUID, student_id: UUID) -> EnrollmentHistory | None:
    """The enrolment, also if the student has left; None if there never was one."""
    row = await db.fetchrow(_HISTORY, class_id, student_id)
    return None if row is None else EnrollmentHistory(**row)
