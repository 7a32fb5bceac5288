"""What somebody is to a class, or to a course."""

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

# Who has a seat in another class and points in the course learns it too, if only from its open lessons.
_COURSE_STANDING = """
SELECT coalesce(bool_or(of_class.known), false) OR has_points.by_anybody AS known,
    coalesce(bool_or(of_class.teaches), false) AS teaches,
    coalesce(bool_or(of_class.attends), false) OR (
        has_points.by_them AND EXISTS (SELECT FROM class_members WHERE student_id = $2 AND active)
    ) AS attends
FROM (
    SELECT EXISTS (SELECT FROM scores WHERE scope = 'course' AND scope_id = $1 AND period = 'all') AS by_anybody,
        EXISTS (
            SELECT FROM scores WHERE scope = 'course' AND scope_id = $1 AND period = 'all' AND player_id = $2
        ) AS by_them
) AS has_points
LEFT JOIN (
    SELECT true AS known, class.instructor_id = $2 AS teaches, EXISTS (
        SELECT FROM class_members WHERE class_id = class.id AND student_id = $2 AND active
    ) AS attends
    FROM classes AS class WHERE class.course_id = $1
) AS of_class ON true
GROUP BY has_points.by_anybody, has_points.by_them
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


async def course_standing(db: Connection, course_id: UUID, user_id: UUID) -> ClassStanding:
    """Whether anybody learns the course, and whether this person teaches it to a class or learns it."""
    row = await db.fetchrow(_COURSE_STANDING, course_id, user_id)
    assert row is not None  # noqa: S101  # the statement starts from one row
    return ClassStanding(**row)
