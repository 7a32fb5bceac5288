"""Guests at the same moment, on real Postgres: a seat, a credit and a voucher are each given once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.testing import granted
from babyowl_kernel import Command, Err, Ok
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.withdraw_student import WithdrawStudent
from class_management.domain.errors import StudentNotEnrolled
from class_management.domain.make_up_errors import MeetingNotAhead, NotYourMeeting, VoucherNotOpen
from class_management.domain.seat_errors import ClassFull, MeetingFull
from class_management.domain.vouchers import Voucher
from class_management.infrastructure.finders import Finder
from class_management.infrastructure.vouchers import SqlVouchers

from .guests import Exchange
from .school import School

pytestmark = pytest.mark.infra

ROUNDS = 5


async def at_once(school: School, *commands: Command[Any]) -> list[Any]:
    return list(await asyncio.gather(*(school.execute(command) for command in commands)))


def refusals(outcomes: list[Any]) -> list[object]:
    return [outcome.refusal for outcome in outcomes if isinstance(outcome, Err)]


async def assert_nothing_leaks(exchange: Exchange, students: list[UUID], meeting: int = 2) -> None:
    """Seats taken are guests booked, credits set aside are vouchers booked, and the ledgers add up."""
    vouchers = [await exchange.voucher(student) for student in students]
    booked = {voucher.student_id for voucher in vouchers if voucher.status == "booked"}
    assert await exchange.seated(meeting) == {
        voucher.student_id for voucher in vouchers if voucher.awaits(exchange.host.meetings[meeting - 1].id)
    }
    for student in students:
        balance, available = await exchange.left(student)
        assert balance - available == (1 if student in booked else 0)


async def excused(exchange: Exchange, number: int) -> list[Voucher]:
    """So many students with a voucher each."""
    students = [await exchange.school.enroll(exchange.home.id) for _ in range(number)]
    return [(await exchange.excused(student))[1] for student in students]


async def test_a_voucher_is_booked_once(real_school: School) -> None:
    exchange = await Exchange.between(real_school)
    for voucher in await excused(exchange, ROUNDS):
        outcomes = await at_once(real_school, *(exchange.booking(voucher, meeting) for meeting in (2, 3, 4)))
        assert refusals(outcomes) == [VoucherNotOpen("booked")] * 2
        assert await exchange.left(voucher.student_id) == (8, 7)
        seated = [await exchange.seated(meeting) for meeting in (2, 3, 4)]
        assert sum(voucher.student_id in guests for guests in seated) == 1


async def test_the_same_booking_sent_twice_takes_one_seat(real_school: School) -> None:
    exchange = await Exchange.between(real_school)
    [voucher] = await excused(exchange, 1)
    outcomes = await at_once(real_school, *[exchange.booking(voucher)] * 3)
    assert refusals(outcomes) == [VoucherNotOpen("booked")] * 2
    await assert_nothing_leaks(exchange, [voucher.student_id])


async def test_the_last_seat_of_a_meeting_is_lent_once(real_school: School) -> None:
    exchange = await Exchange.between(real_school, seats=2, residents=1)
    vouchers = await excused(exchange, 4)
    outcomes = await at_once(real_school, *(exchange.booking(voucher) for voucher in vouchers))
    assert refusals(outcomes) == [MeetingFull(exchange.host.meetings[1].id)] * 3
    assert len(await exchange.seated()) == 1
    await assert_nothing_leaks(exchange, [voucher.student_id for voucher in vouchers])


async def test_the_last_seat_is_lent_or_given_for_good(real_school: School) -> None:
    exchange = await Exchange.between(real_school, type="private", seats=1)
    [voucher] = await excused(exchange, 1)
    for _ in range(ROUNDS):
        newcomer = await real_school.register("student")
        enrollment = real_school.enrollment(exchange.host.id, newcomer)
        booked, enrolled = await at_once(real_school, exchange.booking(voucher), enrollment)
        if isinstance(booked, Ok):
            assert enrolled == Err(ClassFull(1))
            await assert_nothing_leaks(exchange, [voucher.student_id])
            granted(await real_school.execute(exchange.cancellation(voucher)))
        else:
            assert booked == Err(MeetingFull(exchange.host.meetings[1].id))
            granted(enrolled)
            await assert_nothing_leaks(exchange, [voucher.student_id])
            leaving = WithdrawStudent(class_id=exchange.host.id, student_id=newcomer, by=real_school.staff)
            granted(await real_school.execute(leaving))


async def test_a_guest_is_marked_or_cancels_in_the_last_minutes_but_not_both(real_school: School) -> None:
    exchange = await Exchange.between(real_school, seats=ROUNDS)
    vouchers = await excused(exchange, ROUNDS)
    for voucher in vouchers:
        granted(await real_school.execute(exchange.booking(voucher)))
    real_school.clock.now = exchange.starts(2) - timedelta(minutes=5)
    for voucher in vouchers:
        student = voucher.student_id
        marking = real_school.marking(exchange.host, student, "present", meeting=2)
        cancelled, marked = await at_once(real_school, exchange.cancellation(voucher), marking)
        if isinstance(cancelled, Ok):
            assert marked == Err(StudentNotEnrolled(student))
            assert await exchange.left(student) == (8, 8)
        else:
            assert cancelled == Err(VoucherNotOpen("used"))
            granted(marked)
            assert await exchange.left(student) == (7, 7)
    await assert_nothing_leaks(exchange, [voucher.student_id for voucher in vouchers])


async def test_nobody_is_expected_at_a_meeting_that_was_called_off_meanwhile(real_school: School) -> None:
    exchange = await Exchange.between(real_school)
    vouchers = await excused(exchange, 6)
    for meeting, voucher in enumerate(vouchers, start=2):
        meeting_id = exchange.host.meetings[meeting - 1].id
        calling_off = CancelMeeting(
            class_id=exchange.host.id, meeting_id=meeting_id, reason="Ill", replace=False, by=real_school.staff
        )
        booked, cancelled = await at_once(real_school, exchange.booking(voucher, meeting), calling_off)
        granted(cancelled)
        assert isinstance(booked, Ok) or booked == Err(MeetingNotAhead(meeting_id))
        assert (await exchange.voucher(voucher.student_id)).status == "open"
        assert await exchange.left(voucher.student_id) == (8, 8)
        assert await exchange.seated(meeting) == set()


async def test_who_leaves_takes_no_voucher_along_that_was_on_its_way(real_school: School) -> None:
    exchange = await Exchange.between(real_school)
    students = [await real_school.enroll(exchange.home.id) for _ in range(ROUNDS)]
    await exchange.begin()
    for student in students:
        leaving = WithdrawStudent(class_id=exchange.home.id, student_id=student, by=real_school.staff)
        excused_, left = await at_once(real_school, exchange.excuse(student), leaving)
        granted(left)
        assert isinstance(excused_, Ok) or excused_ == Err(NotYourMeeting(exchange.home.meetings[1].id))
        vouchers = await real_school.store.vouchers(student)
        assert [voucher.status for voucher in vouchers] == (["revoked"] if isinstance(excused_, Ok) else [])


async def test_an_excuse_is_corrected_while_it_is_made_up_for(real_school: School) -> None:
    exchange = await Exchange.between(real_school)
    for voucher in await excused(exchange, ROUNDS):
        student = voucher.student_id
        correction = real_school.marking(exchange.home, student, "absent")
        booked, corrected = await at_once(real_school, exchange.booking(voucher), correction)
        granted(corrected)
        assert isinstance(booked, Ok) or booked == Err(VoucherNotOpen("revoked"))
        assert (await exchange.voucher(student)).status == "revoked"
        await assert_nothing_leaks(exchange, [student])


async def test_a_register_without_excuses_or_guests_looks_at_no_voucher(
    real_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = await Exchange.between(real_school)
    student = await real_school.enroll(exchange.home.id)
    await exchange.begin()
    looked: list[str] = []

    async def look(_: SqlVouchers, finder: Finder, **binds: object) -> list[Voucher]:
        looked.append("at vouchers")
        return []

    monkeypatch.setattr(SqlVouchers, "_found", look)
    for status in ("present", "absent", "late"):
        await real_school.mark(exchange.home, student, status)
    assert looked == []
    await real_school.mark(exchange.home, student, "excused")
    assert looked == ["at vouchers"]
