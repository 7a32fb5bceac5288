"""A lesson with its words: as it is being written, and as it was published."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from learning.queries.reach import ENROLLED, TEACHES, UNLOCKED


@dataclass(frozen=True, slots=True)
class DraftLesson:
    """A lesson of a draft; `version` is the course's."""

    id: UUID
    course_id: UUID
    instructor_id: UUID
    version: int
    section_id: UUID
    position: int
    title: str
    text: str
    video_url: str | None
    exercises: list[dict[str, Any]]


_DRAFT = """
SELECT l.id, c.id AS course_id, c.instructor_id, c.version, l.section_id, l.position, l.title, t.body AS text,
    l.video_url, coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'id', x.id, 'kind', x.kind, 'title', x.title, 'required_minutes', x.required_minutes
        ) ORDER BY x.position)
        FROM exercises x WHERE x.course_id = c.id AND x.lesson_id = l.id), '[]') AS exercises
FROM lessons l
JOIN courses c ON c.id = l.course_id
JOIN texts t ON t.course_id = l.course_id AND t.digest = l.text_digest
WHERE l.id = $1
"""


async def draft_lesson(db: Connection, lesson_id: UUID) -> DraftLesson | None:
    """The lesson as its author sees it, whoever asks."""
    row = await db.fetchrow(_DRAFT, lesson_id)
    return None if row is None else DraftLesson(**row)


@dataclass(frozen=True, slots=True)
class PublishedLesson:
    """A lesson of the current publication, and what is known of the viewer's way to it."""

    id: UUID
    course_id: UUID
    instructor_id: UUID
    revision: int
    section_id: UUID
    position: int
    title: str
    text: str
    video_url: str | None
    open: bool
    enrolled: bool
    unlocked: bool
    teaches: bool
    completed: bool
    exercises: list[dict[str, Any]]


_PUBLISHED = f"""
SELECT l.lesson_id AS id, c.id AS course_id, c.instructor_id, l.revision, l.section_id, l.position, l.title,
    t.body AS text, l.video_url, p.open, {ENROLLED} AS enrolled, {UNLOCKED} AS unlocked, {TEACHES} AS teaches,
    EXISTS (
        SELECT FROM completed_lessons done JOIN progress g ON g.id = done.progress_id
        WHERE g.student_id = $1 AND g.course_id = c.id AND done.lesson_id = l.lesson_id) AS completed,
    (
        SELECT jsonb_agg(jsonb_build_object(
            'id', x.exercise_id, 'kind', x.kind, 'title', x.title, 'required_minutes', x.required_minutes,
            'completed', EXISTS (
                SELECT FROM completed_exercises done JOIN progress g ON g.id = done.progress_id
                WHERE g.student_id = $1 AND g.course_id = c.id AND done.exercise_id = x.exercise_id)
        ) ORDER BY x.position)
        FROM published_exercises x
        WHERE x.course_id = l.course_id AND x.revision = l.revision AND x.lesson_id = l.lesson_id) AS exercises
FROM published_lessons l
JOIN courses c ON c.id = l.course_id AND c.revision = l.revision
JOIN publications p ON p.course_id = l.course_id AND p.revision = l.revision
JOIN texts t ON t.course_id = l.course_id AND t.digest = l.text_digest
WHERE l.lesson_id = $2
"""  # noqa: S608


async def published_lesson(db: Connection, lesson_id: UUID, *, viewer_id: UUID) -> PublishedLesson | None:
    """The lesson as students see it; None if the current publication has no such lesson."""
    row = await db.fetchrow(_PUBLISHED, viewer_id, lesson_id)
    return None if row is None else PublishedLesson(**row)
