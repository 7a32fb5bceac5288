from datetime import UTC, datetime
from uuid import UUID

import pytest

from babyowl_contracts import Event
from babyowl_contracts import learning as contract
from babyowl_kernel import DomainEvent
from learning.application.publishing import published
from learning.domain import events as happened
from learning.domain.outline import Outline, OutlinedExercise, OutlinedLesson
from learning.domain.values import ExerciseKind

A, B, C, D = (UUID(int=number) for number in range(1, 5))
AT = datetime(2027, 3, 1, tzinfo=UTC)
OUTLINE = Outline(A, 3, open=True, lessons=(OutlinedLesson(B, 1, (OutlinedExercise(C, ExerciseKind.READING),)),))

TOLD: list[tuple[DomainEvent, Event | None]] = [
    (
        happened.CourseBegun(course_id=A, instructor_id=B),
        contract.CourseCreated(course_id=A, instructor_id=B),
    ),
    (happened.DraftEdited(course_id=A, change="details", at=AT), None),
    (
        happened.CoursePublished(instructor_id=D, outline=OUTLINE),
        contract.CoursePublished(
            course_id=A,
            instructor_id=D,
            revision=3,
            open=True,
            lessons=(
                contract.LessonOutline(lesson_id=B, position=1, exercise_ids=(C,), exercise_kinds=("reading",)),
            ),
        ),
    ),
    (happened.CourseArchived(course_id=A), contract.CourseArchived(course_id=A)),
    (
        happened.ExerciseCompleted(
            student_id=A, course_id=B, lesson_id=C, exercise_id=D, kind=ExerciseKind.READING, at=AT
        ),
        contract.ExerciseCompleted(
            student_id=A,
            course_id=B,
            lesson_id=C,
            exercise_id=D,
            kind="reading",
            score_percent=None,
            completed_at=AT,
        ),
    ),
    (
        happened.LessonCompleted(student_id=A, course_id=B, lesson_id=C, at=AT),
        contract.LessonCompleted(student_id=A, course_id=B, lesson_id=C, completed_at=AT),
    ),
    (
        happened.CourseCompleted(student_id=A, course_id=B, at=AT),
        contract.CourseCompleted(student_id=A, course_id=B, completed_at=AT),
    ),
    (happened.NewRevisionFollowed(student_id=A, course_id=B, revision=2), None),
]


@pytest.mark.parametrize(("event", "told"), TOLD, ids=lambda value: type(value).__name__)
def test_others_hear_exactly_what_concerns_them(event: DomainEvent, told: Event | None) -> None:
    assert published(event) == told


def test_no_domain_event_is_forgotten() -> None:
    declared = {kind for kind in vars(happened).values() if isinstance(kind, type) and issubclass(kind, DomainEvent)}
    assert declared - {DomainEvent} == {type(event) for event, _ in TOLD}


def test_an_event_nobody_decided_about_is_a_fault() -> None:
    with pytest.raises(TypeError):
        published(DomainEvent())
