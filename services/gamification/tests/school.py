"""A course, and a class of it, telling what learners can do: envelopes with the times and numbers they come with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from babyowl_chassis.ids import new_id
from babyowl_contracts import Envelope, Event
from babyowl_contracts.class_ import (
    ClassCancelled,
    ClassCreated,
    ClassEdited,
    LessonLocked,
    LessonUnlocked,
    MeetingAdded,
    MeetingCancelled,
    MeetingMoved,
    PlannedMeeting,
    StudentEnrolled,
    StudentWithdrawn,
)
from babyowl_contracts.learning import (
    CoursePublished,
    ExerciseCompleted,
    ExerciseKind,
    LessonCompleted,
    LessonOutline,
)


@dataclass
class School:
    """A course with a class. Each event says when it came about, and where it stands among those of its class."""

    course_id: UUID = field(default_factory=new_id)
    class_id: UUID = field(default_factory=new_id)
    time_zone: str = "UTC"
    lessons: list[LessonOutline] = field(default_factory=list)
    kinds: dict[UUID, ExerciseKind] = field(default_factory=dict)
    _revision: int = 0
    _sequence: int = 0

    def lesson(self, *kinds: ExerciseKind, times: int = 1) -> UUID:
        """A lesson with so many exercises of each of these kinds; it is in the next publication."""
        exercises = {new_id(): kind for kind in kinds * times}
        self.kinds |= exercises
        lesson_id = new_id()
        self.lessons.append(
            LessonOutline(
                lesson_id=lesson_id,
                position=len(self.lessons) + 1,
                exercise_ids=tuple(exercises),
                exercise_kinds=tuple(exercises.values()),
            )
        )
        return lesson_id

    def exercises(self, lesson_id: UUID) -> tuple[UUID, ...]:
        """The exercises of a lesson."""
        [found] = [lesson.exercise_ids for lesson in self.lessons if lesson.lesson_id == lesson_id]
        return found

    def published(self, at: datetime, *, is_open: bool = False) -> Envelope:
        self._revision += 1
        return self._tell(
            CoursePublished(
                course_id=self.course_id,
                instructor_id=new_id(),
                revision=self._revision,
                open=is_open,
                lessons=tuple(self.lessons),
            ),
            at,
        )

    def created(self, at: datetime, meetings: Sequence[PlannedMeeting] = ()) -> Envelope:
        return self._tell(
            ClassCreated(
                class_id=self.class_id,
                course_id=self.course_id,
                instructor_id=new_id(),
                class_type="group",
                capacity=6,
                total_meetings=len(meetings),
                time_zone=self.time_zone,
                meetings=tuple(meetings),
            ),
            at,
        )

    def edited(self, at: datetime, meetings: Sequence[PlannedMeeting]) -> Envelope:
        return self._tell(
            ClassEdited(
                class_id=self.class_id,
                course_id=self.course_id,
                capacity=6,
                total_meetings=len(meetings),
                meetings=tuple(meetings),
            ),
            at,
        )

    def enrolled(self, student_id: UUID, at: datetime) -> Envelope:
        return self._tell(
            StudentEnrolled(
                class_id=self.class_id,
                course_id=self.course_id,
                student_id=student_id,
                enrollment_id=new_id(),
                credits=8,
            ),
            at,
        )

    def withdrawn(self, student_id: UUID, at: datetime) -> Envelope:
        return self._tell(
            StudentWithdrawn(
                class_id=self.class_id,
                course_id=self.course_id,
                student_id=student_id,
                enrollment_id=new_id(),
                credits_left=0,
                reason="withdrawn",
                to_class_id=None,
            ),
            at,
        )

    def unlocked(self, at: datetime, *lesson_ids: UUID, student_id: UUID | None = None) -> Envelope:
        return self._tell(
            LessonUnlocked(
                class_id=self.class_id,
                course_id=self.course_id,
                lesson_ids=lesson_ids,
                student_id=student_id,
                unlocked_by=new_id(),
            ),
            at,
        )

    def locked(self, at: datetime, *lesson_ids: UUID, student_id: UUID | None = None) -> Envelope:
        return self._tell(
            LessonLocked(
                class_id=self.class_id,
                course_id=self.course_id,
                lesson_ids=lesson_ids,
                student_id=student_id,
                locked_by=new_id(),
            ),
            at,
        )

    def added(self, at: datetime, meeting: PlannedMeeting) -> Envelope:
        return self._tell(
            MeetingAdded(class_id=self.class_id, course_id=self.course_id, meeting=meeting, total_meetings=1), at
        )

    def moved(self, at: datetime, meeting: PlannedMeeting, starts_at: datetime) -> Envelope:
        return self._tell(
            MeetingMoved(
                class_id=self.class_id,
                course_id=self.course_id,
                meeting=planned(starts_at, meeting.meeting_id),
                previous_starts_at=meeting.starts_at,
                sequence=1,
            ),
            at,
        )

    def called_off(self, at: datetime, meeting: PlannedMeeting) -> Envelope:
        return self._tell(
            MeetingCancelled(
                class_id=self.class_id,
                course_id=self.course_id,
                meeting_id=meeting.meeting_id,
                number=meeting.number,
                starts_at=meeting.starts_at,
                total_meetings=0,
                sequence=2,
            ),
            at,
        )

    def ended(self, at: datetime) -> Envelope:
        return self._tell(ClassCancelled(class_id=self.class_id, course_id=self.course_id), at)

    def done(self, student_id: UUID, exercise_id: UUID, at: datetime, *, percent: int | None = 90) -> Envelope:
        """The student completes an exercise of the course."""
        return self._tell(
            ExerciseCompleted(
                student_id=student_id,
                course_id=self.course_id,
                lesson_id=new_id(),
                exercise_id=exercise_id,
                kind=self.kinds[exercise_id],
                score_percent=percent,
                completed_at=at,
            ),
            at,
        )

    def finished(self, student_id: UUID, lesson_id: UUID, at: datetime) -> Envelope:
        """The student completes a lesson of the course."""
        return self._tell(
            LessonCompleted(student_id=student_id, course_id=self.course_id, lesson_id=lesson_id, completed_at=at), at
        )

    def _tell(self, event: Event, at: datetime) -> Envelope:
        self._sequence += 1
        return Envelope(id=new_id(), subject=self.class_id, time=at, aggregateseq=self._sequence, data=event)


def planned(starts_at: datetime, meeting_id: UUID | None = None) -> PlannedMeeting:
    """A meeting of an hour."""
    return PlannedMeeting(
        meeting_id=meeting_id or new_id(), number=1, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1)
    )
