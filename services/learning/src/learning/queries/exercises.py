"""An exercise with its words: as it is being written, and as it was published."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babyowl_chassis.sql import Connection
from learning.queries.reach import ENROLLED, TEACHES, UNLOCKED


@dataclass(frozen=True, slots=True)
class DraftExercise:
    """An exercise of a draft; `version` is the course's."""

    id: UUID
    course_id: UUID
    lesson_id: UUID
    instructor_id: UUID
    version: int
    kind: str
    title: str
    text: str
    required_minutes: int | None


_DRAFT = """
SELECT x.id, c.id AS course_id, x.lesson_id, c.instructor_id, c.version, x.kind, x.title, t.body AS text,
    x.required_minutes
FROM exercises x
JOIN courses c ON c.id = x.course_id
JOIN texts t ON t.course_id = x.course_id AND t.digest = x.text_digest
WHERE x.id = $1
"""


async def draft_exercise(db: Connection, exercise_id: UUID) -> DraftExercise | None:
    """The exercise as its author sees it, whoever asks."""
    row = await db.fetchrow(_DRAFT, exercise_id)
    return None if row is None else DraftExercise(**row)


@dataclass(frozen=True, slots=True)
class PublishedExercise:
    """An exercise of the current publication, and what is known of the viewer's way to it."""

    id: UUID
    course_id: UUID
    lesson_id: UUID
    instructor_id: UUID
    revision: int
    kind: str
    title: str
    text: str
    required_minutes: int | None
    open: bool
    enrolled: bool
    unlocked: bool
    teaches: bool
    completed_at: datetime | None


_PUBLISHED = f"""
SELECT x.exercise_id AS id, c.id AS course_id, x.lesson_id, c.instructor_id, x.revision, x.kind, x.title,
    t.body AS text, x.required_minutes, p.open, {ENROLLED} AS enrolled, {UNLOCKED} AS unlocked,
    {TEACHES} AS teaches, (
        SELECT done.completed_at FROM completed_exercises done JOIN progress g ON g.id = done.progress_id
        WHERE g.student_id = $1 AND g.course_id = c.id AND done.exercise_id = x.exercise_id) AS completed_at
FROM published_exercises x
JOIN published_lessons l
    ON l.course_id = x.course_id AND l.revision = x.revision AND l.lesson_id = x.lesson_id
JOIN courses c ON c.id = x.course_id AND c.revision = x.revision
JOIN publications p ON p.course_id = x.course_id AND p.revision = x.revision
JOIN texts t ON t.course_id = x.course_id AND t.digest = x.text_digest
WHERE x.exercise_id = $2
"""  # noqa: S608


async def published_exercise(db: Connection, exercise_id: UUID, *, viewer_id: UUID) -> PublishedExercise | None:
    """The exercise as students see it; None if the current publication has no such exercise."""
    row = await db.fetchrow(_PUBLISHED, viewer_id, exercise_id)
    return None if row is None else PublishedExercise(**row)
