"""One course: as its author writes it, and as it was published."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from learning.queries.reach import TEACHES, UNLOCKED


@dataclass(frozen=True, slots=True)
class CourseDraft:
    """A course's draft; `sections` are nested: id, title, lessons → exercises, with their texts if asked for."""

    id: UUID
    version: int
    instructor_id: UUID
    title: str
    summary: str
    open: bool
    status: str
    revision: int
    has_unpublished_changes: bool
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    sections: list[dict[str, Any]]


_DRAFT = """
SELECT c.id, c.version, c.instructor_id, c.title, c.summary, c.open, c.status, c.revision,
    c.has_unpublished_changes, c.created_at, c.updated_at, c.published_at,
    coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', s.id, 'title', s.title, 'lessons', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'position', l.position, 'title', l.title, 'video_url', l.video_url,
                'text', CASE WHEN $2 THEN (
                    SELECT body FROM texts t WHERE t.course_id = c.id AND t.digest = l.text_digest) END,
                'exercises', coalesce((
                    SELECT jsonb_agg(jsonb_build_object(
                        'id', x.id, 'kind', x.kind, 'title', x.title, 'required_minutes', x.required_minutes,
                        'text', CASE WHEN $2 THEN (
                            SELECT body FROM texts t WHERE t.course_id = c.id AND t.digest = x.text_digest) END
                    ) ORDER BY x.position)
                    FROM exercises x WHERE x.course_id = c.id AND x.lesson_id = l.id), '[]')
            ) ORDER BY l.position)
            FROM lessons l WHERE l.course_id = c.id AND l.section_id = s.id), '[]')
        ) ORDER BY s.position)
        FROM sections s WHERE s.course_id = c.id), '[]') AS sections
FROM courses c WHERE c.id = $1
"""


async def course_draft(db: Connection, course_id: UUID, *, with_texts: bool = False) -> CourseDraft | None:
    """The draft, whoever asks."""
    row = await db.fetchrow(_DRAFT, course_id, with_texts)
    return None if row is None else CourseDraft(**row)


@dataclass(frozen=True, slots=True)
class PublishedCourse:
    """A course as it was published, seen by somebody; `sections` are nested as above.

    `unlocked` and `completed` of a lesson or an exercise are the viewer's own.
    """

    id: UUID
    revision: int
    status: str
    instructor_id: UUID
    instructor_name: str | None
    title: str
    summary: str
    open: bool
    published_at: datetime
    teaches: bool
    sections: list[dict[str, Any]]


# Only fixed pieces of SQL are put together here; values are always bound.
_PUBLISHED = f"""
SELECT c.id, p.revision, c.status, p.instructor_id, i.display_name AS instructor_name, p.title, p.summary, p.open,
    p.published_at, {TEACHES} AS teaches, (
        SELECT jsonb_agg(section.document ORDER BY section.position) FROM (
            SELECT min(l.position) AS position, jsonb_build_object(
                'id', l.section_id, 'title', l.section_title, 'lessons', jsonb_agg(jsonb_build_object(
                    'id', l.lesson_id, 'position', l.position, 'title', l.title, 'video_url', l.video_url,
                    'unlocked', p.open OR {UNLOCKED},
                    'completed', EXISTS (
                        SELECT FROM completed_lessons done
                        WHERE done.progress_id = $3 AND done.lesson_id = l.lesson_id),
                    'exercises', (
                        SELECT jsonb_agg(jsonb_build_object(
                            'id', x.exercise_id, 'kind', x.kind, 'title', x.title,
                            'required_minutes', x.required_minutes,
                            'completed', EXISTS (
                                SELECT FROM completed_exercises done
                                WHERE done.progress_id = $3 AND done.exercise_id = x.exercise_id)
                        ) ORDER BY x.position)
                        FROM published_exercises x
                        WHERE x.course_id = l.course_id AND x.revision = l.revision AND x.lesson_id = l.lesson_id)
                ) ORDER BY l.position)
            ) AS document
            FROM published_lessons l WHERE l.course_id = c.id AND l.revision = c.revision
            GROUP BY l.section_id, l.section_title
        ) section
    ) AS sections
FROM courses c
JOIN publications p ON p.course_id = c.id AND p.revision = c.revision
LEFT JOIN people i ON i.id = p.instructor_id
WHERE c.id = $2
"""  # noqa: S608


async def published_course(
    db: Connection, course_id: UUID, *, viewer_id: UUID, progress_id: UUID
) -> PublishedCourse | None:
    """The current publication; None if there is none. `progress_id` is the viewer's own."""
    row = await db.fetchrow(_PUBLISHED, viewer_id, course_id, progress_id)
    return None if row is None else PublishedCourse(**row)
