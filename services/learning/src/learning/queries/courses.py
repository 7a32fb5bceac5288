"""Lists of courses: the catalogue, and those somebody manages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A published course as the catalogue shows it."""

    id: UUID
    revision: int
    title: str
    summary: str
    open: bool
    lessons_total: int
    exercises_total: int
    published_at: datetime
    instructor_id: UUID
    instructor_name: str | None
    instructor_avatar_url: str | None


_CATALOGUE = """
SELECT c.id, p.revision, p.title, p.summary, p.open, p.lessons_total, p.exercises_total, p.published_at,
    p.instructor_id, i.display_name AS instructor_name, i.avatar_url AS instructor_avatar_url
FROM courses c
JOIN publications p ON p.course_id = c.id AND p.revision = c.revision
LEFT JOIN people i ON i.id = p.instructor_id
WHERE c.status = 'published' AND ($1::uuid IS NULL OR c.id < $1)
ORDER BY c.id DESC LIMIT $2
"""


async def catalogue(db: Connection, *, after: tuple[Any, ...] | None, limit: int) -> list[CatalogueEntry]:
    """Published courses, the youngest first; one more than `limit`, to show whether there are others."""
    [before_id] = after or (None,)
    rows = await db.fetch(_CATALOGUE, before_id, limit + 1)
    return [CatalogueEntry(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class ManagedCourse:
    """A course as its author finds it in a list."""

    id: UUID
    version: int
    instructor_id: UUID
    instructor_name: str | None
    title: str
    summary: str
    open: bool
    status: str
    revision: int
    has_unpublished_changes: bool
    lessons_total: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


_MANAGED = """
SELECT c.id, c.version, c.instructor_id, i.display_name AS instructor_name, c.title, c.summary, c.open, c.status,
    c.revision, c.has_unpublished_changes, c.created_at, c.updated_at, c.published_at,
    (SELECT count(*) FROM lessons l WHERE l.course_id = c.id) AS lessons_total
FROM courses c
LEFT JOIN people i ON i.id = c.instructor_id
WHERE ($1::uuid IS NULL OR c.instructor_id = $1) AND ($2::uuid IS NULL OR c.id < $2)
ORDER BY c.id DESC LIMIT $3
"""


async def managed_courses(
    db: Connection, instructor_id: UUID | None, *, after: tuple[Any, ...] | None, limit: int
) -> list[ManagedCourse]:
    """Courses of an instructor, or of all, drafts and archived ones too; the youngest first, one over `limit`."""
    [before_id] = after or (None,)
    rows = await db.fetch(_MANAGED, instructor_id, before_id, limit + 1)
    return [ManagedCourse(**row) for row in rows]
