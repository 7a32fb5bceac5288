"""The lessons that a class has opened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.errors import (
    ClassOver,
    LessonBeyondMeetings,
    LessonNotInCourse,
    LessonOpenToAll,
    LockRefused,
    OnlyTheInstructorUnlocks,
    StudentNotEnrolled,
    UnlockRefused,
)
from class_management.domain.events import LessonsLocked, LessonsUnlocked
from class_management.domain.values import ClassId, LessonId, UserId


@dataclass(frozen=True, slots=True)
class LessonUnlock:
    """A lesson that is open to the whole class, or to one student of it."""

    id: UUID
    lesson_id: LessonId
    student_id: UserId | None
    unlocked_by: UserId
    unlocked_at: datetime


@dataclass(frozen=True, slots=True)
class TeachingDay:
    """What decides who opens which lessons of a class today; `substitutes` stand in at one of today's meetings."""

    class_: Class
    course: CourseOutline
    total_meetings: int
    substitutes: frozenset[UserId]

    def refusal_of(
        self, by: UserId, student_id: UserId | None
    ) -> OnlyTheInstructorUnlocks | ClassOver | StudentNotEnrolled | None:
        """Whether this person opens and closes lessons now, for this student or (None) for the whole class."""
        class_ = self.class_
        if refusal := policies.may_unlock(class_.id, by, class_.instructor_id, self.substitutes):
            return refusal
        if class_.is_over:
            return ClassOver(class_.id)
        return None if student_id is None or student_id in class_.enrollments else StudentNotEnrolled(student_id)

    def refusal_to_open(self, lesson_id: LessonId) -> LessonNotInCourse | LessonBeyondMeetings | None:
        """Whether the course has the lesson, and the class enough meetings to come to it."""
        position = self.course.lessons.get(lesson_id)
        if position is None:
            return LessonNotInCourse(lesson_id)
        if position > self.total_meetings:
            return LessonBeyondMeetings(lesson_id, position, self.total_meetings)
        return None


@dataclass(kw_only=True)
class OpenLessons(AggregateRoot):
    """What is unlocked in a class: lessons that are open to all of it, and beside them those open to one student."""

    class_id: ClassId
    unlocks: list[LessonUnlock] = field(default_factory=list)

    def unlock(
        self,
        lesson_ids: Sequence[LessonId],
        day: TeachingDay,
        *,
        student_id: UserId | None = None,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result[tuple[LessonUnlock, ...], UnlockRefused]:
        """Open lessons with all their exercises, to everybody or to one student; what is open stays open.

        Answers the unlocks that came about.
        """
        if refusal := day.refusal_of(by, student_id):
            return Err(refusal)
        for lesson_id in lesson_ids:
            if not_now := day.refusal_to_open(lesson_id):
                return Err(not_now)
        known = self._open_to(None) | self._open_to(student_id)
        opened = tuple(
            LessonUnlock(new_id(), lesson_id, student_id, unlocked_by=by, unlocked_at=now)
            for lesson_id in dict.fromkeys(lesson_ids)
            if lesson_id not in known
        )
        if opened:
            self.unlocks += opened
            self.record(
                LessonsUnlocked(
                    class_id=self.class_id,
                    course_id=day.class_.course_id,
                    lesson_ids=tuple(unlock.lesson_id for unlock in opened),
                    student_id=student_id,
                    unlocked_by=by,
                )
            )
        return Ok(opened)

    def unlock_up_to(
        self,
        lesson_id: LessonId,
        day: TeachingDay,
        *,
        student_id: UserId | None = None,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result[tuple[LessonUnlock, ...], UnlockRefused]:
        """Open this lesson and all that come before it in the course."""
        lesson_ids = day.course.lessons_up_to(lesson_id) or (lesson_id,)
        # The last one first: when it cannot be opened, it is the one to name.
        return self.unlock(
            sorted(lesson_ids, key=lambda each: each != lesson_id),
            day,
            student_id=student_id,
            by=by,
            now=now,
            new_id=new_id,
        )

    def lock(
        self,
        lesson_ids: Sequence[LessonId],
        day: TeachingDay,
        *,
        student_id: UserId | None = None,
        by: UserId,
    ) -> Result[tuple[LessonUnlock, ...], LockRefused]:
        """Close what was opened to everybody, or to one student; what is closed stays closed.

        Whom a lesson was opened for alone keeps it when it is closed to the class. Answers the unlocks that
        are no more.
        """
        if refusal := day.refusal_of(by, student_id):
            return Err(refusal)
        known = {unlock.lesson_id for unlock in self.unlocks} | day.course.lessons.keys()
        for lesson_id in lesson_ids:
            if lesson_id not in known:
                return Err(LessonNotInCourse(lesson_id))
            if student_id is not None and lesson_id in self._open_to(None):
                return Err(LessonOpenToAll(lesson_id))
        closed = tuple(
            unlock for unlock in self.unlocks if unlock.lesson_id in lesson_ids and unlock.student_id == student_id
        )
        if closed:
            self.unlocks = [unlock for unlock in self.unlocks if unlock not in closed]
            self.record(
                LessonsLocked(
                    class_id=self.class_id,
                    course_id=day.class_.course_id,
                    lesson_ids=tuple(unlock.lesson_id for unlock in closed),
                    student_id=student_id,
                    locked_by=by,
                )
            )
        return Ok(closed)

    def is_unlocked(self, lesson_id: LessonId, student_id: UserId | None) -> bool:
        """Whether the lesson is open to this student; None asks for the class as a whole."""
        return lesson_id in self._open_to(None) | self._open_to(student_id)

    def _open_to(self, student_id: UserId | None) -> frozenset[LessonId]:
        return frozenset(unlock.lesson_id for unlock in self.unlocks if unlock.student_id == student_id)
