"""The lessons that a class has opened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.errors import (
    LessonBeyondMeetings,
    LessonNotInCourse,
    OnlyTheInstructorUnlocks,
    StudentNotEnrolled,
    UnlockRefused,
)
from class_management.domain.events import LessonsUnlocked
from class_management.domain.values import ClassId, LessonId, UserId


@dataclass(frozen=True, slots=True)
class LessonUnlock:
    """A lesson that is open to the whole class, or to one student of it."""

    id: UUID
    lesson_id: LessonId
    student_id: UserId | None
    unlocked_by: UserId
    unlocked_at: datetime


@dataclass(kw_only=True)
class OpenLessons(AggregateRoot):
    """What the instructor of a class has unlocked."""

    class_id: ClassId
    unlocks: list[LessonUnlock] = field(default_factory=list)

    def unlock(
        self,
        lesson_ids: Sequence[LessonId],
        course: CourseOutline,
        class_: Class,
        *,
        total_meetings: int,
        student_id: UserId | None = None,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result[tuple[LessonUnlock, ...], UnlockRefused]:
        """Open lessons with all their exercises, to everybody or to one student; what is open stays open.

        Answers the unlocks that came about.
        """
        if by != class_.instructor_id:
            return Err(OnlyTheInstructorUnlocks(class_.id))
        if student_id is not None and student_id not in class_.enrollments:
            return Err(StudentNotEnrolled(student_id))
        for lesson_id in lesson_ids:
            position = course.lessons.get(lesson_id)
            if position is None:
                return Err(LessonNotInCourse(lesson_id))
            if position > total_meetings:
                return Err(LessonBeyondMeetings(lesson_id, position, total_meetings))
        opened = tuple(
            LessonUnlock(new_id(), lesson_id, student_id, unlocked_by=by, unlocked_at=now)
            for lesson_id in dict.fromkeys(lesson_ids)
            if not self.is_unlocked(lesson_id, student_id)
        )
        if opened:
            self.unlocks += opened
            self.record(
                LessonsUnlocked(
                    class_id=class_.id,
                    course_id=class_.course_id,
                    lesson_ids=tuple(unlock.lesson_id for unlock in opened),
                    student_id=student_id,
                    unlocked_by=by,
                )
            )
        return Ok(opened)

    def is_unlocked(self, lesson_id: LessonId, student_id: UserId | None) -> bool:
        """Whether the lesson is open to this student; None asks for the class as a whole."""
        return any(
            unlock.lesson_id == lesson_id and unlock.student_id in (None, student_id) for unlock in self.unlocks
        )
