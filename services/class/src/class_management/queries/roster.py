"""Who has a seat in a class."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babyowl_chassis.sql import Connection
from class_management.queries.credits import current_balance


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A student of a class; the name is None until Identity has told it."""

    enrollment_id: UUID
    student_id: UUID
    display_name: str | None
    avatar_url: str | None
    enrolled_at: datetime
    balance: int
    meetings_attended: int
    meetings_missed: int


_ROSTER = """
SELECT e.id AS enrollment_id, e.student_id, p.display_name, p.avatar_url, e.enrolled_at,
    {balance} AS balance,
    coalesce(marks.attended, 0) AS meetings_attended, coalesce(marks.missed, 0) AS meetings_missed
FROM enrollments e JOIN credit_accounts a ON a.id = e.id LEFT JOIN people p ON p.id = e.student_id
LEFT JOIN (
    SELECT student_id, count(*) FILTER (WHERE status IN ('present', 'late')) AS attended,
        count(*) FILTER (WHERE status IN ('absent', 'excused')) AS missed
    FROM attendances WHERE class_id = $1 GROUP BY student_id
) AS marks ON marks.student_id = e.student_id
WHERE e.class_id = $1 ORDER BY p.display_name NULLS LAST, e.student_id
"""
_WITH_BALANCES = _ROSTER.format(balance=current_balance("a"))


async def roster(db: Connection, class_id: UUID) -> list[RosterLine]:
    """Everybody in the class, by name; a class has at most a hundred seats."""
    return [RosterLine(**row) for row in await db.fetch(_WITH_BALANCES, class_id)]
