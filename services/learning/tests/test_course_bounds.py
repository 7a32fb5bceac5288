"""How much a course may hold, and how long its words may be: the bounds, and just beyond."""

from uuid import UUID

import pytest

from babyowl_chassis.testing import granted, refusal
from babyowl_kernel import NewId
from learning.domain import values
from learning.domain.content import WrittenSection
from learning.domain.course import Course
from learning.domain.errors import (
    CourseTooLarge,
    TextTooLong,
    TooManyExercises,
    TooManyLessons,
    TooManySections,
    UnfitMinutes,
    UnfitSummary,
    UnfitTitle,
    UnfitVideoUrl,
)
from learning.domain.events import CoursePublished

from .school import MORNING, a_course, lesson, reading, written

NOBODY = UUID(int=999_999)


@pytest.mark.parametrize("title", ["x", "x" * values.TITLE_LENGTH])
def test_a_title_has_one_to_two_hundred_characters(title: str) -> None:
    assert granted(Course.begin(NOBODY, NOBODY, title, "", now=MORNING)).title == title


@pytest.mark.parametrize("title", ["", "   ", "x" * (values.TITLE_LENGTH + 1)])
def test_any_other_title_is_refused_everywhere(title: str, ids: NewId) -> None:
    course = a_course((1,))
    unfit = UnfitTitle(values.TITLE_LENGTH)
    [section], [first] = course.sections, course.lessons
    [exercise] = first.exercises
    for outcome in (
        Course.begin(NOBODY, NOBODY, title, "", now=MORNING),
        course.describe(title, "", is_open=False, now=MORNING),
        course.add_section(ids(), title, now=MORNING),
        course.rename_section(section.id, title, now=MORNING),
        course.add_lesson(ids(), section.id, lesson(title), now=MORNING),
        course.rewrite_lesson(first.id, lesson(title), now=MORNING),
        course.add_exercise(ids(), first.id, reading(title), now=MORNING),
        course.rewrite_exercise(exercise.id, reading(title), now=MORNING),
        course.write((WrittenSection(None, title, ()),), new_id=ids, now=MORNING),
    ):
        assert refusal(outcome) == unfit
    assert course.collect_events() == []


def test_a_summary_has_at_most_two_thousand_characters() -> None:
    course = a_course()
    granted(course.describe("Python", "x" * values.SUMMARY_LENGTH, is_open=False, now=MORNING))
    too_long = course.describe("Python", "x" * (values.SUMMARY_LENGTH + 1), is_open=False, now=MORNING)
    assert refusal(too_long) == UnfitSummary(values.SUMMARY_LENGTH)


def test_lessons_are_numbered_through_all_sections() -> None:
    course = a_course((1, 1), (1,))
    granted(course.publish(now=MORNING))
    [published] = [event for event in course.collect_events() if isinstance(event, CoursePublished)]
    assert [found.position for found in published.outline.lessons] == [1, 2, 3]
    assert [found.id for found in published.outline.lessons] == [found.id for found in course.lessons]


@pytest.mark.parametrize(("size", "fits"), [(values.TEXT_BYTES, True), (values.TEXT_BYTES + 1, False)])
def test_a_text_has_at_most_a_hundred_thousand_bytes(size: int, fits: bool, ids: NewId) -> None:
    text = "é" * (size // 2) + "x" * (size % 2)
    course = a_course((1,))
    [section], [first] = course.sections, course.lessons
    outcomes = [
        course.add_lesson(ids(), section.id, lesson(text=text), now=MORNING),
        course.rewrite_lesson(first.id, lesson(text=text), now=MORNING),
        course.add_exercise(ids(), first.id, reading(text=text), now=MORNING),
        course.rewrite_exercise(first.exercises[0].id, reading(text=text), now=MORNING),
    ]
    for outcome in outcomes:
        if fits:
            granted(outcome)
        else:
            assert refusal(outcome) == TextTooLong(values.TEXT_BYTES)


@pytest.mark.parametrize("url", ["https://video.example/1", "https://video.example:8443/a?b=c#d"])
def test_a_video_is_linked_over_https(url: str, ids: NewId) -> None:
    course = a_course(())
    made = granted(course.add_lesson(ids(), course.sections[0].id, lesson(video_url=url), now=MORNING))
    assert made.video_url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://video.example/1",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "//video.example",
        "https://user:secret@video.example",
        "https://video.example/a b",
        "https://video.example/\n",
        "https://[::1",
        "https://video.example/" + "x" * values.VIDEO_URL_LENGTH,
    ],
)
def test_any_other_link_is_refused(url: str, ids: NewId) -> None:
    course = a_course(())
    outcome = course.add_lesson(ids(), course.sections[0].id, lesson(video_url=url), now=MORNING)
    assert refusal(outcome) == UnfitVideoUrl()


@pytest.mark.parametrize("minutes", [None, 1, values.REQUIRED_MINUTES])
def test_required_minutes_are_those_of_one_sitting(minutes: int | None, ids: NewId) -> None:
    course = a_course((0,))
    made = course.add_exercise(ids(), course.lessons[0].id, reading(minutes=minutes), now=MORNING)
    assert granted(made).required_minutes == minutes


@pytest.mark.parametrize("minutes", [0, -1, values.REQUIRED_MINUTES + 1])
def test_other_minutes_are_refused(minutes: int, ids: NewId) -> None:
    course = a_course((0,))
    made = course.add_exercise(ids(), course.lessons[0].id, reading(minutes=minutes), now=MORNING)
    assert refusal(made) == UnfitMinutes(values.REQUIRED_MINUTES)


def test_the_last_section_that_fits_is_taken_and_the_next_is_refused(ids: NewId) -> None:
    course = a_course(*[()] * (values.SECTIONS_PER_COURSE - 1))
    granted(course.add_section(ids(), "Last", now=MORNING))
    assert refusal(course.add_section(ids(), "Next", now=MORNING)) == TooManySections(values.SECTIONS_PER_COURSE)


def test_the_last_lesson_that_fits_is_taken_and_the_next_is_refused(ids: NewId) -> None:
    half = values.LESSONS_PER_COURSE // 2
    course = a_course((0,) * half, (0,) * (half - 1))
    section = course.sections[0]
    granted(course.add_lesson(ids(), section.id, lesson(), now=MORNING))
    outcome = course.add_lesson(ids(), section.id, lesson(), now=MORNING)
    assert refusal(outcome) == TooManyLessons(values.LESSONS_PER_COURSE)


def test_the_last_exercise_that_fits_into_a_lesson_is_taken_and_the_next_is_refused(ids: NewId) -> None:
    course = a_course((values.EXERCISES_PER_LESSON - 1,))
    [first] = course.lessons
    granted(course.add_exercise(ids(), first.id, reading(), now=MORNING))
    outcome = course.add_exercise(ids(), first.id, reading(), now=MORNING)
    assert refusal(outcome) == TooManyExercises(values.EXERCISES_PER_LESSON)


def test_a_course_has_at_most_a_thousand_exercises(ids: NewId) -> None:
    full = values.EXERCISES_PER_COURSE // values.EXERCISES_PER_LESSON
    course = a_course((values.EXERCISES_PER_LESSON,) * full + (0,))
    outcome = course.add_exercise(ids(), course.lessons[-1].id, reading(), now=MORNING)
    assert refusal(outcome) == TooManyExercises(values.EXERCISES_PER_COURSE)


def test_the_texts_of_a_course_are_bounded_altogether(ids: NewId) -> None:
    course = a_course(())
    section = course.sections[0]
    full = lesson(text="x" * values.TEXT_BYTES)
    for _ in range(values.COURSE_TEXT_BYTES // values.TEXT_BYTES):
        last = granted(course.add_lesson(ids(), section.id, full, now=MORNING))
    too_large = CourseTooLarge(values.COURSE_TEXT_BYTES)
    assert refusal(course.add_lesson(ids(), section.id, lesson(text="x"), now=MORNING)) == too_large
    assert refusal(course.add_exercise(ids(), last.id, reading(text="x"), now=MORNING)) == too_large
    granted(course.rewrite_lesson(last.id, lesson(text="x"), now=MORNING))
    granted(course.add_exercise(ids(), last.id, reading(text="x"), now=MORNING))


@pytest.mark.parametrize(
    ("content", "bound"),
    [
        (((),) * (values.SECTIONS_PER_COURSE + 1), TooManySections(values.SECTIONS_PER_COURSE)),
        (((0,) * (values.LESSONS_PER_COURSE + 1),), TooManyLessons(values.LESSONS_PER_COURSE)),
        (((values.EXERCISES_PER_LESSON + 1,),), TooManyExercises(values.EXERCISES_PER_LESSON)),
        (((values.EXERCISES_PER_LESSON,) * 20 + (1,),), TooManyExercises(values.EXERCISES_PER_COURSE)),
    ],
)
def test_the_bounds_hold_for_content_written_in_one_piece(
    content: tuple[tuple[int, ...], ...], bound: object, ids: NewId
) -> None:
    course = a_course((1,))
    assert refusal(course.write(written(*content), new_id=ids, now=MORNING)) == bound
    assert course.collect_events() == []
