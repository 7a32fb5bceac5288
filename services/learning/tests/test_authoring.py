"""Authors at work: the same promises over both stores."""

from typing import Any

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts.learning import CourseArchived, CourseCreated, CoursePublished
from babyowl_kernel import Actor, Command
from learning.application.commands.create_course import CreateCourse
from learning.application.commands.edit_course import ArchiveCourse, ArrangeCourse, DescribeCourse, WriteCourse
from learning.application.commands.edit_exercises import AddExercise, RemoveExercise, RewriteExercise
from learning.application.commands.edit_lessons import AddLesson, ArrangeExercises, RemoveLesson, RewriteLesson
from learning.application.commands.edit_sections import AddSection, RemoveSection, RenameSection
from learning.application.commands.editing import Editor
from learning.application.commands.publish_course import PublishCourse
from learning.domain.course import Course
from learning.domain.errors import (
    CourseNotFound,
    ExerciseNotFound,
    InstructorNotFound,
    InstructorRequired,
    LessonNotFound,
    NotYourCourse,
    StaleVersion,
    TextTooLong,
)
from learning.domain.values import TEXT_BYTES

from .school import School, instructor, lesson, reading, rewritten, staff, written


async def test_an_instructor_begins_a_course_of_their_own(school: School) -> None:
    begun = granted(await school.execute(CreateCourse(by=school.instructor, title="Python", summary="Snakes")))
    kept = await school.store.course(begun.id)
    assert (kept.instructor_id, kept.title, kept.summary) == (school.instructor.user_id, "Python", "Snakes")
    assert kept.version == begun.version == 1
    created = CourseCreated(course_id=begun.id, instructor_id=school.instructor.user_id)
    assert await school.events() == [created]


async def test_staff_begin_a_course_for_an_instructor_they_name(school: School) -> None:
    ada = new_id()
    await school.store.register_instructor(ada)
    begun = granted(await school.execute(CreateCourse(by=staff(), title="A", summary="", instructor_id=ada)))
    assert (await school.store.course(begun.id)).instructor_id == ada


async def test_staff_must_name_somebody_who_is_an_instructor(school: School) -> None:
    nobody = new_id()
    missing = await school.execute(CreateCourse(by=staff(), title="A", summary=""))
    assert refusal(missing) == InstructorRequired()
    unknown = await school.execute(CreateCourse(by=staff(), title="A", summary="", instructor_id=nobody))
    assert refusal(unknown) == InstructorNotFound(nobody)
    assert await school.events() == []


async def test_an_instructor_cannot_begin_a_course_for_another(school: School) -> None:
    ada = new_id()
    await school.store.register_instructor(ada)
    outcome = await school.execute(CreateCourse(by=instructor(), title="A", summary="", instructor_id=ada))
    assert refusal(outcome) == NotYourCourse()


async def test_a_course_is_written_piece_by_piece(school: School) -> None:
    begun = granted(await school.execute(CreateCourse(by=school.instructor, title="Python", summary="")))
    editor = school.editor
    section = granted(await school.execute(AddSection(editor, begun.id, "First")))
    draft = lesson("One", "# One\n", "https://video.example/1")
    added = granted(await school.execute(AddLesson(editor, begun.id, section.part.id, draft)))
    exercise = granted(await school.execute(AddExercise(editor, added.part.id, reading("Try", "Try it", 10))))
    assert (section.version, added.version, exercise.version) == (2, 3, 4)

    kept = await school.store.course(begun.id)
    assert kept.version == 4
    [one] = kept.lessons
    assert (one.title, one.video_url) == ("One", "https://video.example/1")
    assert await school.store.text(begun.id, one.text.digest) == "# One\n"
    [found] = one.exercises
    assert (found.title, found.required_minutes) == ("Try", 10)
    assert await school.store.text(begun.id, found.text.digest) == "Try it"


async def test_pieces_are_rewritten_rearranged_and_removed(school: School) -> None:
    course = await school.course((2, 1), (1,), publish=False)
    editor = school.editor
    first, second = course.sections
    a, b, c = course.lessons
    x, y = a.exercises
    for command in (
        DescribeCourse(editor, course.id, "Python!", "New", is_open=True),
        RenameSection(editor, course.id, first.id, "Renamed"),
        RewriteLesson(editor, a.id, lesson("Rewritten", "Other words", None)),
        RewriteExercise(editor, x.id, reading("Rewritten", "Other words", 5)),
        ArrangeExercises(editor, a.id, (y.id, x.id)),
        ArrangeCourse(editor, course.id, ((second.id, (c.id, a.id)), (first.id, (b.id,)))),
        RemoveExercise(editor, y.id),
        RemoveSection(editor, course.id, first.id),
        RemoveLesson(editor, c.id),
    ):
        granted(await school.execute(command))
    kept = await school.store.course(course.id)
    assert (kept.title, kept.summary, kept.open) == ("Python!", "New", True)
    [section] = kept.sections
    assert (section.id, [found.id for found in section.lessons]) == (second.id, [a.id])
    assert (section.lessons[0].title, [e.title for e in section.lessons[0].exercises]) == ("Rewritten", ["Rewritten"])
    assert await school.store.text(course.id, section.lessons[0].text.digest) == "Other words"
    assert kept.version == course.version + 9


async def test_content_is_written_in_one_piece_with_all_its_texts(school: School) -> None:
    course = await school.course((2,), (1, 1), publish=False)
    kept = await school.store.course(course.id)
    assert kept.sections == course.sections
    texts = [found.text for found in kept.lessons] + [e.text for found in kept.lessons for e in found.exercises]
    for text in texts:
        body = await school.store.text(course.id, text.digest)
        assert body is not None
        assert len(body.encode()) == text.size


async def test_writing_the_same_content_again_changes_nothing(school: School) -> None:
    course = await school.course((1,), publish=False)
    once = await school.write(course.id, rewritten(course))
    twice = await school.write(course.id, rewritten(course))
    assert twice.version == once.version == course.version + 1


async def test_a_refused_edit_leaves_nothing_behind(school: School) -> None:
    course = await school.course((1,), publish=False)
    before = await school.store.course(course.id)
    too_long = lesson(text="x" * (TEXT_BYTES + 1))
    outcome = await school.execute(AddLesson(school.editor, course.id, course.sections[0].id, too_long))
    assert refusal(outcome) == TextTooLong(TEXT_BYTES)
    assert await school.store.course(course.id) == before


async def test_publishing_tells_the_others_the_outline(school: School) -> None:
    course = await school.course((2,), (1,))
    [published] = await school.events(CoursePublished)
    assert isinstance(published, CoursePublished)
    assert (published.course_id, published.revision, published.open) == (course.id, 1, False)
    assert [(found.position, found.lesson_id, found.exercise_ids) for found in published.lessons] == [
        (position, found.id, tuple(exercise.id for exercise in found.exercises))
        for position, found in enumerate(course.lessons, start=1)
    ]


async def test_publishing_twice_without_a_change_tells_them_once(school: School) -> None:
    course = await school.course((1,))
    again = await school.publish(course.id)
    assert again.revision == 1
    assert len(await school.events(CoursePublished)) == 1
    granted(await school.execute(DescribeCourse(school.editor, course.id, "Python!", "", is_open=True)))
    assert (await school.publish(course.id)).revision == 2
    _, second = await school.events(CoursePublished)
    assert isinstance(second, CoursePublished)
    assert (second.revision, second.open) == (2, True)


async def test_archiving_is_told_once(school: School) -> None:
    course = await school.course((1,))
    granted(await school.execute(ArchiveCourse(school.editor, course.id)))
    granted(await school.execute(ArchiveCourse(school.editor, course.id)))
    assert await school.events(CourseArchived) == [CourseArchived(course_id=course.id)]


def _edits(course: Course, editor: Editor) -> list[Command[Any]]:
    section, found = course.sections[0].id, course.lessons[0].id
    exercise = course.lessons[0].exercises[0].id
    return [
        DescribeCourse(editor, course.id, "A", "", is_open=False),
        ArrangeCourse(editor, course.id, ()),
        WriteCourse(editor, course.id, ()),
        PublishCourse(editor, course.id),
        ArchiveCourse(editor, course.id),
        AddSection(editor, course.id, "A"),
        RenameSection(editor, course.id, section, "A"),
        RemoveSection(editor, course.id, section),
        AddLesson(editor, course.id, section, lesson()),
        RewriteLesson(editor, found, lesson()),
        RemoveLesson(editor, found),
        ArrangeExercises(editor, found, ()),
        AddExercise(editor, found, reading()),
        RewriteExercise(editor, exercise, reading()),
        RemoveExercise(editor, exercise),
    ]


@pytest.mark.parametrize("by", [instructor(), Actor(new_id(), frozenset({"student"}))])
async def test_nobody_edits_the_course_of_another(school: School, by: Actor) -> None:
    course = await school.course((1,), publish=False)
    for command in _edits(course, Editor(by)):
        assert refusal(await school.execute(command)) == NotYourCourse(), command
    assert await school.store.course(course.id) == course


async def test_staff_edit_every_course(school: School) -> None:
    course = await school.course((1,), publish=False)
    granted(await school.execute(AddSection(Editor(staff()), course.id, "By staff")))


async def test_whoever_edits_what_they_have_not_seen_is_told_so(school: School) -> None:
    course = await school.course((1,), publish=False)
    seen = course.version
    granted(await school.execute(AddSection(Editor(school.instructor, seen), course.id, "In time")))
    for command in _edits(course, Editor(school.instructor, seen)):
        assert refusal(await school.execute(command)) == StaleVersion(expected=seen, current=seen + 1), command


async def test_what_is_in_no_course_cannot_be_edited(school: School) -> None:
    nothing, editor = new_id(), school.editor
    for command, missing in (
        (WriteCourse(editor, nothing, written((1,))), CourseNotFound(nothing)),
        (PublishCourse(editor, nothing), CourseNotFound(nothing)),
        (AddSection(editor, nothing, "A"), CourseNotFound(nothing)),
        (AddLesson(editor, nothing, nothing, lesson()), CourseNotFound(nothing)),
        (RewriteLesson(editor, nothing, lesson()), LessonNotFound(nothing)),
        (AddExercise(editor, nothing, reading()), LessonNotFound(nothing)),
        (RemoveExercise(editor, nothing), ExerciseNotFound(nothing)),
    ):
        assert refusal(await school.execute(command)) == missing
