"""Who teaches whom: what decides whether somebody may see how students do."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class TaughtClass:
    """A class, its instructor, and the instructor of its course."""

    course_id: UUID
    instructor_id: UUID
    course_instructor_id: UUID


_CLASS = """
SELECT k.course_id, k.instructor_id, c.instructor_id AS course_instructor_id
FROM classes k JOIN courses c ON c.id = k.course_id WHERE k.class_id = $1
"""


async def taught_class(db: Connection, class_id: UUID) -> TaughtClass | None:
    """The class, if it was heard of."""
    row = await db.fetchrow(_CLASS, class_id)
    return None if row is None else TaughtClass(**row)


async def course_instructor(db: Connection, course_id: UUID) -> UUID | None:
    """Whose course it is; None if there is no such course."""
    instructor_id: UUID | None = await db.fetchval("SELECT instructor_id FROM courses WHERE id = $1", course_id)
    return instructor_id


_TEACHES = """
SELECT EXISTS (
    SELECT FROM classes k JOIN enrollments seat ON seat.class_id = k.class_id
    WHERE k.instructor_id = $1 AND k.course_id = $2 AND seat.student_id = $3 AND seat.active)
"""


async def teaches(db: Connection, instructor_id: UUID, course_id: UUID, student_id: UUID) -> bool:
    """Whether the instructor has the student in a class of the course."""
    return bool(await db.fetchval(_TEACHES, instructor_id, course_id, student_id))


_SEAT = "SELECT course_id FROM enrollments WHERE class_id = $1 AND student_id = $2 AND active"


async def course_of_seat(db: Connection, class_id: UUID, student_id: UUID) -> UUID | None:
    """The course of the class, if the student has a seat in it."""
    course_id: UUID | None = await db.fetchval(_SEAT, class_id, student_id)
    return course_id
