from datetime import timedelta
from uuid import UUID

import pytest

from babyowl_chassis.testing import assert_migrations_match, assert_rows_round_trip, granted
from learning.bootstrap import service
from learning.domain.content import Exercise, Lesson, Section
from learning.domain.course import Course
from learning.domain.progress import ExerciseProgress, StudentProgress
from learning.domain.values import CourseStatus, ExerciseKind, TextRef
from learning.infrastructure.mappers import COURSES, PROGRESS

from .school import MORNING, a_course


def test_no_field_of_a_course_is_dropped_on_its_way_to_the_rows_and_back() -> None:
    exercise = Exercise(UUID(int=4), ExerciseKind.READING, "Try", TextRef.of("x"), 10)
    lesson = Lesson(UUID(int=3), "One", TextRef.of("y"), "https://video.example", [exercise])
    assert_rows_round_trip(
        COURSES,
        Course(
            id=UUID(int=1),
            version=3,
            instructor_id=UUID(int=2),
            title="Python",
            summary="Snakes",
            open=True,
            status=CourseStatus.PUBLISHED,
            revision=2,
            has_unpublished_changes=False,
            created_at=MORNING,
            updated_at=MORNING + timedelta(days=1),
            published_at=MORNING + timedelta(days=2),
            sections=[Section(UUID(int=5), "First", [lesson])],
        ),
    )


def test_no_field_of_a_progress_is_dropped_on_its_way_to_the_rows_and_back() -> None:
    assert_rows_round_trip(
        PROGRESS,
        StudentProgress(
            id=UUID(int=1),
            version=3,
            student_id=UUID(int=2),
            course_id=UUID(int=3),
            revision=4,
            exercises_done=5,
            exercises_total=6,
            lessons_done=7,
            lessons_total=8,
            started_at=MORNING,
            last_activity_at=MORNING + timedelta(days=1),
            completed_at=MORNING + timedelta(days=2),
            exercises={UUID(int=9): ExerciseProgress(UUID(int=10), MORNING)},
            lessons={UUID(int=10): MORNING},
        ),
    )


def test_everything_comes_back_in_its_order() -> None:
    course = a_course((2, 1), (3,))
    order = tuple((section.id, tuple(found.id for found in section.lessons)) for section in reversed(course.sections))
    granted(course.arrange(order, now=MORNING))
    rows = COURSES.to_rows(course)
    shuffled = {table: sorted(found, key=lambda row: str(row["id"])) for table, found in rows.items()}
    assert COURSES.from_rows(shuffled).sections == course.sections


@pytest.mark.infra
async def test_the_migrations_make_what_the_tables_declare(postgres_admin_url: str) -> None:
    await assert_migrations_match(service, postgres_admin_url)
