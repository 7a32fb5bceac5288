"""Opening lessons and closing them again: by whom, for whom, how far."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import Event
from babyowl_contracts import class_ as contracts
from babyowl_kernel import Actor, Ok
from class_management.application.commands.assign_substitute import AssignSubstitute
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.lock_lessons import LockLessons
from class_management.application.commands.note_course import NoteCourse
from class_management.application.commands.unlock_lessons import UnlockLessons, UnlockUpTo
from class_management.domain.errors import (
    ClassNotFound,
    ClassOver,
    LessonBeyondMeetings,
    LessonNotInCourse,
    LessonOpenToAll,
    OnlyTheInstructorUnlocks,
    StudentNotEnrolled,
)
from class_management.domain.open_lessons import LessonUnlock

from .school import Planned, School, actor


def lessons_at(school: School, positions: Sequence[int]) -> tuple[UUID, ...]:
    return tuple(school.lessons[position - 1] for position in positions)


def unlock(
    school: School, class_id: UUID, *positions: int, student_id: UUID | None = None, by: Actor | None = None
) -> UnlockLessons:
    lesson_ids = lessons_at(school, positions)
    return UnlockLessons(class_id=class_id, lesson_ids=lesson_ids, student_id=student_id, by=by or school.instructor)


def unlock_up_to(
    school: School, class_id: UUID, position: int, *, student_id: UUID | None = None, by: Actor | None = None
) -> UnlockUpTo:
    [lesson_id] = lessons_at(school, [position])
    return UnlockUpTo(class_id=class_id, lesson_id=lesson_id, student_id=student_id, by=by or school.instructor)


def lock(
    school: School, class_id: UUID, *positions: int, student_id: UUID | None = None, by: Actor | None = None
) -> LockLessons:
    lesson_ids = lessons_at(school, positions)
    return LockLessons(class_id=class_id, lesson_ids=lesson_ids, student_id=student_id, by=by or school.instructor)


def positions(school: School, unlocks: Sequence[LessonUnlock]) -> list[int]:
    return sorted(school.lessons.index(unlock.lesson_id) + 1 for unlock in unlocks)


async def open_to(school: School, class_id: UUID, student_id: UUID | None = None) -> list[int]:
    """The positions of what the student reaches; without one, of what is open to all."""
    found = await school.store.open_lessons(class_id)
    return [n for n, lesson_id in enumerate(school.lessons, start=1) if found.is_unlocked(lesson_id, student_id)]


def substitution(school: School, class_: Planned, substitute_id: UUID | None) -> AssignSubstitute:
    meeting_id = class_.meetings[0].id
    return AssignSubstitute(class_id=class_.id, meeting_id=meeting_id, substitute_id=substitute_id, by=school.staff)


async def stand_in(school: School, class_: Planned) -> Actor:
    """Somebody who teaches the first meeting instead."""
    substitute = actor("instructor", await school.register("instructor"))
    granted(await school.execute(substitution(school, class_, substitute.user_id)))
    return substitute


async def last_told(school: School) -> Event:
    return (await school.store.events())[-1]


class TestUnlocking:
    async def test_many_lessons_are_unlocked_at_once(self, school: School) -> None:
        class_ = await school.planned()
        opened = granted(await school.execute(unlock(school, class_.id, 1, 2, 3)))
        assert positions(school, opened) == [1, 2, 3]
        told = await last_told(school)
        assert isinstance(told, contracts.LessonUnlocked)
        assert told.lesson_ids == tuple(school.lessons[:3])
        assert told.student_id is None

    async def test_unlocking_twice_is_unlocking_once(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(unlock(school, class_.id, 1, 1)))
        again = granted(await school.execute(unlock(school, class_.id, 1, 2)))
        assert positions(school, again) == [2]
        before = len(await school.store.events())
        assert granted(await school.execute(unlock(school, class_.id, 1, 2))) == ()
        assert len(await school.store.events()) == before

    async def test_a_lesson_is_unlocked_for_a_single_learner(self, school: School) -> None:
        class_ = await school.planned()
        ahead, other = await school.enroll(class_.id), await school.enroll(class_.id)
        granted(await school.execute(unlock(school, class_.id, 4, student_id=ahead)))
        assert await open_to(school, class_.id, ahead) == [4]
        assert await open_to(school, class_.id, other) == []
        granted(await school.execute(unlock(school, class_.id, 4)))
        assert await open_to(school, class_.id, other) == [4]

    async def test_a_single_learner_must_be_enrolled(self, school: School) -> None:
        class_, stranger = await school.planned(), await school.register("student")
        for command in (
            unlock(school, class_.id, 1, student_id=stranger),
            unlock_up_to(school, class_.id, 1, student_id=stranger),
            lock(school, class_.id, 1, student_id=stranger),
        ):
            assert refusal(await school.execute(command)) == StudentNotEnrolled(stranger)

    @pytest.mark.parametrize("package", [1, 8])
    async def test_lessons_open_up_to_the_number_of_meetings_and_not_beyond(
        self, school: School, package: int
    ) -> None:
        class_ = await school.planned(package=package)
        granted(await school.execute(unlock(school, class_.id, package)))
        refused = LessonBeyondMeetings(school.lessons[package], package + 1, package)
        assert refusal(await school.execute(unlock(school, class_.id, 1, package + 1))) == refused
        assert refusal(await school.execute(unlock_up_to(school, class_.id, package + 1))) == refused
        assert await open_to(school, class_.id) == [package]

    async def test_a_lesson_of_another_course_stays_closed(self, school: School) -> None:
        class_, foreign = await school.planned(), new_id()
        for command in (
            UnlockLessons(class_id=class_.id, lesson_ids=(foreign,), by=school.instructor),
            UnlockUpTo(class_id=class_.id, lesson_id=foreign, by=school.instructor),
            LockLessons(class_id=class_.id, lesson_ids=(foreign,), by=school.instructor),
        ):
            assert refusal(await school.execute(command)) == LessonNotInCourse(foreign)

    async def test_nothing_is_opened_or_closed_in_a_class_that_does_not_exist(self, school: School) -> None:
        nowhere = new_id()
        for command in (
            unlock(school, nowhere, 1),
            unlock_up_to(school, nowhere, 1),
            lock(school, nowhere, 1),
        ):
            assert refusal(await school.execute(command)) == ClassNotFound(nowhere)


class TestUnlockingUpToALesson:
    @pytest.mark.parametrize("last", [1, 5, 8])
    async def test_a_lesson_is_opened_with_all_that_come_before_it(self, school: School, last: int) -> None:
        class_ = await school.planned()
        opened = granted(await school.execute(unlock_up_to(school, class_.id, last)))
        assert positions(school, opened) == await open_to(school, class_.id) == list(range(1, last + 1))

    async def test_what_was_open_before_is_left_as_it_is(self, school: School) -> None:
        class_ = await school.planned()
        student = await school.enroll(class_.id)
        granted(await school.execute(unlock(school, class_.id, 2)))
        granted(await school.execute(unlock(school, class_.id, 4, student_id=student)))
        opened = granted(await school.execute(unlock_up_to(school, class_.id, 5, student_id=student)))
        assert positions(school, opened) == [1, 3, 5]
        assert await open_to(school, class_.id) == [2]
        assert await open_to(school, class_.id, student) == [1, 2, 3, 4, 5]

    async def test_one_event_tells_of_all_of_them(self, school: School) -> None:
        class_ = await school.planned()
        before = len(await school.store.events())
        granted(await school.execute(unlock_up_to(school, class_.id, 3)))
        assert len(await school.store.events()) == before + 1
        told = await last_told(school)
        assert isinstance(told, contracts.LessonUnlocked)
        assert set(told.lesson_ids) == set(school.lessons[:3])


class TestLocking:
    async def test_what_was_opened_to_the_class_is_closed_to_it(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(unlock(school, class_.id, 1, 2, 3)))
        closed = granted(await school.execute(lock(school, class_.id, 2, 3)))
        assert positions(school, closed) == [2, 3]
        assert await open_to(school, class_.id) == [1]
        told = await last_told(school)
        assert isinstance(told, contracts.LessonLocked)
        assert set(told.lesson_ids) == set(school.lessons[1:3])
        assert (told.student_id, told.locked_by) == (None, school.instructor.user_id)

    async def test_what_is_closed_stays_closed_and_is_no_event(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(unlock(school, class_.id, 1)))
        granted(await school.execute(lock(school, class_.id, 1, 1, 2)))
        before = len(await school.store.events())
        assert granted(await school.execute(lock(school, class_.id, 1, 2))) == ()
        assert len(await school.store.events()) == before

    async def test_a_lesson_is_opened_again_after_it_was_closed(self, school: School) -> None:
        class_ = await school.planned()
        for command in (unlock, lock, unlock):
            granted(await school.execute(command(school, class_.id, 1)))
        assert await open_to(school, class_.id) == [1]

    async def test_a_learner_loses_what_was_opened_for_them_alone(self, school: School) -> None:
        class_ = await school.planned()
        ahead, other = await school.enroll(class_.id), await school.enroll(class_.id)
        for student in (ahead, other):
            granted(await school.execute(unlock(school, class_.id, 4, student_id=student)))
        granted(await school.execute(lock(school, class_.id, 4, student_id=ahead)))
        assert await open_to(school, class_.id, ahead) == []
        assert await open_to(school, class_.id, other) == [4]

    async def test_a_lesson_that_is_open_to_all_is_not_closed_to_a_single_learner(self, school: School) -> None:
        class_ = await school.planned()
        student = await school.enroll(class_.id)
        granted(await school.execute(unlock(school, class_.id, 3, student_id=student)))
        granted(await school.execute(unlock(school, class_.id, 4)))
        outcome = await school.execute(lock(school, class_.id, 3, 4, student_id=student))
        assert refusal(outcome) == LessonOpenToAll(school.lessons[3])
        assert await open_to(school, class_.id, student) == [3, 4]

    async def test_whom_a_lesson_was_opened_for_alone_keeps_it_when_it_is_closed_to_the_class(
        self, school: School
    ) -> None:
        class_ = await school.planned()
        ahead, other = await school.enroll(class_.id), await school.enroll(class_.id)
        granted(await school.execute(unlock(school, class_.id, 4, student_id=ahead)))
        granted(await school.execute(unlock(school, class_.id, 4)))
        granted(await school.execute(lock(school, class_.id, 4)))
        assert await open_to(school, class_.id, ahead) == [4]
        assert await open_to(school, class_.id, other) == []

    async def test_a_lesson_that_the_course_has_lost_can_still_be_closed(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(unlock(school, class_.id, 5)))
        await school.execute(NoteCourse(school.publication(revision=2, lessons=4)))
        granted(await school.execute(lock(school, class_.id, 5)))
        assert await open_to(school, class_.id) == []
        refused = await school.execute(lock(school, class_.id, 5))
        assert refusal(refused) == LessonNotInCourse(school.lessons[4])


class TestWhoOpensLessons:
    @pytest.mark.parametrize("role", ["instructor", "staff", "super_admin", "student"])
    async def test_only_the_classs_own_instructor_does(self, school: School, role: str) -> None:
        class_, other = await school.planned(), actor(role)
        for command in (
            unlock(school, class_.id, 1, by=other),
            unlock_up_to(school, class_.id, 1, by=other),
            lock(school, class_.id, 1, by=other),
        ):
            assert refusal(await school.execute(command)) == OnlyTheInstructorUnlocks(class_.id)

    @pytest.mark.parametrize(
        ("now", "may"),
        [
            (datetime(2027, 2, 28, 22, 59, 59, tzinfo=UTC), False),
            (datetime(2027, 2, 28, 23, 0, tzinfo=UTC), True),
            (datetime(2027, 3, 1, 15, 0, tzinfo=UTC), True),
            (datetime(2027, 3, 1, 22, 59, 59, tzinfo=UTC), True),
            (datetime(2027, 3, 1, 23, 0, tzinfo=UTC), False),
            (datetime(2027, 3, 8, 15, 0, tzinfo=UTC), False),
        ],
        ids=str,
    )
    async def test_a_substitute_does_on_the_day_of_the_meeting_in_the_classs_zone(
        self, school: School, now: datetime, may: bool
    ) -> None:
        class_ = await school.planned()
        substitute = await stand_in(school, class_)
        school.clock.now = now
        for command in (
            unlock(school, class_.id, 1, by=substitute),
            unlock_up_to(school, class_.id, 2, by=substitute),
            lock(school, class_.id, 1, by=substitute),
        ):
            outcome = await school.execute(command)
            assert isinstance(outcome, Ok) if may else refusal(outcome) == OnlyTheInstructorUnlocks(class_.id)
        assert await open_to(school, class_.id) == ([2] if may else [])
        granted(await school.execute(unlock(school, class_.id, 3)))

    async def test_who_no_longer_stands_in_does_not(self, school: School) -> None:
        class_ = await school.planned()
        substitute = await stand_in(school, class_)
        granted(await school.execute(unlock(school, class_.id, 1, by=substitute)))
        granted(await school.execute(substitution(school, class_, None)))
        outcome = await school.execute(lock(school, class_.id, 1, by=substitute))
        assert refusal(outcome) == OnlyTheInstructorUnlocks(class_.id)

    async def test_who_stands_in_for_a_meeting_that_was_called_off_does_not(self, school: School) -> None:
        class_ = await school.planned()
        substitute = await stand_in(school, class_)
        meeting_id = class_.meetings[0].id
        calling_off = CancelMeeting(class_id=class_.id, meeting_id=meeting_id, reason="Storm", by=school.staff)
        granted(await school.execute(calling_off))
        outcome = await school.execute(unlock(school, class_.id, 1, by=substitute))
        assert refusal(outcome) == OnlyTheInstructorUnlocks(class_.id)

    async def test_who_stands_in_for_one_class_does_nothing_in_another(self, school: School) -> None:
        class_, other = await school.planned(), await school.planned()
        substitute = await stand_in(school, class_)
        outcome = await school.execute(unlock(school, other.id, 1, by=substitute))
        assert refusal(outcome) == OnlyTheInstructorUnlocks(other.id)


class TestSeatsAndEnds:
    async def test_nothing_is_opened_for_who_gave_their_seat_up_until_they_take_it_again(
        self, school: School
    ) -> None:
        class_ = await school.planned()
        student = await school.enroll(class_.id)
        granted(await school.execute(unlock(school, class_.id, 2, student_id=student)))
        granted(await school.execute(school.withdrawal(class_.id, student)))
        for command in (unlock, lock):
            outcome = await school.execute(command(school, class_.id, 2, student_id=student))
            assert refusal(outcome) == StudentNotEnrolled(student)
        await school.enroll(class_.id, student)
        assert await open_to(school, class_.id, student) == [2]
        granted(await school.execute(lock(school, class_.id, 2, student_id=student)))

    @pytest.mark.parametrize("end", ["completed", "cancelled"])
    async def test_what_is_open_when_a_class_ends_stays_open_and_nothing_more_is_opened(
        self, school: School, end: str
    ) -> None:
        class_, [student] = await school.running()
        granted(await school.execute(unlock(school, class_.id, 1)))
        ending = school.completion(class_.id, cancel_remaining=True)
        granted(await school.execute(ending if end == "completed" else school.cancelling(class_.id)))
        for command in (unlock(school, class_.id, 2), unlock_up_to(school, class_.id, 1), lock(school, class_.id, 1)):
            assert refusal(await school.execute(command)) == ClassOver(class_.id)
        assert await open_to(school, class_.id, student) == [1]

    async def test_a_meeting_that_is_called_off_closes_no_lesson_but_leads_to_one_less(self, school: School) -> None:
        class_ = await school.planned(type="private", package=3)
        granted(await school.execute(unlock(school, class_.id, 3)))
        calling_off = CancelMeeting(
            class_id=class_.id, meeting_id=class_.meetings[2].id, reason="Storm", replace=False, by=school.staff
        )
        granted(await school.execute(calling_off))
        assert await open_to(school, class_.id) == [3]
        beyond = await school.execute(unlock_up_to(school, class_.id, 3))
        assert refusal(beyond) == LessonBeyondMeetings(school.lessons[2], 3, 2)
