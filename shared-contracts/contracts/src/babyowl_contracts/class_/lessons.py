"""Which lessons are open to whom.

The latest counts, lesson by lesson and learner by learner: the one with the greatest `aggregateseq`.
"""

from dataclasses import dataclass
from uuid import UUID

from babyowl_contracts.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonUnlocked(Event, type="class.LessonUnlocked.v1"):
    """Lessons are open to the whole class, or to one student of it."""

    class_id: UUID
    course_id: UUID
    lesson_ids: tuple[UUID, ...]
    student_id: UUID | None
    unlocked_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonLocked(Event, type="class.LessonLocked.v1"):
    """Lessons are closed again to the class, or to one student of it; what was completed stays completed."""

    class_id: UUID
    course_id: UUID
    lesson_ids: tuple[UUID, ...]
    student_id: UUID | None
    locked_by: UUID
