"""Whether a student may open a lesson: Learning asks before it shows one."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class LessonAccess:
    """What Class says about a student and a lesson. `class_id` is the class that answers, if there is one.

    `for_class` says that the lesson is open to all of that class, and not to this student alone.
    """

    enrolled: bool
    unlocked: bool
    class_id: UUID | None
    for_class: bool


NO_SEAT = LessonAccess(enrolled=False, unlocked=False, class_id=None, for_class=False)

_ACCESS = """
SELECT true AS enrolled, u.id IS NOT NULL AS unlocked, e.class_id,
    u.id IS NOT NULL AND u.student_id IS NULL AS for_class
FROM enrollments e JOIN classes c ON c.id = e.class_id
LEFT JOIN lesson_unlocks u ON u.class_id = e.class_id AND u.lesson_id = $2
    AND (u.student_id IS NULL OR u.student_id = $1)
WHERE e.student_id = $1 AND e.status = 'enrolled' AND (u.id IS NOT NULL OR EXISTS (
    SELECT FROM course_lessons l WHERE l.course_id = c.course_id AND l.lesson_id = $2))
ORDER BY u.id IS NULL, u.student_id IS NOT NULL, e.enrolled_at DESC LIMIT 1
"""


async def lesson_access(db: Connection, student_id: UUID, lesson_id: UUID) -> LessonAccess:
    """The best answer of all classes the student attends: one that has unlocked the lesson counts first."""
    row = await db.fetchrow(_ACCESS, student_id, lesson_id)
    return LessonAccess(**row) if row else NO_SEAT
