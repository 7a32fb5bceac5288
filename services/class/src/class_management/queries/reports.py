"""Reports of attendance: counted per class, student, instructor or month, or mark by mark. One statement each.

A meeting belongs to the day and month that the class's own time zone has it on. Meetings that are cancelled or lie
ahead are left out; one was held if somebody was present, late or absent. Where only one student is looked at, a
report is about the meetings they were marked at.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias
from uuid import UUID

from babyowl_chassis.sql import Select
from class_management.queries.class_list import ClassFilter, conditions_of, moments_around
from class_management.queries.classes import Scope
from class_management.queries.conditions import Conditions
from class_management.queries.roster import RATE

Subject: TypeAlias = Literal["class", "student", "instructor", "month"]

EARLIEST_DAY, LATEST_DAY = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from the first to the last, both included, in each class's own calendar."""

    first: date | None = None
    last: date | None = None

    def narrow(self, conditions: Conditions) -> None:
        """Only the meetings `m` of these days."""
        if self.first is None and self.last is None:
            return
        begin, end = moments_around(self.first or EARLIEST_DAY, self.last or LATEST_DAY)
        conditions.add("m.local_date >= {}", self.first)
        conditions.add("m.local_date <= {}", self.last)
        conditions.add("m.starts_at > {} AND m.starts_at < {}", begin, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkFilter:
    """Which marks a report counts; None does not matter. The instructor is who taught the meeting."""

    period: Period
    class_id: UUID | None = None
    course_id: UUID | None = None
    student_id: UUID | None = None
    instructor_id: UUID | None = None


_COUNTS = """
SELECT counted.*, {rate} AS attendance_rate
FROM (
    SELECT {columns},
        count(DISTINCT m.id) AS meetings, count(DISTINCT m.id) FILTER (WHERE a.status <> 'excused') AS meetings_held,
        count(DISTINCT m.id) FILTER (WHERE a.id IS NULL) AS meetings_unmarked,
        count(DISTINCT a.student_id) AS students,
        count(*) FILTER (WHERE a.status = 'present') AS present, count(*) FILTER (WHERE a.status = 'late') AS late,
        count(*) FILTER (WHERE a.status = 'absent') AS absent, count(*) FILTER (WHERE a.status = 'excused') AS excused
    FROM meetings m JOIN classes c ON c.id = m.class_id {marks} {people}
    WHERE {conditions} GROUP BY {key}
) AS counted ORDER BY {order}
"""


@dataclass(frozen=True, slots=True)
class _Shape:
    columns: str
    key: str
    order: str
    people: str = ""
    marks: str = "LEFT JOIN attendances a ON a.meeting_id = m.id"


_SHAPES: dict[Subject, _Shape] = {
    "class": _Shape(
        columns="c.id AS class_id, c.name AS class_name, c.course_id, c.type, c.status, c.instructor_id,"
        " p.display_name AS instructor_name",
        people="LEFT JOIN people p ON p.id = c.instructor_id",
        key="c.id, p.id",
        order="class_name, class_id",
    ),
    "student": _Shape(
        columns="a.student_id, p.display_name AS student_name, count(DISTINCT m.class_id) AS classes,"
        " max(m.starts_at) FILTER (WHERE a.status IN ('present', 'late')) AS last_attended_at",
        marks="JOIN attendances a ON a.meeting_id = m.id",
        people="LEFT JOIN people p ON p.id = a.student_id",
        key="a.student_id, p.id",
        order="student_name NULLS LAST, student_id",
    ),
    "instructor": _Shape(
        columns="m.instructor_id, p.display_name AS instructor_name, count(DISTINCT m.class_id) AS classes,"
        " count(DISTINCT m.id) FILTER (WHERE m.substitute_id IS NOT NULL) AS meetings_substituted",
        people="LEFT JOIN people p ON p.id = m.instructor_id",
        key="m.instructor_id, p.id",
        order="instructor_name NULLS LAST, instructor_id",
    ),
    "month": _Shape(
        columns="to_char(m.local_date, 'YYYY-MM') AS month, count(DISTINCT m.class_id) AS classes",
        key="to_char(m.local_date, 'YYYY-MM')",
        order="month",
    ),
}


def attendance_by(subject: Subject, scope: Scope, user_id: UUID, wanted: MarkFilter, *, now: datetime) -> Select:
    """A line per class, student, instructor or month, with how often who was what."""
    shape, conditions = _SHAPES[subject], _marks(scope, user_id, wanted, now)
    text = _COUNTS.format(
        rate=RATE,
        columns=shape.columns,
        marks=shape.marks,
        people=shape.people,
        conditions=conditions,
        key=shape.key,
        order=shape.order,
    )
    return Select(text, tuple(conditions.arguments))


_MARKS = """
SELECT c.id AS class_id, c.name AS class_name, m.id AS meeting_id, m.number AS meeting_number, m.local_date,
    m.starts_at, m.instructor_id, a.student_id, p.display_name AS student_name, a.voucher_id IS NOT NULL AS guest,
    a.status, a.note, a.marked_by, a.marked_at
FROM meetings m JOIN classes c ON c.id = m.class_id JOIN attendances a ON a.meeting_id = m.id
LEFT JOIN people p ON p.id = a.student_id
WHERE {conditions} ORDER BY m.starts_at, m.id, a.student_id
"""


def marks(scope: Scope, user_id: UUID, wanted: MarkFilter, *, now: datetime) -> Select:
    """Every mark, meeting after meeting."""
    conditions = _marks(scope, user_id, wanted, now)
    return Select(_MARKS.format(conditions=conditions), tuple(conditions.arguments))


def _marks(scope: Scope, user_id: UUID, wanted: MarkFilter, now: datetime) -> Conditions:
    conditions = Conditions()
    match scope:
        case "taught":
            conditions.add("c.instructor_id = {}", user_id)
        case "attended":
            conditions.add("a.student_id = {}", user_id)
    conditions.add("m.status = 'planned' AND m.starts_at <= {}", now)
    conditions.add("m.class_id = {}", wanted.class_id)
    conditions.add("c.course_id = {}", wanted.course_id)
    conditions.add("m.instructor_id = {}", wanted.instructor_id)
    conditions.add("a.student_id = {}", wanted.student_id)
    wanted.period.narrow(conditions)
    return conditions


_UTILISATION = """
SELECT counted.*, greatest(capacity - enrolled - offered, 0) AS free,
    round(enrolled::numeric / capacity, 4)::float8 AS seats_rate, {rate} AS attendance_rate
FROM (
    SELECT c.id AS class_id, c.name AS class_name, c.course_id, c.type, c.status, c.instructor_id,
        p.display_name AS instructor_name, c.capacity,
        (SELECT count(*) FROM enrollments e WHERE e.class_id = c.id AND e.status = 'enrolled') AS enrolled,
        (SELECT count(*) FROM waiting_list w WHERE w.class_id = c.id AND w.offer_expires_at > {now}) AS offered,
        (SELECT count(*) FROM waiting_list w WHERE w.class_id = c.id AND w.offered_at IS NULL) AS waiting,
        series.*, marked.*
    FROM classes c LEFT JOIN people p ON p.id = c.instructor_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE m.status = 'planned' AND m.starts_at <= {now}) AS meetings,
            count(*) FILTER (WHERE m.status = 'planned' AND m.starts_at > {now}) AS meetings_ahead,
            count(*) FILTER (WHERE m.status = 'cancelled') AS meetings_cancelled
        FROM meetings m WHERE m.class_id = c.id AND {period}
    ) AS series
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT m.id) FILTER (WHERE a.status <> 'excused') AS meetings_held,
            count(*) FILTER (WHERE a.status = 'present') AS present,
            count(*) FILTER (WHERE a.status = 'late') AS late,
            count(*) FILTER (WHERE a.status = 'absent') AS absent,
            count(*) FILTER (WHERE a.status = 'excused') AS excused
        FROM meetings m JOIN attendances a ON a.meeting_id = m.id
        WHERE m.class_id = c.id AND m.status = 'planned' AND m.starts_at <= {now} AND {period}
    ) AS marked
    WHERE {conditions}
) AS counted ORDER BY class_name, class_id
"""


def utilisation(scope: Scope, user_id: UUID, wanted: ClassFilter, period: Period, *, now: datetime) -> Select:
    """A line per class: how its seats are taken, and its meetings held. The period narrows the meetings down."""
    conditions = conditions_of(scope, user_id, wanted)
    days = Conditions(*conditions.arguments)
    period.narrow(days)
    text = _UTILISATION.format(rate=RATE, conditions=conditions, period=days, now=days.bind(now))
    return Select(text, tuple(days.arguments))
