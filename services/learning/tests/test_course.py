from uuid import UUID

import pytest

from babyowl_chassis.testing import granted, refusal
from babyowl_kernel import NewId
from learning.domain import values
from learning.domain.content import WrittenExercise, WrittenLesson, WrittenSection
from learning.domain.course import Course
from learning.domain.errors import (
    ArrangementIncomplete,
    CourseIncomplete,
    CourseIsArchived,
    CourseNotPublished,
    CourseTooLarge,
    ExerciseNotFound,
    LessonNotFound,
    RepeatedContentId,
    SectionNotFound,
    StaleVersion,
    TextTooLong,
    TooManyExercises,
    TooManyLessons,
    TooManySections,
    UnfitMinutes,
    UnfitSummary,
    UnfitTitle,
    UnfitVideoUrl,
    UnknownContentId,
)
from learning.domain.events import CourseArchived, CourseBegun, CoursePublished, DraftEdited
from learning.domain.values import CourseStatus

from .school import MORNING, a_course, counting_ids, lesson, reading, rewritten, written

NOBODY = UUID(int=999_999)


@pytest.fixture
def ids() -> NewId:
    return counting_ids(1000)


def test_a_course_begins_as_an_empty_draft_that_nobody_else_sees() -> None:
    course = granted(Course.begin(UUID(int=1), UUID(int=2), "Python", "", now=MORNING))
    assert (course.status, course.revision, course.sections) == (CourseStatus.DRAFT, 0, [])
    assert course.collect_events() == [CourseBegun(course_id=UUID(int=1), instructor_id=UUID(int=2))]


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


def test_content_written_in_one_piece_keeps_known_ids_and_drops_what_is_left_out(ids: NewId) -> None:
    course = a_course((2, 1), (1,))
    first, second = course.sections
    kept, dropped = first.lessons
    [other] = second.lessons
    sections = rewritten(course)
    moved = WrittenSection(
        first.id,
        "Renamed",
        (sections[1].lessons[0], sections[0].lessons[0], WrittenLesson(None, lesson("New"), ())),
    )
    granted(course.write((moved,), new_id=ids, now=MORNING))
    [section] = course.sections
    assert (section.id, section.title) == (first.id, "Renamed")
    assert [found.id for found in section.lessons] == [other.id, kept.id, UUID(int=1000)]
    assert course.lesson(dropped.id) is None


def test_content_that_says_nothing_new_changes_nothing(ids: NewId) -> None:
    course = a_course((1,))
    granted(course.write(tuple(rewritten(course)), new_id=ids, now=MORNING))
    course.collect_events()
    granted(course.write(tuple(rewritten(course)), new_id=ids, now=MORNING))
    assert course.collect_events() == []


def test_an_id_from_elsewhere_is_refused_and_so_is_one_of_another_kind(ids: NewId) -> None:
    course = a_course((1,))
    section_id, lesson_id = course.sections[0].id, course.lessons[0].id
    for content, unknown in (
        (WrittenSection(NOBODY, "A", ()), NOBODY),
        (WrittenSection(lesson_id, "A", ()), lesson_id),
        (WrittenSection(None, "A", (WrittenLesson(section_id, lesson(), ()),)), section_id),
        (
            WrittenSection(None, "A", (WrittenLesson(None, lesson(), (WrittenExercise(NOBODY, reading()),)),)),
            NOBODY,
        ),
    ):
        assert refusal(course.write((content,), new_id=ids, now=MORNING)) == UnknownContentId(unknown)


def test_an_id_given_twice_is_refused(ids: NewId) -> None:
    course = a_course((1,))
    [section] = rewritten(course)
    outcome = course.write((section, section), new_id=ids, now=MORNING)
    assert refusal(outcome) == RepeatedContentId(course.sections[0].id)


def test_sections_and_lessons_are_rearranged_and_lessons_move_between_sections() -> None:
    course = a_course((1, 1), (1,))
    first, second = course.sections
    a, b, c = course.lessons
    granted(course.arrange(((second.id, (b.id, c.id)), (first.id, (a.id,))), now=MORNING))
    assert [section.id for section in course.sections] == [second.id, first.id]
    assert [found.id for found in course.lessons] == [b.id, c.id, a.id]
    assert [event.change for event in course.collect_events() if isinstance(event, DraftEdited)] == ["arrangement"]


def test_an_arrangement_names_everything_exactly_once() -> None:
    course = a_course((1, 1), (1,))
    first, second = course.sections
    a, b, c = (found.id for found in course.lessons)
    for order in (
        (),
        ((first.id, (a, b, c)),),
        ((first.id, (a, b)), (second.id, ())),
        ((first.id, (a, b)), (second.id, (c, c))),
        ((first.id, (a, b)), (second.id, (a,))),
        ((first.id, (a, b)), (second.id, (c, NOBODY))),
        ((first.id, (a, b)), (first.id, (c,))),
    ):
        assert refusal(course.arrange(order, now=MORNING)) == ArrangementIncomplete()
    assert course.collect_events() == []


def test_exercises_are_rearranged_within_their_lesson() -> None:
    course = a_course((2, 1))
    first, other = course.lessons
    a, b = (exercise.id for exercise in first.exercises)
    granted(course.arrange_exercises(first.id, (b, a), now=MORNING))
    assert [exercise.id for exercise in first.exercises] == [b, a]
    for order in ((a,), (a, a), (a, b, other.exercises[0].id)):
        assert refusal(course.arrange_exercises(first.id, order, now=MORNING)) == ArrangementIncomplete()


def test_what_is_not_there_can_be_neither_changed_nor_removed(ids: NewId) -> None:
    course = a_course((1,))
    for outcome, missing in (
        (course.rename_section(NOBODY, "A", now=MORNING), SectionNotFound(NOBODY)),
        (course.remove_section(NOBODY, now=MORNING), SectionNotFound(NOBODY)),
        (course.add_lesson(ids(), NOBODY, lesson(), now=MORNING), SectionNotFound(NOBODY)),
        (course.rewrite_lesson(NOBODY, lesson(), now=MORNING), LessonNotFound(NOBODY)),
        (course.remove_lesson(NOBODY, now=MORNING), LessonNotFound(NOBODY)),
        (course.add_exercise(ids(), NOBODY, reading(), now=MORNING), LessonNotFound(NOBODY)),
        (course.arrange_exercises(NOBODY, (), now=MORNING), LessonNotFound(NOBODY)),
        (course.rewrite_exercise(NOBODY, reading(), now=MORNING), ExerciseNotFound(NOBODY)),
        (course.remove_exercise(NOBODY, now=MORNING), ExerciseNotFound(NOBODY)),
    ):
        assert refusal(outcome) == missing


def test_removing_takes_along_what_is_inside() -> None:
    course = a_course((2, 1), (1,))
    first, second = course.sections
    a, b = first.lessons
    granted(course.remove_exercise(a.exercises[0].id, now=MORNING))
    assert len(a.exercises) == 1
    granted(course.remove_lesson(b.id, now=MORNING))
    assert first.lessons == [a]
    granted(course.remove_section(second.id, now=MORNING))
    assert course.lessons == [a]


def test_a_course_is_published_only_when_nothing_in_it_is_empty() -> None:
    assert refusal(a_course().publish(now=MORNING)) == CourseIncomplete()
    course = a_course((1, 0), ())
    outcome = course.publish(now=MORNING)
    assert refusal(outcome) == CourseIncomplete(
        empty_sections=(course.sections[1].id,), empty_lessons=(course.lessons[1].id,)
    )
    assert course.status is CourseStatus.DRAFT


def test_each_publication_grows_the_revision_by_one() -> None:
    course = a_course((1,))
    first = granted(course.publish(now=MORNING))
    granted(course.describe("Python!", "", is_open=False, now=MORNING))
    second = granted(course.publish(now=MORNING))
    assert first is not None
    assert second is not None
    assert (first.revision, second.revision, course.revision) == (1, 2, 2)


def test_publishing_what_students_see_already_changes_nothing() -> None:
    course = a_course((1,))
    granted(course.publish(now=MORNING))
    course.collect_events()
    assert granted(course.publish(now=MORNING)) is None
    assert (course.revision, course.collect_events()) == (1, [])


def test_a_publication_does_not_change_when_the_draft_does(ids: NewId) -> None:
    course = a_course((1,))
    publication = granted(course.publish(now=MORNING))
    assert publication is not None
    outline = publication.outline
    granted(course.add_lesson(ids(), course.sections[0].id, lesson(), now=MORNING))
    granted(course.rename_section(course.sections[0].id, "Renamed", now=MORNING))
    granted(course.remove_exercise(course.lessons[0].exercises[0].id, now=MORNING))
    assert publication.outline == outline
    assert publication.sections[0].title == "Section 1"
    assert course.has_unpublished_changes


def test_only_what_was_published_can_be_archived_and_twice_is_as_once() -> None:
    course = a_course((1,))
    assert refusal(course.archive(now=MORNING)) == CourseNotPublished()
    granted(course.publish(now=MORNING))
    course.collect_events()
    granted(course.archive(now=MORNING))
    granted(course.archive(now=MORNING))
    assert course.collect_events() == [CourseArchived(course_id=course.id)]


def test_an_archived_course_is_closed_to_every_edit(ids: NewId) -> None:
    course = a_course((1,))
    granted(course.publish(now=MORNING))
    granted(course.archive(now=MORNING))
    course.collect_events()
    [section], [first] = course.sections, course.lessons
    exercise_id = first.exercises[0].id
    for outcome in (
        course.describe("A", "", is_open=True, now=MORNING),
        course.add_section(ids(), "A", now=MORNING),
        course.rename_section(section.id, "A", now=MORNING),
        course.remove_section(section.id, now=MORNING),
        course.add_lesson(ids(), section.id, lesson(), now=MORNING),
        course.rewrite_lesson(first.id, lesson(), now=MORNING),
        course.remove_lesson(first.id, now=MORNING),
        course.add_exercise(ids(), first.id, reading(), now=MORNING),
        course.rewrite_exercise(exercise_id, reading(), now=MORNING),
        course.remove_exercise(exercise_id, now=MORNING),
        course.arrange(((section.id, (first.id,)),), now=MORNING),
        course.arrange_exercises(first.id, (exercise_id,), now=MORNING),
        course.write((), new_id=ids, now=MORNING),
        course.publish(now=MORNING),
    ):
        assert refusal(outcome) == CourseIsArchived()
    assert course.collect_events() == []


def test_every_edit_is_recorded_once_and_an_edit_without_effect_is_not(ids: NewId) -> None:
    course = a_course((1,))
    [section], [first] = course.sections, course.lessons
    for _ in range(2):
        granted(course.describe("Python!", "", is_open=True, now=MORNING))
        granted(course.rename_section(section.id, "Renamed", now=MORNING))
        granted(course.rewrite_lesson(first.id, lesson("Other"), now=MORNING))
        granted(course.rewrite_exercise(first.exercises[0].id, reading("Other"), now=MORNING))
    changes = [event.change for event in course.collect_events() if isinstance(event, DraftEdited)]
    assert changes == ["details", "sections", "lessons", "exercises"]


@pytest.mark.parametrize(("seen", "stale"), [(None, False), (1, False), (0, True), (2, True)])
def test_an_editor_who_has_seen_another_version_is_told_so(seen: int | None, stale: bool) -> None:
    found = a_course().changed_since(seen)
    assert found == (StaleVersion(expected=seen or 0, current=1) if stale else None)
