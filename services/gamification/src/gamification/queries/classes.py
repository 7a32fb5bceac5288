"""What somebody is to a class."""

from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.policies import ClassStanding

_STANDING = """
SELECT class.id IS NOT NULL OR EXISTS (SELECT FROM class_members WHERE class_id = asked.id) AS known,
    coalesce(class.instructor_id = $2, false) AS teaches,
    EXISTS (SELECT FROM class_members WHERE class_id = asked.id AND student_id = $2 AND active) AS attends
FROM (SELECT $1::uuid AS id) AS asked
LEFT JOIN classes AS class ON class.id = asked.id
"""

_HAS_SEAT = "SELECT EXISTS (SELECT FROM class_members WHERE student_id = $1 AND active)"


async def has_seat(db: Connection, student_id: UUID) -> bool:
    """Whether this person attends any class."""
    found: bool = await db.fetchval(_HAS_SEAT, student_id)
    return found


async def class_standing(db: Connection, class_id: UUID, user_id: UUID) -> ClassStanding:
    """Whether the class is known here, and whether this person teaches or attends it."""
    row = await db.fetchrow(_STANDING, class_id, user_id)
    assert row is not None  # noqa: S101  # the statement starts from one row
    return ClassStanding(**row)
