"""Classes as lists show them: filtered, newest first."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from class_management.queries.classes import Scope
from class_management.queries.conditions import Conditions

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFilter:
    """What a list of classes is narrowed down to; None does not matter.

    `q` are beginnings of words of the name, `meets_on` is a day as the class's own calendar has it.
    """

    q: str | None = None
    type: str | None = None
    status: str | None = None
    course_id: UUID | None = None
    instructor_id: UUID | None = None
    student_id: UUID | None = None
    meets_on: date | None = None


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """A class in a list; `next_meeting_at` is None when none is ahead."""

    id: UUID
    name: str
    course_id: UUID
    instructor_id: UUID
    instructor_name: str | None
    type: str
    status: str
    capacity: int
    enrolled: int
    package: int
    total_meetings: int
    time_zone: str
    next_meeting_at: datetime | None
    created_at: datetime


_SUMMARY = """
SELECT c.id, c.name, c.course_id, c.instructor_id, i.display_name AS instructor_name, c.type, c.status, c.capacity,
    (SELECT count(*) FROM enrollments e WHERE e.class_id = c.id AND e.status = 'enrolled') AS enrolled,
    c.package, t.total_meetings, t.time_zone,
    (SELECT m.starts_at FROM meetings m
        WHERE m.class_id = c.id AND m.status = 'planned' AND m.starts_at > now()
        ORDER BY m.starts_at LIMIT 1) AS next_meeting_at,
    c.created_at
FROM classes c JOIN timetables t ON t.class_id = c.id LEFT JOIN people i ON i.id = c.instructor_id
WHERE {conditions}
ORDER BY c.created_at DESC, c.id DESC LIMIT {limit}
"""

_SEATED = "c.id IN (SELECT class_id FROM enrollments WHERE student_id = {} AND status = 'enrolled')"

_NAMED = "to_tsvector('simple', c.name) @@ to_tsquery('simple', {})"

# The moments are for the index, the date is what counts.
_MEETS_ON = """EXISTS (
    SELECT FROM meetings m WHERE m.class_id = c.id AND m.status = 'planned' AND m.local_date = {}
        AND m.starts_at > {} AND m.starts_at < {})"""


async def list_classes(
    db: Connection, scope: Scope, user_id: UUID, wanted: ClassFilter, *, after: tuple[Any, ...] | None, limit: int
) -> list[ClassSummary]:
    """Those of the scope that are wanted; one more than `limit`, to show whether there are others."""
    conditions = conditions_of(scope, user_id, wanted)
    conditions.add("(c.created_at, c.id) < ({}, {})", *(after or (None,)))
    text = _SUMMARY.format(conditions=conditions, limit=conditions.bind(limit + 1))
    return [ClassSummary(**row) for row in await db.fetch(text, *conditions.arguments)]


def conditions_of(scope: Scope, user_id: UUID, wanted: ClassFilter) -> Conditions:
    """The classes `c` that are this person's and are wanted."""
    conditions = Conditions()
    match scope:
        case "taught":
            conditions.add("c.instructor_id = {}", user_id)
        case "attended":
            conditions.add(_SEATED, user_id)
    conditions.add(_NAMED, words_beginning(wanted.q or "") or None)
    conditions.add("c.type = {}", wanted.type)
    conditions.add("c.status = {}", wanted.status)
    conditions.add("c.course_id = {}", wanted.course_id)
    conditions.add("c.instructor_id = {}", wanted.instructor_id)
    conditions.add(_SEATED, wanted.student_id)
    if (day := wanted.meets_on) is not None:
        conditions.add(_MEETS_ON, day, *moments_around(day, day))
    return conditions


def moments_around(first: date, last: date) -> tuple[datetime, datetime]:
    """Moments between which these days have begun and ended, wherever on earth."""
    midnight = time(tzinfo=UTC)
    return datetime.combine(first, midnight) - A_DAY, datetime.combine(last, midnight) + 2 * A_DAY


def words_beginning(q: str) -> str:
    """A text search for all words that begin as those of `q` do, in any order."""
    quoted = (word.replace("\\", "\\\\").replace("'", "''") for word in q.split())
    return " & ".join(f"'{word}':*" for word in quoted)
