"""Leaving a class, coming back, and moving to another with the credits that are left; over both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import class_ as contracts
from class_management.domain.credit_errors import CreditsOwed
from class_management.domain.errors import ClassNotFound, ClassOver, StudentNotEnrolled
from class_management.domain.seat_errors import AlreadyEnrolled, ClassFull, EnrollmentClosed, SameClass

from .school import NOON, School, SeatLine


class TestWithdrawing:
    async def test_who_leaves_gives_up_the_seat_and_keeps_the_account(self, school: School) -> None:
        class_, [student] = await school.running()
        await school.mark(class_, student, "present")
        now = school.clock()
        left = granted(await school.execute(school.withdrawal(class_.id, student, "Moved away")))
        assert (left.status, left.left_at) == ("withdrawn", now)
        assert (await school.store.class_(class_.id)).enrollments == {}
        account = await school.store.account(class_.id, student)
        assert account.closed_at == now
        assert await school.balance(class_, student) == 7
        assert (await school.store.events())[-1] == contracts.StudentWithdrawn(
            class_id=class_.id,
            course_id=school.course_id,
            student_id=student,
            enrollment_id=account.id,
            credits_left=7,
            reason="withdrawn",
            to_class_id=None,
        )

    async def test_who_has_no_seat_cannot_leave_it(self, school: School) -> None:
        class_, student = await school.planned(), await school.register("student")
        assert refusal(await school.execute(school.withdrawal(class_.id, student))) == StudentNotEnrolled(student)
        await school.enroll(class_.id, student)
        granted(await school.execute(school.withdrawal(class_.id, student)))
        assert refusal(await school.execute(school.withdrawal(class_.id, student))) == StudentNotEnrolled(student)

    async def test_nobody_leaves_what_is_over(self, school: School) -> None:
        class_, [student] = await school.running()
        granted(await school.execute(school.cancelling(class_.id)))
        assert refusal(await school.execute(school.withdrawal(class_.id, student))) == ClassOver(class_.id)

    async def test_who_comes_back_resumes_seat_and_ledger_without_a_second_package(self, school: School) -> None:
        class_, [student] = await school.running(type="private")
        await school.mark(class_, student, "present")
        before = await school.store.account(class_.id, student)
        granted(await school.execute(school.withdrawal(class_.id, student)))
        granted(await school.execute(school.enrollment(class_.id, student)))
        account = await school.store.account(class_.id, student)
        assert (account.id, account.closed_at) == (before.id, None)
        assert await school.balance(class_, student) == 7
        resumed = (await school.store.events())[-1]
        assert isinstance(resumed, contracts.StudentEnrolled)
        assert (resumed.enrollment_id, resumed.credits, resumed.resumed) == (before.id, 7, True)
        await school.mark(class_, student, "present", meeting=1)
        assert refusal(await school.execute(school.enrollment(class_.id, student))) == AlreadyEnrolled()

    async def test_a_group_that_runs_takes_nobody_back(self, school: School) -> None:
        class_, [student] = await school.running()
        granted(await school.execute(school.withdrawal(class_.id, student)))
        assert refusal(await school.execute(school.enrollment(class_.id, student))) == EnrollmentClosed(class_.id)

    async def test_who_comes_back_needs_a_free_seat_like_anybody(self, school: School) -> None:
        class_ = await school.planned(capacity=1)
        student = await school.enroll(class_.id)
        granted(await school.execute(school.withdrawal(class_.id, student)))
        await school.enroll(class_.id)
        assert refusal(await school.execute(school.enrollment(class_.id, student))) == ClassFull(1)

    async def test_package_credits_last_as_long_as_the_class_says(self, school: School) -> None:
        class_ = await school.planned(credit_days=90)
        student = await school.enroll(class_.id)
        [lot] = (await school.store.account(class_.id, student)).lots
        assert lot.expires_at == NOON + timedelta(days=90)


class TestHistory:
    async def test_it_says_who_came_and_went_when_where_to_and_why(self, school: School) -> None:
        home, there = await school.planned(), await school.planned()
        student = await school.enroll(home.id)
        staff, begun = school.staff.user_id, school.clock()
        school.clock.now += timedelta(days=1)
        granted(await school.execute(school.withdrawal(home.id, student, "Ill for a month")))
        school.clock.now += timedelta(days=30)
        await school.enroll(home.id, student)
        granted(await school.execute(school.transfer(home.id, student, there.id)))
        granted(await school.execute(school.transfer(there.id, student, home.id)))
        later = school.clock()
        assert await school.store.seat_changes(home.id, student) == [
            SeatLine(1, "enrolled", 8, None, staff, begun, None),
            SeatLine(2, "withdrawn", 8, None, staff, begun + timedelta(days=1), "Ill for a month"),
            SeatLine(3, "resumed", 8, None, staff, later, None),
            SeatLine(4, "transferred", 8, there.id, staff, later, None),
            SeatLine(5, "resumed", 8, there.id, staff, later, None),
        ]
        assert await school.store.seat_changes(there.id, student) == [
            SeatLine(1, "enrolled", 8, home.id, staff, later, None),
            SeatLine(2, "transferred", 8, home.id, staff, later, None),
        ]

    async def test_who_takes_an_offered_seat_enrolled_themselves(self, school: School) -> None:
        class_, [leaving, _], [student] = await school.full()
        granted(await school.execute(school.withdrawal(class_.id, leaving)))
        granted(await school.execute(school.acceptance(class_.id, student)))
        [line] = await school.store.seat_changes(class_.id, student)
        assert (line.change, line.changed_by) == ("enrolled", student)


class TestTransferring:
    async def test_seat_and_credits_move_together(self, school: School) -> None:
        home, [student] = await school.running(type="private")
        there = await school.planned(package=3)
        await school.mark(home, student, "present")
        moved = granted(await school.execute(school.transfer(home.id, student, there.id)))
        assert await school.balance(home, student) == 0
        assert await school.balance(there, student) == 7
        assert [line.cause for line in await school.store.ledger(there.id, student)] == ["transfer"]
        assert student not in (await school.store.class_(home.id)).enrollments
        assert (await school.store.class_(there.id)).enrollments[student] == moved.enrollment
        closed = (await school.store.account(home.id, student)).closed_at
        assert closed == school.clock()
        events = await school.store.events()
        [gone] = [event for event in events if isinstance(event, contracts.StudentWithdrawn)]
        assert (gone.credits_left, gone.reason, gone.to_class_id) == (7, "transferred", there.id)
        arrived = [event for event in events if isinstance(event, contracts.StudentEnrolled)][-1]
        assert (arrived.class_id, arrived.credits) == (there.id, 7)
        assert (arrived.transferred_from, arrived.resumed) == (home.id, False)

    async def test_credits_expire_when_they_would_have(self, school: School) -> None:
        home, there = await school.planned(credit_days=30), await school.planned(credit_days=300)
        student = await school.enroll(home.id)
        granted(await school.execute(school.transfer(home.id, student, there.id)))
        [lot] = (await school.store.account(there.id, student)).lots
        assert lot.expires_at == NOON + timedelta(days=30)

    async def test_there_and_back_again_is_the_first_seat_with_all_its_credits(self, school: School) -> None:
        home, there = await school.planned(), await school.planned()
        student = await school.enroll(home.id)
        first = (await school.store.class_(home.id)).enrollments[student]
        granted(await school.execute(school.transfer(home.id, student, there.id)))
        back = granted(await school.execute(school.transfer(there.id, student, home.id)))
        assert back.enrollment == replace(first, changes=3)
        assert await school.balance(home, student) == 8
        assert await school.balance(there, student) == 0
        again = granted(await school.execute(school.transfer(home.id, student, there.id)))
        assert again.account.id == (await school.store.account(there.id, student)).id
        assert await school.balance(there, student) == 8

    async def test_whoever_waits_at_home_moves_up(self, school: School) -> None:
        home, [leaving, _], [waiting] = await school.full()
        there = await school.planned()
        granted(await school.execute(school.transfer(home.id, leaving, there.id)))
        assert [place.student_id for place in (await school.store.class_(home.id)).seats.offers] == [waiting]

    async def test_a_transfer_needs_a_seat_in_a_class_that_takes_students(self, school: School) -> None:
        home = await school.planned()
        student = await school.enroll(home.id)
        full, _, _ = await school.full()
        begun, _ = await school.running()
        assert refusal(await school.execute(school.transfer(home.id, student, full.id))) == ClassFull(2)
        assert refusal(await school.execute(school.transfer(home.id, student, begun.id))) == EnrollmentClosed(
            begun.id
        )
        assert refusal(await school.execute(school.transfer(home.id, student, home.id))) == SameClass(home.id)
        nowhere = new_id()
        assert refusal(await school.execute(school.transfer(home.id, student, nowhere))) == ClassNotFound(nowhere)
        assert refusal(await school.execute(school.transfer(nowhere, student, home.id))) == ClassNotFound(nowhere)
        assert await school.balance(home, student) == 8
        assert student in (await school.store.class_(home.id)).enrollments

    async def test_only_who_has_a_seat_is_transferred(self, school: School) -> None:
        home, there = await school.planned(), await school.planned()
        student = await school.register("student")
        outcome = await school.execute(school.transfer(home.id, student, there.id))
        assert refusal(outcome) == StudentNotEnrolled(student)
        await school.enroll(home.id, student)
        granted(await school.execute(school.withdrawal(home.id, student)))
        outcome = await school.execute(school.transfer(home.id, student, there.id))
        assert refusal(outcome) == StudentNotEnrolled(student)

    async def test_who_owes_stays_until_it_is_settled(self, school: School) -> None:
        home, [student] = await school.running(package=1, zero_balance="owe", type="private")
        there = await school.planned()
        granted(await school.execute(school.adjustment(home.id, student, -3)))
        outcome = await school.execute(school.transfer(home.id, student, there.id))
        assert refusal(outcome) == CreditsOwed(student, 2)
        assert student in (await school.store.class_(home.id)).enrollments

    async def test_an_offer_there_is_accepted_by_the_transfer(self, school: School) -> None:
        home = await school.planned()
        student = await school.enroll(home.id)
        there, [leaving, _], _ = await school.full(waiting=0)
        granted(await school.execute(school.joining(there.id, student)))
        granted(await school.execute(school.withdrawal(there.id, leaving)))
        granted(await school.execute(school.transfer(home.id, student, there.id)))
        assert (await school.store.class_(there.id)).seats.waiting == []
        assert await school.balance(there, student) == 8

    @pytest.mark.parametrize("ended", ["cancelled", "completed"])
    async def test_credits_of_a_class_that_is_over_can_be_taken_elsewhere(self, school: School, ended: str) -> None:
        home, [student] = await school.running()
        there = await school.planned()
        command = (
            school.cancelling(home.id) if ended == "cancelled" else school.completion(home.id, cancel_remaining=True)
        )
        granted(await school.execute(command))
        granted(await school.execute(school.transfer(home.id, student, there.id)))
        assert await school.balance(there, student) == 8
