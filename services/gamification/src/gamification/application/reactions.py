"""What the game makes of what others report; the event is in the inbox by now, and may come in any order."""

from babyowl_contracts import Envelope
from babyowl_contracts.class_ import (
    AttendanceMarked,
    ClassCreated,
    ClassEdited,
    StudentEnrolled,
    StudentWithdrawn,
)
from babyowl_contracts.learning import CourseCompleted, ExerciseCompleted, LessonCompleted
from gamification.application.ports import UnitOfWork
from gamification.application.scorekeeping import Scorekeeper
from gamification.domain.rules import Outcome, SourceKind
from gamification.domain.values import Source


async def reward_exercise(event: ExerciseCompleted, uow: UnitOfWork, scorekeeper: Scorekeeper) -> None:
    """A completed exercise earns its points and keeps the day."""
    source = Source(SourceKind.EXERCISE, event.exercise_id)
    await scorekeeper.count(uow, event.student_id, source, Outcome.COMPLETED, happened_at=event.completed_at)


async def reward_lesson(event: LessonCompleted, uow: UnitOfWork, scorekeeper: Scorekeeper) -> None:
    """A completed lesson earns points beside those of its exercises."""
    source = Source(SourceKind.LESSON, event.lesson_id)
    await scorekeeper.count(uow, event.student_id, source, Outcome.COMPLETED, happened_at=event.completed_at)


async def reward_course(event: CourseCompleted, uow: UnitOfWork, scorekeeper: Scorekeeper) -> None:
    """A completed course earns what a course is worth."""
    source = Source(SourceKind.COURSE, event.course_id)
    await scorekeeper.count(uow, event.student_id, source, Outcome.COMPLETED, happened_at=event.completed_at)


async def reward_attendance(event: AttendanceMarked, uow: UnitOfWork, scorekeeper: Scorekeeper) -> None:
    """Showing up earns points and keeps the day; a correction takes back what was never earned.

    So it does for a guest, whom it makes no member of the class.
    """
    await scorekeeper.count(
        uow,
        event.student_id,
        Source(SourceKind.MEETING, event.meeting_id),
        Outcome(event.status),
        happened_at=event.meeting_starts_at,
        on=event.meeting_date,
        revision=event.revision,
    )


async def note_class(event: ClassCreated | ClassEdited, uow: UnitOfWork, envelope: Envelope) -> None:
    """The class's instructor may see its leaderboard, and the progress of its students."""
    if event.instructor_id is not None:
        await uow.classes.note_class(
            event.class_id,
            course_id=event.course_id,
            instructor_id=event.instructor_id,
            sequence=envelope.aggregateseq,
        )


async def note_member(event: StudentEnrolled | StudentWithdrawn, uow: UnitOfWork, envelope: Envelope) -> None:
    """The student stands on the leaderboard of the class until the seat is given up; what was earned stays."""
    await uow.classes.note_member(
        event.class_id,
        student_id=event.student_id,
        active=isinstance(event, StudentEnrolled),
        sequence=envelope.aggregateseq,
    )
