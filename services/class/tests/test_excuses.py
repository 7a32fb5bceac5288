"""Excuses as rules: who may excuse themselves, and the vouchers that follow what the register says."""

from datetime import timedelta
from itertools import permutations
from typing import get_args

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted
from babyowl_contracts.class_ import AttendanceMarked, MakeUpCancelled, MakeUpVoucherIssued
from babyowl_kernel import Err, Ok
from class_management.domain.errors import ClassNotActive
from class_management.domain.make_up_errors import AlreadyMarked, ExcuseTooLate, MeetingNotAhead, NotYourMeeting
from class_management.domain.values import AttendanceStatus, Mark

from .guests import Exchange
from .school import School

DEADLINE = timedelta(hours=2)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def exchange(school: School) -> Exchange:
    return await Exchange.between(school)


class TestExcusingOneself:
    async def test_a_student_says_in_time_that_they_will_not_come(self, exchange: Exchange) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        marked = granted(await exchange.school.execute(exchange.excuse(student)))
        assert (marked.attendance.status, marked.attendance.marked_by) == ("excused", student)
        assert await exchange.left(student) == (8, 8)
        history = await exchange.school.store.history(exchange.home.meetings[1].id, student)
        assert history == [(None, "excused", "A birthday")]

    async def test_and_gets_a_voucher_for_it(self, exchange: Exchange) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        granted(await exchange.school.execute(exchange.excuse(student)))
        voucher = await exchange.voucher(student)
        assert (voucher.status, voucher.meeting_id) == ("open", exchange.home.meetings[1].id)
        assert voucher.expires_at == exchange.home.meetings[1].starts_at + 60 * DAY
        [issued] = await exchange.told(MakeUpVoucherIssued)
        assert (issued.voucher_id, issued.expires_at) == (voucher.id, voucher.expires_at)

    @pytest.mark.parametrize(
        ("before_start", "accepted"), [(DEADLINE + MINUTE, True), (DEADLINE, False), (MINUTE, False)]
    )
    async def test_it_is_too_late_two_hours_before_the_meeting(
        self, exchange: Exchange, before_start: timedelta, accepted: bool
    ) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        starts_at = exchange.home.meetings[1].starts_at
        exchange.school.clock.now = starts_at - before_start
        outcome = await exchange.school.execute(exchange.excuse(student))
        assert isinstance(outcome, Ok) if accepted else outcome == Err(ExcuseTooLate(starts_at - DEADLINE))

    async def test_not_from_a_meeting_that_has_begun(self, exchange: Exchange) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        outcome = await exchange.school.execute(exchange.excuse(student, meeting=1))
        assert outcome == Err(MeetingNotAhead(exchange.home.meetings[0].id))

    async def test_not_before_the_class_has_begun(self, exchange: Exchange) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        outcome = await exchange.school.execute(exchange.excuse(student))
        assert outcome == Err(ClassNotActive(exchange.home.id))

    async def test_only_who_has_a_seat(self, exchange: Exchange) -> None:
        await exchange.begin()
        outcome = await exchange.school.execute(exchange.excuse(new_id()))
        assert outcome == Err(NotYourMeeting(exchange.home.meetings[1].id))

    async def test_said_twice_it_is_one_excuse_and_one_voucher(self, exchange: Exchange) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        for _ in range(2):
            granted(await exchange.school.execute(exchange.excuse(student)))
        assert len(await exchange.school.store.vouchers(student)) == 1
        assert len(await exchange.told(AttendanceMarked)) == 1

    async def test_what_the_school_has_written_down_is_not_for_the_student_to_change(
        self, exchange: Exchange
    ) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        granted(await exchange.school.execute(exchange.excuse(student)))
        exchange.school.clock.now = exchange.home.meetings[1].starts_at
        await exchange.school.mark(exchange.home, student, "present", meeting=2)
        exchange.school.clock.now -= 3 * HOUR
        assert await exchange.school.execute(exchange.excuse(student)) == Err(AlreadyMarked(student))


class TestVouchersFollowTheRegister:
    async def test_whoever_excuses_a_student_gives_them_a_voucher(self, exchange: Exchange) -> None:
        student, voucher = await exchange.excused()
        assert (voucher.status, voucher.student_id, voucher.class_id) == ("open", student, exchange.home.id)

    @pytest.mark.parametrize("status", ["present", "late", "absent"])
    async def test_other_marks_give_none(self, exchange: Exchange, status: AttendanceStatus) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        await exchange.school.mark(exchange.home, student, status)
        assert await exchange.school.store.vouchers(student) == []

    @pytest.mark.parametrize("marks", [*permutations(get_args(AttendanceStatus), 3)])
    async def test_a_correction_leaves_what_marking_right_at_first_would_have(
        self, exchange: Exchange, marks: tuple[AttendanceStatus, ...]
    ) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        for status in marks:
            await exchange.school.mark(exchange.home, student, status)
        good = [v for v in await exchange.school.store.vouchers(student) if v.status == "open"]
        assert len(good) == (1 if marks[-1] == "excused" else 0)

    async def test_without_the_excuse_the_booking_is_gone_and_with_it_the_seat(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        await exchange.school.mark(exchange.home, student, "absent")
        assert (await exchange.voucher(student)).status == "revoked"
        assert await exchange.seated() == set()
        assert await exchange.left(student) == (8, 8)
        [cancelled] = await exchange.told(MakeUpCancelled)
        assert cancelled.by == "class"

    async def test_an_absence_that_is_long_past_gives_none(self, exchange: Exchange) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        exchange.school.clock.now = exchange.home.meetings[0].starts_at + 60 * DAY
        await exchange.school.mark(exchange.home, student, "excused")
        assert await exchange.school.store.vouchers(student) == []

    async def test_a_whole_register_gives_one_to_each_who_is_excused(self, exchange: Exchange) -> None:
        students = [await exchange.school.enroll(exchange.home.id) for _ in range(3)]
        await exchange.begin()
        [first, second, third] = students
        marks = Mark(first, "excused"), Mark(second, "present"), Mark(third, "excused")
        register = exchange.school.register_of(exchange.home, *marks)
        granted(await exchange.school.execute(register))
        assert [len(await exchange.school.store.vouchers(student)) for student in students] == [1, 0, 1]
