"""Which lessons a class has opened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class UnlockLine:
    """An open lesson. Without a student it is open to everybody; the position is None if the course lost it."""

    id: UUID
    lesson_id: UUID
    position: int | None
    student_id: UUID | None
    unlocked_by: UUID
    unlocked_at: datetime


_UNLOCKS = """
SELECT u.id, u.lesson_id, l.position, u.student_id, u.unlocked_by, u.unlocked_at
FROM lesson_unlocks u JOIN classes c ON c.id = u.class_id
LEFT JOIN course_lessons l ON l.course_id = c.course_id AND l.lesson_id = u.lesson_id
WHERE u.class_id = $1 AND ($2::uuid IS NULL OR u.student_id IS NULL OR u.student_id = $2)
    AND ($3::timestamptz IS NULL OR (u.unlocked_at, u.id) > ($3, $4::uuid))
ORDER BY u.unlocked_at, u.id LIMIT $5
"""


async def unlocked_lessons(
    db: Connection, class_id: UUID, *, student_id: UUID | None, after: tuple[Any, ...] | None, limit: int
) -> list[UnlockLine]:
    """All open lessons, or those open to one student, in the order they were opened; one more than `limit`."""
    unlocked_at, unlock_id = after or (None, None)
    rows = await db.fetch(_UNLOCKS, class_id, student_id, unlocked_at, unlock_id, limit + 1)
    return [UnlockLine(**row) for row in rows]
