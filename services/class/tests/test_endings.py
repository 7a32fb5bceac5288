"""How a class ends: completed with a summary, or called off; over both stores."""

from datetime import timedelta

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import class_ as contracts
from class_management.application.commands.excuse_self import ExcuseSelf
from class_management.domain.errors import ClassNotActive, ClassNotFound, ClassOver, MeetingsAhead
from class_management.domain.seat_errors import EnrollmentClosed

from .school import School, actor


async def summary(school: School) -> contracts.ClassCompleted:
    [completed] = [e for e in await school.store.events() if isinstance(e, contracts.ClassCompleted)]
    return completed


class TestCompletion:
    async def test_a_class_that_has_had_its_meetings_is_completed_with_a_summary(self, school: School) -> None:
        class_, [first, second] = await school.running(2, package=3)
        school.clock.now += timedelta(weeks=3)
        await school.mark(class_, first, "present", meeting=1)
        await school.mark(class_, second, "late", meeting=1)
        await school.mark(class_, first, "absent", meeting=2)
        await school.mark(class_, second, "excused", meeting=3)
        completed = granted(await school.execute(school.completion(class_.id)))
        assert (completed.status, completed.ended_at) == ("completed", school.clock())
        seats = (await school.store.class_(class_.id)).enrollments
        assert await summary(school) == contracts.ClassCompleted(
            class_id=class_.id,
            course_id=school.course_id,
            instructor_id=school.instructor.user_id,
            completed_at=school.clock(),
            meetings_held=2,
            meetings_planned=3,
            students=2,
            attended=2,
            marked=4,
            attendance_basis_points=5_000,
            credits_left=tuple(
                contracts.CreditsLeft(student_id=student, enrollment_id=seat.id, credits=2)
                for student, seat in seats.items()
            ),
        )

    async def test_without_a_mark_there_is_no_rate(self, school: School) -> None:
        class_, _ = await school.running(package=1)
        granted(await school.execute(school.completion(class_.id)))
        told = await summary(school)
        assert (told.meetings_held, told.marked, told.attendance_basis_points) == (0, 0, None)

    async def test_an_excuse_from_a_meeting_that_never_takes_place_is_not_in_the_summary(
        self, school: School
    ) -> None:
        class_, [first, second] = await school.running(2, package=3)
        await school.mark(class_, first, "present", meeting=1)
        excuse = ExcuseSelf(
            class_id=class_.id, meeting_id=class_.meetings[1].id, reason="A trip", by=actor("student", second)
        )
        granted(await school.execute(excuse))
        granted(await school.execute(school.completion(class_.id, cancel_remaining=True)))
        told = await summary(school)
        assert (told.meetings_held, told.attended, told.marked) == (1, 1, 1)
        assert told.attendance_basis_points == 10_000

    async def test_meetings_ahead_are_in_the_way_unless_they_are_cancelled(self, school: School) -> None:
        class_, _ = await school.running(package=4)
        assert refusal(await school.execute(school.completion(class_.id))) == MeetingsAhead(3)
        granted(await school.execute(school.completion(class_.id, cancel_remaining=True)))
        assert (await summary(school)).meetings_planned == 4
        timetable = await school.store.timetable(class_.id)
        assert [meeting.status for meeting in timetable.meetings] == ["planned", *["cancelled"] * 3]

    async def test_only_a_class_that_runs_is_completed_and_only_once(self, school: School) -> None:
        draft = await school.planned()
        outcome = await school.execute(school.completion(draft.id, cancel_remaining=True))
        assert refusal(outcome) == ClassNotActive(draft.id)
        class_, _ = await school.running(package=1)
        granted(await school.execute(school.completion(class_.id)))
        assert refusal(await school.execute(school.completion(class_.id))) == ClassNotActive(class_.id)
        unknown = new_id()
        assert refusal(await school.execute(school.completion(unknown))) == ClassNotFound(unknown)

    async def test_who_has_left_is_not_in_the_summary(self, school: School) -> None:
        class_, [stays, leaves] = await school.running(2, package=1)
        granted(await school.execute(school.withdrawal(class_.id, leaves)))
        granted(await school.execute(school.completion(class_.id)))
        assert [left.student_id for left in (await summary(school)).credits_left] == [stays]

    async def test_marks_can_still_be_corrected(self, school: School) -> None:
        class_, [student] = await school.running(package=1)
        await school.mark(class_, student, "present")
        granted(await school.execute(school.completion(class_.id)))
        await school.mark(class_, student, "absent")
        assert await school.balance(class_, student) == 1

    async def test_a_completed_private_class_takes_nobody_and_keeps_no_list(self, school: School) -> None:
        class_, _, [waiting] = await school.full(type="private", package=1)
        granted(await school.execute(school.activation(class_.id)))
        granted(await school.execute(school.completion(class_.id, cancel_remaining=True)))
        assert (await school.store.class_(class_.id)).seats.waiting == []
        assert refusal(await school.execute(school.enrollment(class_.id, waiting))) == EnrollmentClosed(class_.id)


class TestCancelling:
    @pytest.mark.parametrize("begun", [False, True])
    async def test_a_class_is_called_off_with_its_meetings_ahead(self, school: School, begun: bool) -> None:
        class_ = await school.planned()
        student = await school.enroll(class_.id)
        if begun:
            granted(await school.execute(school.activation(class_.id)))
        school.clock.now += timedelta(weeks=2)
        cancelled = granted(await school.execute(school.cancelling(class_.id, "Too few students")))
        assert (cancelled.status, cancelled.cancel_reason) == ("cancelled", "Too few students")
        statuses = [meeting.status for meeting in (await school.store.timetable(class_.id)).meetings]
        assert statuses == ["planned"] * 2 + ["cancelled"] * 6
        assert contracts.ClassCancelled(class_id=class_.id, course_id=school.course_id) in await school.store.events()
        assert await school.balance(class_, student) == 8
        assert (await school.store.account(class_.id, student)).closed_at is None

    async def test_offers_and_the_waiting_list_end_with_it(self, school: School) -> None:
        class_, [leaving, _], [first, second] = await school.full(waiting=2)
        granted(await school.execute(school.withdrawal(class_.id, leaving)))
        granted(await school.execute(school.cancelling(class_.id)))
        assert (await school.store.class_(class_.id)).seats.waiting == []
        events = await school.store.events()
        assert contracts.SeatOfferEnded(class_id=class_.id, student_id=first, outcome="withdrawn") in events
        for student in (first, second):
            assert contracts.WaitingListLeft(class_id=class_.id, student_id=student, reason="closed") in events

    async def test_what_is_over_stays_over(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(school.cancelling(class_.id)))
        student = await school.register("student")
        assert refusal(await school.execute(school.cancelling(class_.id))) == ClassOver(class_.id)
        assert refusal(await school.execute(school.activation(class_.id))) == ClassOver(class_.id)
        assert refusal(await school.execute(school.edit(class_.id, name="Owls"))) == ClassOver(class_.id)
        assert refusal(await school.execute(school.enrollment(class_.id, student))) == EnrollmentClosed(class_.id)
