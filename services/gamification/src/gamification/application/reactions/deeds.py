"""What learners did, as others report it, earns what it is worth."""

from babyowl_contracts.class_ import AttendanceMarked
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
