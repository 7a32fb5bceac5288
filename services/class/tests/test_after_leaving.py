"""Marks that are corrected after their student has left: credits are where the student has gone with them."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from babyowl_chassis.testing import granted, refusal
from babyowl_kernel import Err
from class_management.domain.credit_errors import NoCreditLeft, StudentHasLeft
from class_management.domain.credits import CreditAccount
from class_management.domain.values import Mark

from .school import Planned, School

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


async def moved(school: School, student: UUID, home: Planned, there: Planned) -> None:
    granted(await school.execute(school.transfer(home.id, student, there.id)))


async def spend(school: School, class_: Planned, student: UUID, amount: int) -> None:
    granted(await school.execute(school.adjustment(class_.id, student, -amount)))


async def held(school: School, class_: Planned, student: UUID) -> CreditAccount:
    return await school.store.account(class_.id, student)


class TestTransferred:
    async def test_a_mark_that_is_taken_back_gives_its_credit_to_where_the_student_is(self, school: School) -> None:
        home, [student] = await school.running(type="private")
        there = await school.planned(type="private")
        await school.mark(home, student, "present")
        await moved(school, student, home, there)
        await school.mark(home, student, "absent")
        assert (await school.balance(home, student), await school.balance(there, student)) == (0, 8)

    async def test_and_marked_again_it_is_paid_from_there(self, school: School) -> None:
        home, [student] = await school.running(type="private")
        there = await school.planned(type="private")
        await moved(school, student, home, there)
        for status, left in (("absent", 8), ("present", 7), ("late", 7), ("excused", 8), ("present", 7)):
            await school.mark(home, student, status)  # type: ignore[arg-type]
            assert (await school.balance(home, student), await school.balance(there, student)) == (0, left)

    async def test_the_last_credit_goes_along_though_nothing_was_left_when_the_student_went(
        self, school: School
    ) -> None:
        home, [student] = await school.running(type="private", package=1)
        there = await school.planned(type="private")
        await school.mark(home, student, "present")
        await moved(school, student, home, there)
        assert await school.balance(there, student) == 0
        await school.mark(home, student, "absent")
        assert await school.balance(there, student) == 1

    async def test_a_mark_is_refused_if_nothing_is_left_there(self, school: School) -> None:
        home, [student] = await school.running(type="private")
        there = await school.planned(type="private")
        await moved(school, student, home, there)
        await spend(school, there, student, 8)
        assert refusal(await school.execute(school.marking(home, student, "present"))) == NoCreditLeft(student, 0)

    async def test_or_owed_where_the_class_gone_to_lets_them_owe(self, school: School) -> None:
        home, [student] = await school.running(type="private")
        there = await school.planned(type="private", zero_balance="owe")
        await moved(school, student, home, there)
        await spend(school, there, student, 8)
        await school.mark(home, student, "present")
        assert (await school.balance(home, student), await school.balance(there, student)) == (0, -1)
        await school.mark(home, student, "absent")
        assert await school.balance(there, student) == 0

    async def test_a_credit_that_would_have_expired_meanwhile_is_gone(self, school: School) -> None:
        home, [student] = await school.running(type="private", credit_days=30)
        there = await school.planned(type="private")
        await school.mark(home, student, "present")
        await moved(school, student, home, there)
        school.clock.now += 10 * DAY
        await school.mark(home, student, "absent")
        [lot] = (await held(school, there, student)).lots
        assert (lot.remaining, lot.granted) == (8, 8)
        assert lot.expires_at == (await school.store.ledger(home.id, student))[0].posted_at + 30 * DAY
        await school.mark(home, student, "present")
        school.clock.now += 30 * DAY
        await school.mark(home, student, "absent")
        assert await school.balance(there, student) == 0

    async def test_credits_are_found_after_two_transfers_and_back_again(self, school: School) -> None:
        first, [student] = await school.running(type="private")
        second, third = await school.planned(type="private"), await school.planned(type="private")
        await school.mark(first, student, "present")
        await moved(school, student, first, second)
        await moved(school, student, second, third)
        await school.mark(first, student, "absent")
        assert [await school.balance(class_, student) for class_ in (first, second, third)] == [0, 0, 8]
        await moved(school, student, third, first)
        await school.mark(first, student, "late")
        assert [await school.balance(class_, student) for class_ in (first, second, third)] == [7, 0, 0]
        [lot] = (await held(school, first, student)).lots
        assert (lot.origin, lot.granted, lot.remaining) == ("package", 8, 7)

    async def test_whoever_withdraws_after_that_is_settled_where_they_were_last(self, school: School) -> None:
        home, [student] = await school.running(type="private")
        there = await school.planned(type="private")
        await school.mark(home, student, "present")
        await moved(school, student, home, there)
        granted(await school.execute(school.withdrawal(there.id, student)))
        await school.mark(home, student, "absent")
        assert (await school.balance(home, student), await school.balance(there, student)) == (0, 8)

    async def test_who_comes_back_into_the_first_class_is_settled_there(self, school: School) -> None:
        home, [student] = await school.running(type="private")
        there = await school.planned(type="private")
        await school.mark(home, student, "present")
        await moved(school, student, home, there)
        granted(await school.execute(school.enrollment(home.id, student)))
        await school.mark(home, student, "absent")
        assert (await school.balance(home, student), await school.balance(there, student)) == (1, 7)

    async def test_a_register_settles_each_where_they_are(self, school: School) -> None:
        home, [gone, left, here] = await school.running(students=3, type="private")
        there = await school.planned(type="private")
        for student in (gone, left, here):
            await school.mark(home, student, "present")
        await moved(school, gone, home, there)
        granted(await school.execute(school.withdrawal(home.id, left)))
        entries = [Mark(student, "absent") for student in (gone, left, here)]
        granted(await school.execute(school.register_of(home, *entries)))
        assert [await school.balance(home, student) for student in (gone, left, here)] == [0, 8, 8]
        assert await school.balance(there, gone) == 8

    @pytest.mark.infra
    async def test_corrections_and_a_transfer_at_once_lose_no_credit(self, real_school: School) -> None:
        school = real_school
        home, students = await school.running(students=5, type="private")
        there = await school.planned(type="private")
        for student in students:
            await school.mark(home, student, "present")
            outcomes = await asyncio.gather(
                school.execute(school.marking(home, student, "absent")),
                school.execute(school.transfer(home.id, student, there.id)),
            )
            assert not [outcome for outcome in outcomes if isinstance(outcome, Err)]
            assert (await school.balance(home, student), await school.balance(there, student)) == (0, 8)


class TestMarkedBeforeLeaving:
    async def test_who_was_marked_before_the_meeting_began_and_left_then_can_be_corrected(
        self, school: School
    ) -> None:
        home, [student] = await school.running(type="private")
        school.clock.now = home.meetings[1].starts_at - 10 * MINUTE
        await school.mark(home, student, "present", meeting=2)
        school.clock.now += 5 * MINUTE
        granted(await school.execute(school.withdrawal(home.id, student)))
        school.clock.now += DAY
        await school.mark(home, student, "absent", meeting=2)
        assert await school.balance(home, student) == 8

    async def test_who_was_not_has_no_line_in_the_register(self, school: School) -> None:
        home, [student] = await school.running(type="private")
        granted(await school.execute(school.withdrawal(home.id, student)))
        left_at = school.clock.now
        school.clock.now = home.meetings[1].starts_at + DAY
        outcome = await school.execute(school.marking(home, student, "present", meeting=2))
        assert refusal(outcome) == StudentHasLeft(student, left_at)
