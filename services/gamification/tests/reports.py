"""Reports of other contexts, with the parts that do not matter filled in."""

from datetime import date, datetime
from uuid import UUID

from babyowl_chassis.ids import new_id
from babyowl_contracts.class_ import (
    AttendanceMarked,
    AttendanceStatus,
    ClassCreated,
    ClassEdited,
    StudentEnrolled,
    StudentWithdrawn,
)
from babyowl_contracts.learning import CourseCompleted, ExerciseCompleted, LessonCompleted


def exercise(student_id: UUID, at: datetime, exercise_id: UUID | None = None) -> ExerciseCompleted:
    return ExerciseCompleted(
        student_id=student_id,
        course_id=new_id(),
        lesson_id=new_id(),
        exercise_id=exercise_id or new_id(),
        kind="quiz",
        score_percent=90,
        completed_at=at,
    )


def lesson(student_id: UUID, at: datetime) -> LessonCompleted:
    return LessonCompleted(student_id=student_id, course_id=new_id(), lesson_id=new_id(), completed_at=at)


def course(student_id: UUID, at: datetime) -> CourseCompleted:
    return CourseCompleted(student_id=student_id, course_id=new_id(), completed_at=at)


def attendance(
    student_id: UUID,
    starts_at: datetime,
    status: AttendanceStatus,
    *,
    meeting_id: UUID,
    revision: int = 1,
    on: date | None = None,
    class_id: UUID | None = None,
    course_id: UUID | None = None,
    guest: bool = False,
) -> AttendanceMarked:
    return AttendanceMarked(
        class_id=class_id or new_id(),
        course_id=course_id or new_id(),
        meeting_id=meeting_id,
        student_id=student_id,
        status=status,
        previous_status=None,
        revision=revision,
        meeting_date=on or starts_at.date(),
        meeting_starts_at=starts_at,
        marked_by=new_id(),
        guest=guest,
    )


def class_created(class_id: UUID, instructor_id: UUID) -> ClassCreated:
    return ClassCreated(
        class_id=class_id,
        course_id=new_id(),
        instructor_id=instructor_id,
        class_type="group",
        capacity=6,
        total_meetings=8,
        time_zone="UTC",
        meetings=(),
    )


def enrolled(class_id: UUID, student_id: UUID) -> StudentEnrolled:
    return StudentEnrolled(
        class_id=class_id, course_id=new_id(), student_id=student_id, enrollment_id=new_id(), credits=8
    )


def withdrawn(class_id: UUID, student_id: UUID) -> StudentWithdrawn:
    return StudentWithdrawn(
        class_id=class_id,
        course_id=new_id(),
        student_id=student_id,
        enrollment_id=new_id(),
        credits_left=3,
        reason="withdrawn",
        to_class_id=None,
    )


def class_edited(class_id: UUID, instructor_id: UUID | None) -> ClassEdited:
    return ClassEdited(
        class_id=class_id,
        course_id=new_id(),
        capacity=6,
        total_meetings=8,
        meetings=(),
        instructor_id=instructor_id,
    )
