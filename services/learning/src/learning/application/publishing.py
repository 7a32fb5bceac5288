"""What others hear of what happened here."""

from babyowl_contracts import Event
from babyowl_contracts import learning as contract
from babyowl_kernel import DomainEvent
from learning.domain import events
from learning.domain.outline import Outline


def published(event: DomainEvent) -> Event | None:
    """The contract a domain event becomes; drafts are nobody else's business."""
    match event:
        case events.CourseBegun():
            return contract.CourseCreated(course_id=event.course_id, instructor_id=event.instructor_id)
        case events.CoursePublished(outline=outline):
            return contract.CoursePublished(
                course_id=outline.course_id,
                instructor_id=event.instructor_id,
                revision=outline.revision,
                open=outline.open,
                lessons=_lessons(outline),
            )
        case events.CourseArchived():
            return contract.CourseArchived(course_id=event.course_id)
        case events.ExerciseCompleted():
            return contract.ExerciseCompleted(
                student_id=event.student_id,
                course_id=event.course_id,
                lesson_id=event.lesson_id,
                exercise_id=event.exercise_id,
                kind=event.kind.value,
                score_percent=None,
                completed_at=event.at,
            )
        case events.LessonCompleted():
            return contract.LessonCompleted(
                student_id=event.student_id,
                course_id=event.course_id,
                lesson_id=event.lesson_id,
                completed_at=event.at,
            )
        case events.CourseCompleted():
            return contract.CourseCompleted(
                student_id=event.student_id, course_id=event.course_id, completed_at=event.at
            )
        case events.DraftEdited() | events.NewRevisionFollowed():
            return None
        case _:
            raise TypeError(f"nobody has decided whether {type(event).__name__} is published")


def _lessons(outline: Outline) -> tuple[contract.LessonOutline, ...]:
    return tuple(
        contract.LessonOutline(
            lesson_id=lesson.id,
            position=lesson.position,
            exercise_ids=tuple(exercise.id for exercise in lesson.exercises),
            exercise_kinds=tuple(exercise.kind.value for exercise in lesson.exercises),
        )
        for lesson in outline.lessons
    )
