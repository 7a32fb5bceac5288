"""The outline of a published course, for other services."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class PublishedOutline:
    """The fields of `CoursePublished`, as of now."""

    course_id: UUID
    instructor_id: UUID
    revision: int
    open: bool
    lessons: list[dict[str, Any]]


_OUTLINE = """
SELECT c.id AS course_id, p.instructor_id, p.revision, p.open, (
    SELECT jsonb_agg(jsonb_build_object(
        'lesson_id', l.lesson_id, 'position', l.position, 'exercise_ids', (
            SELECT jsonb_agg(x.exercise_id ORDER BY x.position) FROM published_exercises x
            WHERE x.course_id = l.course_id AND x.revision = l.revision AND x.lesson_id = l.lesson_id),
        'exercise_kinds', (
            SELECT jsonb_agg(x.kind ORDER BY x.position) FROM published_exercises x
            WHERE x.course_id = l.course_id AND x.revision = l.revision AND x.lesson_id = l.lesson_id)
    ) ORDER BY l.position)
    FROM published_lessons l WHERE l.course_id = c.id AND l.revision = c.revision) AS lessons
FROM courses c JOIN publications p ON p.course_id = c.id AND p.revision = c.revision
WHERE c.id = $1 AND c.status = 'published'
"""


async def published_outline(db: Connection, course_id: UUID) -> PublishedOutline | None:
    """The outline; None if a class cannot be made of the course: unpublished, or archived."""
    row = await db.fetchrow(_OUTLINE, course_id)
    return None if row is None else PublishedOutline(**row)
