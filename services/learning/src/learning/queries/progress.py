"""How far students are: each in their courses, and all of a class or a course."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from learning.domain.values import percent_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was done, of what there is in `revision`."""

    revision: int
    exercises_done: int
    exercises_total: int
    lessons_done: int
    lessons_total: int
    last_activity_at: datetime | None
    completed_at: datetime | None

    @property
    def percent(self) -> int:
        """Completed exercises per hundred, rounded down."""
        return percent_of(self.exercises_done, self.exercises_total)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseProgress(Counts):
    """A student's progress in one course."""

    course_id: UUID
    title: str


# Who has not begun is counted against what they would see now.
_COUNTS = """
    coalesce(g.revision, p.revision) AS revision,
    coalesce(g.exercises_done, 0) AS exercises_done,
    coalesce(g.exercises_total, p.exercises_total) AS exercises_total,
    coalesce(g.lessons_done, 0) AS lessons_done,
    coalesce(g.lessons_total, p.lessons_total) AS lessons_total,
    g.last_activity_at, g.completed_at
"""

_OF_STUDENT = f"""
SELECT c.id AS course_id, p.title, {_COUNTS}
FROM (
    SELECT course_id FROM enrollments WHERE student_id = $1 AND active
    UNION SELECT course_id FROM progress WHERE student_id = $1
) mine
JOIN courses c ON c.id = mine.course_id
JOIN publications p ON p.course_id = c.id AND p.revision = c.revision
LEFT JOIN progress g ON g.student_id = $1 AND g.course_id = c.id
WHERE ($2::uuid IS NULL OR c.id < $2) AND ($3::uuid IS NULL OR c.id = $3)
ORDER BY c.id DESC LIMIT $4
"""  # noqa: S608


async def courses_of_student(
    db: Connection, student_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> list[CourseProgress]:
    """The courses in which the student has a seat or has begun; the youngest first, one over `limit`."""
    [before_id] = after or (None,)
    rows = await db.fetch(_OF_STUDENT, student_id, before_id, None, limit + 1)
    return [CourseProgress(**row) for row in rows]


async def course_of_student(db: Connection, student_id: UUID, course_id: UUID) -> CourseProgress | None:
    """One of these courses."""
    row = await db.fetchrow(_OF_STUDENT, student_id, None, course_id, 1)
    return None if row is None else CourseProgress(**row)


@dataclass(frozen=True, slots=True)
class LessonProgress:
    """A lesson of the revision that counts for the student."""

    lesson_id: UUID
    position: int
    title: str
    exercises_done: int
    exercises_total: int
    completed_at: datetime | None

    @property
    def percent(self) -> int:
        """100 once the lesson is complete, whatever has joined it since."""
        return 100 if self.completed_at else percent_of(self.exercises_done, self.exercises_total)


_LESSONS = """
SELECT l.lesson_id, l.position, l.title, count(x.exercise_id) AS exercises_total,
    count(done.exercise_id) AS exercises_done, whole.completed_at
FROM published_lessons l
JOIN published_exercises x
    ON x.course_id = l.course_id AND x.revision = l.revision AND x.lesson_id = l.lesson_id
LEFT JOIN progress g ON g.student_id = $1 AND g.course_id = l.course_id
LEFT JOIN completed_exercises done ON done.progress_id = g.id AND done.exercise_id = x.exercise_id
LEFT JOIN completed_lessons whole ON whole.progress_id = g.id AND whole.lesson_id = l.lesson_id
WHERE l.course_id = $2 AND l.revision = $3
GROUP BY l.lesson_id, l.position, l.title, whole.completed_at
ORDER BY l.position
"""


async def lessons_of_student(
    db: Connection, student_id: UUID, course_id: UUID, revision: int
) -> list[LessonProgress]:
    """Lesson by lesson, in their order."""
    return [LessonProgress(**row) for row in await db.fetch(_LESSONS, student_id, course_id, revision)]


_WITHOUT_ANYTHING_LEFT = """
SELECT g.student_id FROM progress g JOIN courses c ON c.id = g.course_id
WHERE g.course_id = $1 AND g.completed_at IS NULL AND NOT EXISTS (
    SELECT FROM published_exercises x
    WHERE x.course_id = c.id AND x.revision = c.revision
        AND NOT EXISTS (
            SELECT FROM completed_exercises done
            WHERE done.progress_id = g.id AND done.exercise_id = x.exercise_id)
        AND NOT EXISTS (
            SELECT FROM completed_lessons whole
            WHERE whole.progress_id = g.id AND whole.lesson_id = x.lesson_id))
"""


async def students_without_anything_left(db: Connection, course_id: UUID) -> list[UUID]:
    """Who has not completed the course, although its current publication has nothing left for them to do."""
    return [row["student_id"] for row in await db.fetch(_WITHOUT_ANYTHING_LEFT, course_id)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentInCourse(Counts):
    """A student among those of a class or a course."""

    student_id: UUID
    display_name: str | None
    avatar_url: str | None


_OF_CLASS = f"""
SELECT seat.student_id, s.display_name, s.avatar_url, {_COUNTS}
FROM enrollments seat
JOIN courses c ON c.id = seat.course_id
JOIN publications p ON p.course_id = c.id AND p.revision = c.revision
LEFT JOIN progress g ON g.student_id = seat.student_id AND g.course_id = seat.course_id
LEFT JOIN people s ON s.id = seat.student_id
WHERE seat.class_id = $1 AND seat.active AND ($2::uuid IS NULL OR seat.student_id > $2)
ORDER BY seat.student_id LIMIT $3
"""  # noqa: S608


async def students_of_class(
    db: Connection, class_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> list[StudentInCourse]:
    """Everybody with a seat in the class."""
    [after_student] = after or (None,)
    rows = await db.fetch(_OF_CLASS, class_id, after_student, limit + 1)
    return [StudentInCourse(**row) for row in rows]


_OF_COURSE = f"""
SELECT those.student_id, s.display_name, s.avatar_url, {_COUNTS}
FROM (
    SELECT student_id FROM enrollments WHERE course_id = $1 AND active
    UNION SELECT student_id FROM progress WHERE course_id = $1
) those
JOIN courses c ON c.id = $1
JOIN publications p ON p.course_id = c.id AND p.revision = c.revision
LEFT JOIN progress g ON g.student_id = those.student_id AND g.course_id = c.id
LEFT JOIN people s ON s.id = those.student_id
WHERE $2::uuid IS NULL OR those.student_id > $2
ORDER BY those.student_id LIMIT $3
"""  # noqa: S608


async def students_of_course(
    db: Connection, course_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> list[StudentInCourse]:
    """Everybody with a seat in a class of the course, or who has begun it."""
    [after_student] = after or (None,)
    rows = await db.fetch(_OF_COURSE, course_id, after_student, limit + 1)
    return [StudentInCourse(**row) for row in rows]
