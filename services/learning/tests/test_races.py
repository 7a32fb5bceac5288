"""Two at once, on real Postgres."""

import asyncio

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts.learning import CourseCompleted, CoursePublished, ExerciseCompleted, LessonCompleted
from babyowl_kernel import Ok
from learning.application.commands.edit_course import DescribeCourse, WriteCourse
from learning.application.commands.edit_sections import AddSection
from learning.application.commands.editing import Editor
from learning.application.commands.publish_course import PublishCourse
from learning.domain.errors import CourseIncomplete, StaleVersion

from .school import InPostgres, School, written
from .test_studying import a_student

pytestmark = pytest.mark.infra


@pytest.fixture
def school(pool: Pool) -> School:
    return School(InPostgres(pool))


async def test_two_completions_of_one_exercise_at_once_are_one(school: School) -> None:
    course = await school.course((1, 1))
    student_id = await a_student(school, course)
    exercise_id = course.lessons[0].exercises[0].id
    outcomes = await asyncio.gather(*(school.complete(student_id, exercise_id) for _ in range(8)))
    assert len({granted(outcome) for outcome in outcomes}) == 1
    assert len(await school.events(ExerciseCompleted)) == 1
    assert len(await school.events(LessonCompleted)) == 1


async def test_the_last_exercises_completed_at_once_complete_lesson_and_course_once(school: School) -> None:
    course = await school.course((4,))
    student_id = await a_student(school, course)
    exercises = [exercise.id for exercise in course.lessons[0].exercises]
    await asyncio.gather(*(school.complete(student_id, exercise_id) for exercise_id in exercises))
    assert len(await school.events(ExerciseCompleted)) == 4
    assert len(await school.events(LessonCompleted)) == 1
    assert len(await school.events(CourseCompleted)) == 1
    assert (await school.progress(student_id, course.id)).percent == 100


async def test_a_publication_shows_the_draft_before_or_after_an_edit_and_never_half_of_it(
    school: School, pool: Pool
) -> None:
    course = await school.course((1,), publish=False)
    outcomes = await asyncio.gather(
        school.execute(PublishCourse(school.editor, course.id)),
        school.execute(WriteCourse(school.editor, course.id, written((2, 2), (2, 2)))),
    )
    assert all(isinstance(outcome, Ok) for outcome in outcomes)
    [published] = await school.events(CoursePublished)
    assert isinstance(published, CoursePublished)
    counts = [len(found.exercise_ids) for found in published.lessons]
    assert counts in ([1], [2, 2, 2, 2])
    kept = await school.store.course(course.id)
    assert kept.has_unpublished_changes is (counts == [1])
    stored = await pool.fetchval("SELECT count(*) FROM published_exercises WHERE course_id = $1", course.id)
    assert stored == sum(counts)


async def test_an_edit_that_would_leave_a_gap_is_not_published_beside(school: School) -> None:
    course = await school.course((1,), publish=False)
    published, _ = await asyncio.gather(
        school.execute(PublishCourse(school.editor, course.id)),
        school.execute(AddSection(school.editor, course.id, "Empty")),
    )
    if not isinstance(published, Ok):
        assert isinstance(refusal(published), CourseIncomplete)
    for event in await school.events(CoursePublished):
        assert isinstance(event, CoursePublished)
        assert len(event.lessons) == 1


async def test_of_two_publications_at_once_one_grows_the_revision(school: School) -> None:
    course = await school.course((1,), publish=False)
    outcomes = await asyncio.gather(*(school.execute(PublishCourse(school.editor, course.id)) for _ in range(4)))
    assert {granted(outcome).revision for outcome in outcomes} == {1}
    assert len(await school.events(CoursePublished)) == 1


async def test_of_two_authors_who_have_seen_the_same_version_one_is_told_to_look_again(school: School) -> None:
    course = await school.course((1,), publish=False)
    editor = Editor(school.instructor, course.version)
    outcomes = await asyncio.gather(
        *(
            school.execute(DescribeCourse(editor, course.id, f"Title {number}", "", is_open=False))
            for number in range(4)
        )
    )
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Ok)]
    assert len(refused) == 3
    assert all(isinstance(refusal(outcome), StaleVersion) for outcome in refused)
