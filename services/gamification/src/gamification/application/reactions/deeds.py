"""What learners did, as others report it, earns what it is worth."""

from babyowl_contracts.class_ import AttendanceMarked
from babyowl_contracts.learning import CourseCompleted, ExerciseCompleted, LessonCompleted
from gamification.application.ports import UnitOfWork
from gamification.application.scorekeeping import Report, Scorekeeper
from gamification.domain.rules import Outcome, SourceKind
from gamification.domain.values import Source


async def reward_exercise(event: ExerciseCompleted, uow: UnitOfWork, scorekeeper: Scorekeeper) -> None:
    """A completed exercise earns its points and keeps the day; regraded, what the score is worth now."""
    report = Report(
        learner_id=event.student_id,
        source=Source(SourceKind.EXERCISE, event.exercise_id),
        outcome=Outcome.COMPLETED,
        happened_at=event.completed_at,
        course_id=event.course_id,
        exercise_kind=event.kind,
        score_percent=event.score_percent,
        revision=event.revision,
    )
    await scorekeeper.count(uow, report)


async def reward_lesson(event: LessonCompleted, uow: UnitOfWork, scorekeeper: Scorekeeper) -> None:
    """A completed lesson earns points beside those of its exercises."""
    report = Report(
        learner_id=event.student_id,
        source=Source(SourceKind.LESSON, event.lesson_id),
        outcome=Outcome.COMPLETED,
        happened_at=event.completed_at,
        course_id=event.course_id,
    )
    await scorekeeper.count(uow, report)


async def reward_course(event: CourseCompleted, uow: UnitOfWork, scorekeeper: Scorekeeper) -> None:
    """A completed course earns what a course is worth."""
    report = Report(
        learner_id=event.student_id,
        source=Source(SourceKind.COURSE, event.course_id),
        outcome=Outcome.COMPLETED,
        happened_at=event.completed_at,
        course_id=event.course_id,
    )
    await scorekeeper.count(uow, report)


async def reward_attendance(event: AttendanceMarked, uow: UnitOfWork, scorekeeper: Scorekeeper) -> None:
    """Showing up earns points and keeps the day; a correction takes back what was never earned.

    So it does for a guest, whom it makes no member of the class.
    """
    report = Report(
        learner_id=event.student_id,
        source=Source(SourceKind.MEETING, event.meeting_id),
        outcome=Outcome(event.status),
        happened_at=event.meeting_starts_at,
        on=event.meeting_date,
        revision=event.revision,
        course_id=event.course_id,
        class_id=event.class_id,
    )
    await scorekeeper.count(uow, report)
