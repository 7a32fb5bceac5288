"""Students at work: the same promises over both stores."""

import itertools
import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import Event
from babyowl_contracts.learning import CourseCompleted, ExerciseCompleted, LessonCompleted
from learning.application.commands.catch_up import CatchUp
from learning.application.commands.complete_exercise import Completion
from learning.application.commands.edit_course import ArchiveCourse, DescribeCourse
from learning.application.commands.note_access import NoteAccess
from learning.domain.content import WrittenLesson, WrittenSection
from learning.domain.course import Course
from learning.domain.errors import ExerciseNotFound, LessonLocked, NotEnrolled

from .reports import created, enrolled, unlocked
from .school import School, envelope_with, lesson, rewritten, written


async def a_student(school: School, course: Course, *, lessons: int | None = None) -> UUID:
    """A student in a class of the course, for which the first lessons (or all) are unlocked."""
    student_id, class_id = new_id(), new_id()
    await school.hear(
        created(class_id, course.id),
        enrolled(class_id, course.id, student_id),
        unlocked(class_id, course.id, *(found.id for found in course.lessons[:lessons])),
    )
    return student_id


async def test_completing_everything_tells_of_each_exercise_each_lesson_and_the_course_once(school: School) -> None:
    course = await school.course((2, 1))
    student_id = await a_student(school, course)
    exercises = [exercise.id for found in course.lessons for exercise in found.exercises]
    for exercise_id in (*exercises, *exercises):
        granted(await school.complete(student_id, exercise_id))
    told = await school.events(ExerciseCompleted, LessonCompleted, CourseCompleted)
    first, second = course.lessons
    assert [type(event).__name__ for event in told] == [
        "ExerciseCompleted",
        "ExerciseCompleted",
        "LessonCompleted",
        "ExerciseCompleted",
        "LessonCompleted",
        "CourseCompleted",
    ]
    assert [event.exercise_id for event in told if isinstance(event, ExerciseCompleted)] == exercises
    assert [event.lesson_id for event in told if isinstance(event, LessonCompleted)] == [first.id, second.id]
    assert {event.student_id for event in told} == {student_id}  # type: ignore[attr-defined]
    assert (await school.progress(student_id, course.id)).percent == 100


async def test_a_repeat_gets_the_answer_of_the_first_time(school: School) -> None:
    course = await school.course((1,))
    student_id = await a_student(school, course)
    [found] = course.lessons
    exercise_id = found.exercises[0].id
    first = granted(await school.complete(student_id, exercise_id))
    assert first == Completion(exercise_id, found.id, course.id, school.clock.now)
    school.clock.turn(timedelta(days=1))
    assert granted(await school.complete(student_id, exercise_id)) == first


async def test_what_is_in_no_publication_cannot_be_completed(school: School) -> None:
    draft = await school.course((1,), publish=False)
    student_id = await a_student(school, draft)
    for exercise_id in (new_id(), draft.lessons[0].exercises[0].id, draft.lessons[0].id):
        assert refusal(await school.complete(student_id, exercise_id)) == ExerciseNotFound(exercise_id)


async def test_a_draft_edit_reaches_students_only_with_the_next_publication(school: School) -> None:
    course = await school.course((1,))
    student_id = await a_student(school, course)
    sections = [*rewritten(course), *written((1,))]
    edited = await school.write(course.id, sections)
    added = edited.lessons[1]
    await school.hear(unlocked(new_id(), course.id, added.id))
    assert refusal(await school.complete(student_id, added.exercises[0].id)) == ExerciseNotFound(
        added.exercises[0].id
    )
    await school.publish(course.id)
    outcome = await school.complete(student_id, added.exercises[0].id)
    assert refusal(outcome) == LessonLocked(course.id, added.id)


async def test_an_exercise_left_out_of_the_next_publication_is_gone(school: School) -> None:
    course = await school.course((2,))
    student_id = await a_student(school, course)
    [section] = rewritten(course)
    [found] = section.lessons
    shorter = WrittenSection(section.id, section.title, (WrittenLesson(found.id, lesson(), found.exercises[:1]),))
    await school.write(course.id, [shorter])
    await school.publish(course.id)
    kept, gone = course.lessons[0].exercises
    assert refusal(await school.complete(student_id, gone.id)) == ExerciseNotFound(gone.id)
    granted(await school.complete(student_id, kept.id))
    assert len(await school.events(CourseCompleted)) == 1


async def test_who_had_only_removed_exercises_left_catches_up_once(school: School) -> None:
    course = await school.course((2,))
    student_id = await a_student(school, course)
    kept, _ = course.lessons[0].exercises
    granted(await school.complete(student_id, kept.id))
    [section] = rewritten(course)
    [found] = section.lessons
    shorter = WrittenSection(section.id, section.title, (WrittenLesson(found.id, lesson(), found.exercises[:1]),))
    await school.write(course.id, [shorter])
    await school.execute(CatchUp(student_id, course.id))
    assert await school.events(CourseCompleted) == []
    await school.publish(course.id)
    for _ in range(2):
        await school.execute(CatchUp(student_id, course.id))
        await school.execute(CatchUp(new_id(), course.id))
    assert len(await school.events(LessonCompleted)) == len(await school.events(CourseCompleted)) == 1
    assert (await school.progress(student_id, course.id)).percent == 100


async def test_a_completed_course_stays_complete_when_it_grows(school: School) -> None:
    course = await school.course((1,))
    student_id = await a_student(school, course)
    granted(await school.complete(student_id, course.lessons[0].exercises[0].id))
    grown = await school.write(course.id, [*rewritten(course), *written((1, 1))])
    await school.publish(course.id)
    class_id = new_id()
    await school.hear(
        enrolled(class_id, course.id, student_id),
        unlocked(class_id, course.id, *(found.id for found in grown.lessons)),
    )
    granted(await school.complete(student_id, grown.lessons[1].exercises[0].id))
    progress = await school.progress(student_id, course.id)
    assert (progress.percent, progress.revision) == (100, 1)
    assert progress.completed_at is not None
    assert len(await school.events(CourseCompleted)) == 1


async def test_without_a_seat_in_a_class_of_the_course_nothing_is_reached(school: School) -> None:
    course, other = await school.course((1,)), await school.course((1,))
    outsider = await a_student(school, other)
    [found] = course.lessons
    outcome = await school.complete(outsider, found.exercises[0].id)
    assert refusal(outcome) == NotEnrolled(course.id, found.id)


async def test_a_class_of_another_course_unlocks_nothing_in_this_one(school: School) -> None:
    course, other = await school.course((1,)), await school.course((1,))
    student_id, class_id, other_class = new_id(), new_id(), new_id()
    [found] = course.lessons
    await school.hear(
        enrolled(class_id, course.id, student_id),
        enrolled(other_class, other.id, student_id),
        unlocked(other_class, other.id, found.id),
    )
    outcome = await school.complete(student_id, found.exercises[0].id)
    assert refusal(outcome) == LessonLocked(course.id, found.id)


async def test_a_lesson_is_unlocked_for_a_class_or_for_one_student_of_it(school: School) -> None:
    course = await school.course((1, 1))
    class_id, ann, ben = new_id(), new_id(), new_id()
    first, second = course.lessons
    await school.hear(
        enrolled(class_id, course.id, ann),
        enrolled(class_id, course.id, ben),
        unlocked(class_id, course.id, first.id),
        unlocked(class_id, course.id, second.id, student_id=ann),
    )
    for student_id in (ann, ben):
        granted(await school.complete(student_id, first.exercises[0].id))
    granted(await school.complete(ann, second.exercises[0].id))
    outcome = await school.complete(ben, second.exercises[0].id)
    assert refusal(outcome) == LessonLocked(course.id, second.id)


async def test_an_open_course_needs_no_class_from_its_next_publication_on(school: School) -> None:
    course = await school.course((1,))
    exercise_id, student_id = course.lessons[0].exercises[0].id, new_id()
    granted(await school.execute(DescribeCourse(school.editor, course.id, "Python", "", is_open=True)))
    refusal(await school.complete(student_id, exercise_id))
    await school.publish(course.id)
    granted(await school.complete(student_id, exercise_id))


async def test_running_classes_go_on_with_an_archived_course(school: School) -> None:
    course = await school.course((1,))
    student_id = await a_student(school, course)
    granted(await school.execute(ArchiveCourse(school.editor, course.id)))
    granted(await school.complete(student_id, course.lessons[0].exercises[0].id))


async def test_what_class_said_when_asked_is_as_good_as_its_events(school: School) -> None:
    course = await school.course((1, 1))
    student_id, class_id = new_id(), new_id()
    first, second = course.lessons
    granted(
        await school.execute(NoteAccess(student_id, class_id, course.id, first.id, unlocked=False, for_class=False))
    )
    outcome = await school.complete(student_id, first.exercises[0].id)
    assert refusal(outcome) == LessonLocked(course.id, first.id)
    granted(
        await school.execute(NoteAccess(student_id, class_id, course.id, first.id, unlocked=True, for_class=False))
    )
    await school.hear(enrolled(class_id, course.id, student_id), unlocked(class_id, course.id, first.id))
    granted(await school.complete(student_id, first.exercises[0].id))
    outcome = await school.complete(student_id, second.exercises[0].id)
    assert refusal(outcome) == LessonLocked(course.id, second.id)


def _orders(events: Sequence[Event]) -> list[tuple[Event, ...]]:
    return list(itertools.permutations(events))


@pytest.mark.parametrize("order", range(6))
async def test_facts_of_a_class_converge_in_any_order(school: School, order: int) -> None:
    course = await school.course((1,))
    student_id, class_id = new_id(), new_id()
    [found] = course.lessons
    events: list[Event] = [
        created(class_id, course.id),
        enrolled(class_id, course.id, student_id),
        unlocked(class_id, course.id, found.id),
    ]
    await school.hear(*_orders(events)[order])
    granted(await school.complete(student_id, found.exercises[0].id))


async def test_facts_delivered_five_times_and_shuffled_leave_the_same_way_open(school: School) -> None:
    course = await school.course((1, 1, 1))
    class_id, students = new_id(), [new_id() for _ in range(4)]
    first, second, third = course.lessons
    events: list[Event] = [
        created(class_id, course.id),
        *(enrolled(class_id, course.id, student_id) for student_id in students),
        unlocked(class_id, course.id, first.id),
        unlocked(class_id, course.id, first.id, second.id),
        unlocked(class_id, course.id, third.id, student_id=students[0]),
    ]
    deliveries = [envelope_with(event) for event in events] * 5
    random.Random(7).shuffle(deliveries)
    effects = [await school.deliver(envelope) for envelope in deliveries]
    assert effects.count(True) == len(events)
    for student_id in students:
        for found, way in ((first, True), (second, True), (third, student_id == students[0])):
            outcome = await school.complete(student_id, found.exercises[0].id)
            if way:
                granted(outcome)
            else:
                assert refusal(outcome) == LessonLocked(course.id, found.id)
