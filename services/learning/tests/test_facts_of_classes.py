"""Seats are given up and taken again, lessons closed and opened, in whatever order one hears of it."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, granted, refusal, refused
from babyowl_contracts import Event
from babyowl_kernel import Ok
from learning.application.commands.note_access import NoteAccess
from learning.domain.course import Course
from learning.domain.errors import LessonLocked, NotEnrolled

from .academy import Academy, lessons_of, with_scripted_class
from .reports import called_off, created, edited, enrolled, locked, moved, stood_in, unlocked, withdrawn
from .school import School, envelope_with

CLASS, ANN = UUID(int=1), UUID(int=2)

ORDERS = [order for events in (2, 3) for order in itertools.permutations(range(events))]
"""The orders in which two events, or three, may come that open, close and open again."""


@pytest.fixture
def academy(served: Serving) -> Academy:
    return Academy(served)


async def reads_as_instructor(served: Serving, course: dict[str, Any], instructor_id: UUID) -> bool:
    """Whether the instructor may read a lesson of the course."""
    answer = await served.as_("instructor", instructor_id).get(f"/api/v1/lessons/{lessons_of(course)[0]['id']}")
    if answer.status_code != 200:
        assert refused(answer) == (403, "not_your_course")
    return answer.status_code == 200


async def reaches(school: School, course: Course, number: int = 0, student_id: UUID = ANN) -> bool:
    """Whether the student may complete an exercise of the lesson."""
    outcome = await school.complete(student_id, course.lessons[number].exercises[0].id)
    if not isinstance(outcome, Ok):
        assert isinstance(refusal(outcome), NotEnrolled | LessonLocked)
    return isinstance(outcome, Ok)


@pytest.mark.parametrize("order", ORDERS)
async def test_a_seat_is_what_the_last_event_of_the_class_made_of_it(school: School, order: tuple[int, ...]) -> None:
    course = await school.course((1,))
    await school.hear(unlocked(CLASS, course.id, course.lessons[0].id))
    both: list[Event] = [enrolled(CLASS, course.id, ANN), withdrawn(CLASS, course.id, ANN)]
    for index in order:
        await school.deliver(envelope_with(both[index % 2], sequence=index + 1))
    assert await reaches(school, course) is (len(order) == 3)


@pytest.mark.parametrize("whom", ["the class", "the student"])
@pytest.mark.parametrize("order", ORDERS)
async def test_a_lesson_is_as_the_last_event_left_it(school: School, order: tuple[int, ...], whom: str) -> None:
    course = await school.course((1,))
    await school.hear(enrolled(CLASS, course.id, ANN))
    lesson_id, student_id = course.lessons[0].id, None if whom == "the class" else ANN
    both: list[Event] = [
        unlocked(CLASS, course.id, lesson_id, student_id=student_id),
        locked(CLASS, course.id, lesson_id, student_id=student_id),
    ]
    for index in order:
        await school.deliver(envelope_with(both[index % 2], sequence=index + 1))
    assert await reaches(school, course) is (len(order) == 3)


async def test_locking_a_lesson_closes_that_one_alone_and_leaves_to_each_what_is_their_own(school: School) -> None:
    course = await school.course((1, 1))
    ben = new_id()
    first, second = (lesson.id for lesson in course.lessons)
    told: list[Event] = [
        enrolled(CLASS, course.id, ANN),
        enrolled(CLASS, course.id, ben),
        unlocked(CLASS, course.id, first, student_id=ANN),
        unlocked(CLASS, course.id, first, second),
        locked(CLASS, course.id, first),
    ]
    for sequence, event in enumerate(told, start=1):
        await school.deliver(envelope_with(event, sequence=sequence))
    assert await reaches(school, course, 0, ANN)
    assert not await reaches(school, course, 0, ben)
    assert await reaches(school, course, 1, ben)


async def test_who_gave_up_a_seat_in_one_class_still_reaches_what_another_has_opened(school: School) -> None:
    course = await school.course((1,))
    lesson_id, other = course.lessons[0].id, new_id()
    await school.hear(
        enrolled(other, course.id, ANN),
        unlocked(other, course.id, lesson_id),
        withdrawn(CLASS, course.id, ANN),
        unlocked(CLASS, course.id, lesson_id),
    )
    assert await reaches(school, course)


@pytest.mark.parametrize("event_first", [True, False])
async def test_an_answer_of_class_never_outweighs_an_event(school: School, event_first: bool) -> None:
    course = await school.course((1,))
    lesson_id = course.lessons[0].id
    answer = NoteAccess(ANN, CLASS, course.id, lesson_id, unlocked=True, for_class=True)
    if not event_first:
        granted(await school.execute(answer))
        assert await reaches(school, course)
    await school.hear(withdrawn(CLASS, course.id, ANN))
    if event_first:
        granted(await school.execute(answer))
    assert not await reaches(school, course)


async def test_what_class_said_is_open_to_all_is_closed_by_locking_it_for_all(school: School) -> None:
    course = await school.course((1,))
    lesson_id = course.lessons[0].id
    granted(await school.execute(NoteAccess(ANN, CLASS, course.id, lesson_id, unlocked=True, for_class=True)))
    await school.hear(locked(CLASS, course.id, lesson_id))
    assert not await reaches(school, course)


@pytest.mark.infra
async def test_who_withdrew_reads_nothing_keeps_their_progress_and_is_seen_by_the_class_no_more(
    academy: Academy, served: Serving
) -> None:
    course, teacher_id = await academy.course((1, 1)), new_id()
    student_id, class_id = await academy.seat(course, lessons=1, teacher_id=teacher_id)
    student, teacher = academy.student(student_id), served.as_("instructor", teacher_id)
    [first, _] = lessons_of(course)
    answered(await student.put(f"/api/v1/exercises/{first['exercises'][0]['id']}/completion"))
    of_class, of_me = f"/api/v1/progress/classes/{class_id}", f"/api/v1/progress/me/courses/{course['id']}"
    of_student = f"/api/v1/progress/courses/{course['id']}/students/{student_id}"
    assert len(answered(await teacher.get(of_class))["items"]) == 1
    answered(await teacher.get(of_student))

    await served.deliver(withdrawn(class_id, UUID(course["id"]), student_id), sequence=2)
    assert refused(await student.get(f"/api/v1/lessons/{first['id']}")) == (403, "not_enrolled")
    assert answered(await student.get(of_me))["percent"] == 50
    assert (await student.get(f"/api/v1/progress/me/classes/{class_id}")).status_code == 404
    assert answered(await teacher.get(of_class))["items"] == []
    assert refused(await teacher.get(of_student)) == (403, "not_your_course")

    await served.deliver(enrolled(class_id, UUID(course["id"]), student_id), sequence=3)
    answered(await student.get(f"/api/v1/lessons/{first['id']}"))
    assert len(answered(await teacher.get(of_class))["items"]) == 1


@pytest.mark.infra
@pytest.mark.parametrize("handed_over_first", [True, False])
async def test_a_class_that_is_handed_over_is_read_by_its_new_instructor_alone(
    academy: Academy,
    served: Serving,
    handed_over_first: bool,
) -> None:
    course, old, new, class_id = await academy.course((1,)), new_id(), new_id(), new_id()
    course_id = UUID(course["id"])
    told: list[tuple[int, Event]] = [
        (1, created(class_id, course_id, old)),
        (2, edited(class_id, course_id)),
        (3, edited(class_id, course_id, new)),
    ]
    for sequence, event in reversed(told) if handed_over_first else told:
        await served.deliver(event, sequence=sequence)
    path = f"/api/v1/lessons/{lessons_of(course)[0]['id']}"
    answered(await served.as_("instructor", new).get(path))
    assert refused(await served.as_("instructor", old).get(path)) == (403, "not_your_course")


@pytest.mark.infra
async def test_a_lesson_that_class_says_is_open_to_all_is_noted_for_all(academy: Academy, served: Serving) -> None:
    course, student_id = await academy.course((1,)), new_id()
    [lesson] = lessons_of(course)
    class_id = with_scripted_class(served).says(enrolled=True, unlocked=True, for_class=True)
    answered(await academy.student(student_id).get(f"/api/v1/lessons/{lesson['id']}"))
    database = served.resources.database
    assert await database.fetchval("SELECT count(*) FROM class_unlocks WHERE class_id = $1 AND open", class_id) == 1
    assert await database.fetchval("SELECT count(*) FROM student_unlocks") == 0


@pytest.mark.infra
@pytest.mark.parametrize("order", ORDERS)
async def test_a_substitute_reads_the_course_as_long_as_they_stand_in(
    academy: Academy, served: Serving, order: tuple[int, ...]
) -> None:
    course, sue, meeting_id = await academy.course((1,)), new_id(), new_id()
    course_id, path = UUID(course["id"]), f"/api/v1/lessons/{lessons_of(course)[0]['id']}"
    both: list[Event] = [stood_in(meeting_id, course_id, sue), stood_in(meeting_id, course_id, None)]
    for index in order:
        await served.deliver(both[index % 2], sequence=index + 1)
    answer = await served.as_("instructor", sue).get(path)
    if len(order) == 3:
        answered(answer)
    else:
        assert refused(answer) == (403, "not_your_course")
    assert refused(await served.as_("student", sue).get(path)) == (403, "not_enrolled")


@pytest.mark.infra
async def test_who_stands_in_at_a_meeting_that_is_called_off_reads_nothing_by_it(
    academy: Academy, served: Serving
) -> None:
    course, sue, meeting_id = await academy.course((1,)), new_id(), new_id()
    course_id, path = UUID(course["id"]), f"/api/v1/lessons/{lessons_of(course)[0]['id']}"
    await served.deliver(called_off(meeting_id, course_id), sequence=2)
    await served.deliver(stood_in(meeting_id, course_id, sue), sequence=1)
    assert refused(await served.as_("instructor", sue).get(path)) == (403, "not_your_course")
    await served.deliver(stood_in(new_id(), course_id, sue))
    answered(await served.as_("instructor", sue).get(path))


@pytest.mark.infra
@pytest.mark.parametrize(("days_ago", "reads"), [(-30, True), (0, True), (7, True), (8, False)])
async def test_who_stood_in_reads_the_course_for_a_week_after_the_meeting(
    academy: Academy, served: Serving, days_ago: int, reads: bool
) -> None:
    course, sue = await academy.course((1,)), new_id()
    day = datetime.now(UTC).date() - timedelta(days=days_ago)
    await served.deliver(stood_in(new_id(), UUID(course["id"]), sue, day))
    assert await reads_as_instructor(served, course, sue) is reads


@pytest.mark.infra
@pytest.mark.parametrize("moved_first", [True, False])
@pytest.mark.parametrize(("before", "after"), [(30, 0), (0, 30)])
async def test_the_week_of_a_substitute_moves_with_the_meeting(
    academy: Academy, served: Serving, before: int, after: int, moved_first: bool
) -> None:
    course, sue, meeting_id = await academy.course((1,)), new_id(), new_id()
    today, course_id = datetime.now(UTC).date(), UUID(course["id"])
    told: list[tuple[int, Event]] = [
        (1, stood_in(meeting_id, course_id, sue, today - timedelta(days=before))),
        (2, moved(meeting_id, course_id, today - timedelta(days=after))),
    ]
    for sequence, event in reversed(told) if moved_first else told:
        await served.deliver(event, sequence=sequence)
    assert await reads_as_instructor(served, course, sue) is (after == 0)


@pytest.mark.infra
async def test_a_move_that_does_not_tell_the_day_leaves_the_one_that_is_known(
    academy: Academy, served: Serving
) -> None:
    course, sue, meeting_id = await academy.course((1,)), new_id(), new_id()
    today, course_id = datetime.now(UTC).date(), UUID(course["id"])
    await served.deliver(stood_in(meeting_id, course_id, sue, today))
    old = replace(moved(meeting_id, course_id, today - timedelta(days=30)), meeting_date=None)
    await served.deliver(old, sequence=2)
    assert await reads_as_instructor(served, course, sue)
