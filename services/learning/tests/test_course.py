from uuid import UUID

import pytest

from babyowl_chassis.testing import granted, refusal
from babyowl_kernel import NewId
from learning.domain.content import WrittenExercise, WrittenLesson, WrittenSection
from learning.domain.course import Course
from learning.domain.errors import (
    ArrangementIncomplete,
    CourseIncomplete,
    CourseIsArchived,
    CourseNotPublished,
    ExerciseNotFound,
    LessonNotFound,
    RepeatedContentId,
    SectionNotFound,
    StaleVersion,
    UnknownContentId,
)
from learning.domain.events import CourseArchived, CourseBegun, DraftEdited
from learning.domain.values import CourseStatus

from .school import MORNING, a_course, lesson, reading, rewritten

NOBODY = UUID(int=999_999)


def test_a_course_begins_as_an_empty_draft_that_nobody_else_sees() -> None:
    course = granted(Course.begin(UUID(int=1), UUID(int=2), "Python", "", now=MORNING))
    assert (course.status, course.revision, course.sections) == (CourseStatus.DRAFT, 0, [])
    assert course.collect_events() == [CourseBegun(course_id=UUID(int=1), instructor_id=UUID(int=2))]


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
