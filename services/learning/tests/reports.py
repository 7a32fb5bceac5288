"""Reports of the Class context, with the parts that do not matter filled in."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from babyowl_chassis.ids import new_id
from babyowl_contracts.class_ import (
    ClassCreated,
    ClassEdited,
    LessonLocked,
    LessonUnlocked,
    MeetingCancelled,
    MeetingMoved,
    PlannedMeeting,
    StudentEnrolled,
    StudentWithdrawn,
    SubstituteAssigned,
)


def created(class_id: UUID, course_id: UUID, instructor_id: UUID | None = None) -> ClassCreated:
    return ClassCreated(
        class_id=class_id,
        course_id=course_id,
        instructor_id=instructor_id or new_id(),
        class_type="group",
        capacity=6,
        total_meetings=8,
        time_zone="Europe/Berlin",
        meetings=(),
    )


def enrolled(class_id: UUID, course_id: UUID, student_id: UUID) -> StudentEnrolled:
    return StudentEnrolled(
        class_id=class_id, course_id=course_id, student_id=student_id, enrollment_id=new_id(), credits=8
    )


def unlocked(class_id: UUID, course_id: UUID, *lessons: UUID, student_id: UUID | None = None) -> LessonUnlocked:
    return LessonUnlocked(
        class_id=class_id, course_id=course_id, lesson_ids=lessons, student_id=student_id, unlocked_by=new_id()
    )


def edited(class_id: UUID, course_id: UUID, instructor_id: UUID | None = None) -> ClassEdited:
    return ClassEdited(
        class_id=class_id,
        course_id=course_id,
        capacity=8,
        total_meetings=8,
        meetings=(),
        instructor_id=instructor_id,
    )


def withdrawn(class_id: UUID, course_id: UUID, student_id: UUID) -> StudentWithdrawn:
    return StudentWithdrawn(
        class_id=class_id,
        course_id=course_id,
        student_id=student_id,
        enrollment_id=new_id(),
        credits_left=3,
        reason="withdrawn",
        to_class_id=None,
    )


def locked(class_id: UUID, course_id: UUID, *lessons: UUID, student_id: UUID | None = None) -> LessonLocked:
    return LessonLocked(
        class_id=class_id, course_id=course_id, lesson_ids=lessons, student_id=student_id, locked_by=new_id()
    )


def stood_in(
    meeting_id: UUID, course_id: UUID, substitute_id: UUID | None, day: date | None = None
) -> SubstituteAssigned:
    return SubstituteAssigned(
        class_id=new_id(),
        course_id=course_id,
        meeting_id=meeting_id,
        meeting_date=day or datetime.now(UTC).date(),
        instructor_id=new_id(),
        substitute_id=substitute_id,
    )


def moved(meeting_id: UUID, course_id: UUID, day: date) -> MeetingMoved:
    begin = datetime.combine(day, time(15), UTC)
    return MeetingMoved(
        class_id=new_id(),
        course_id=course_id,
        meeting=PlannedMeeting(meeting_id=meeting_id, number=1, starts_at=begin, ends_at=begin + timedelta(hours=1)),
        previous_starts_at=begin - timedelta(weeks=1),
        sequence=1,
        meeting_date=day,
    )


def called_off(meeting_id: UUID, course_id: UUID) -> MeetingCancelled:
    return MeetingCancelled(
        class_id=new_id(),
        course_id=course_id,
        meeting_id=meeting_id,
        number=1,
        starts_at=datetime(2027, 3, 1, 15, tzinfo=UTC),
        total_meetings=7,
        sequence=2,
    )
