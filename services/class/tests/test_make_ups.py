"""Make-ups as rules: who may, what it costs, and that seat and credit never come apart."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import get_args
from uuid import UUID

import pytest

from babyowl_chassis.testing import granted
from babyowl_contracts.class_ import (
    AttendanceMarked,
    MakeUpBooked,
    MakeUpCancelled,
    MakeUpVoucherEnded,
)
from babyowl_kernel import Err
from class_management.domain.credit_errors import NoCreditLeft
from class_management.domain.errors import MeetingNotFound, StudentNotEnrolled
from class_management.domain.make_up_errors import (
    BookingNotFound,
    ClassNotCompatible,
    MakeUpBegun,
    MeetingNotAhead,
    NotYourVoucher,
    VoucherNotFound,
    VoucherNotOpen,
)
from class_management.domain.seat_errors import AlreadyEnrolled, MeetingFull
from class_management.domain.values import SECOND_CHANCE, UNMARKED_GUEST_MISSED_AFTER, AttendanceStatus, Mark
from class_management.domain.vouchers import Voucher

from .guests import Exchange
from .school import Planned, School, actor

DEADLINE = timedelta(hours=2)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def exchange(school: School) -> Exchange:
    return await Exchange.between(school)


class TestBooking:
    async def test_a_free_seat_is_taken_and_a_credit_set_aside(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked()
        assert voucher.status == "booked"
        assert await exchange.seated() == {student}
        assert await exchange.left(student) == (8, 7)
        [booked] = await exchange.told(MakeUpBooked)
        assert (booked.class_id, booked.host_class_id) == (exchange.home.id, exchange.host.id)

    async def test_the_office_books_for_a_student(self, exchange: Exchange) -> None:
        _, voucher = await exchange.excused()
        granted(await exchange.school.execute(exchange.booking(voucher, by=exchange.school.staff)))
        assert (await exchange.voucher(voucher.student_id)).status == "booked"

    @pytest.mark.parametrize("role", ["student", "instructor"])
    async def test_nobody_else_does(self, exchange: Exchange, role: str) -> None:
        _, voucher = await exchange.excused()
        stranger = actor(role)
        assert await exchange.school.execute(exchange.booking(voucher, by=stranger)) == Err(
            NotYourVoucher(voucher.id)
        )
        cancelling = exchange.cancellation(voucher, by=stranger)
        assert await exchange.school.execute(cancelling) == Err(NotYourVoucher(voucher.id))

    async def test_one_voucher_is_one_seat(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked()
        assert await exchange.school.execute(exchange.booking(voucher, 3)) == Err(VoucherNotOpen("booked"))
        assert await exchange.seated(3) == set()
        assert await exchange.left(student) == (8, 7)

    async def test_a_full_meeting_takes_no_guest_and_no_credit(self, school: School) -> None:
        exchange = await Exchange.between(school, seats=2, residents=1)
        await exchange.school.enroll(exchange.home.id)
        first, _ = await exchange.booked()
        other = await _second_student(exchange)
        outcome = await school.execute(exchange.booking(await exchange.voucher(other)))
        assert outcome == Err(MeetingFull(exchange.host.meetings[1].id))
        assert await exchange.seated() == {first}
        assert await exchange.left(other) == (8, 8)

    async def test_without_a_credit_there_is_no_seat(self, exchange: Exchange) -> None:
        student, voucher = await exchange.excused()
        granted(await exchange.school.execute(exchange.school.adjustment(exchange.home.id, student, -8)))
        assert await exchange.school.execute(exchange.booking(voucher)) == Err(NoCreditLeft(student, 0))
        assert await exchange.seated() == set()
        assert (await exchange.voucher(student)).status == "open"

    async def test_not_at_a_meeting_that_has_begun(self, exchange: Exchange) -> None:
        _, voucher = await exchange.excused()
        exchange.school.clock.now = exchange.starts(2)
        outcome = await exchange.school.execute(exchange.booking(voucher, 2))
        assert outcome == Err(MeetingNotAhead(exchange.host.meetings[1].id))

    async def test_not_in_the_class_that_the_voucher_is_from(self, exchange: Exchange) -> None:
        _, voucher = await exchange.excused()
        at_home = Exchange(exchange.school, exchange.home, exchange.home)
        outcome = await exchange.school.execute(at_home.booking(voucher, 2))
        assert outcome == Err(ClassNotCompatible(exchange.home.id))

    async def test_not_in_a_class_of_another_course(self, exchange: Exchange) -> None:
        _, voucher = await exchange.excused()
        elsewhere = await School(exchange.school.store).open()
        await _refused_at(exchange, await elsewhere.planned(first_date=exchange.host.meetings[0].local_date), voucher)

    async def test_not_in_a_class_of_another_type(self, exchange: Exchange) -> None:
        _, voucher = await exchange.excused()
        private = await exchange.school.planned(
            type="private", first_date=exchange.home.meetings[0].local_date + 2 * DAY
        )
        await _refused_at(exchange, private, voucher)

    async def test_not_in_a_class_that_does_not_run_yet(self, exchange: Exchange) -> None:
        _, voucher = await exchange.excused()
        draft = await exchange.school.planned(first_date=exchange.home.meetings[0].local_date + 2 * DAY)
        outcome = await exchange.school.execute(Exchange(exchange.school, exchange.home, draft).booking(voucher))
        assert outcome == Err(ClassNotCompatible(draft.id))

    async def test_not_where_the_student_has_a_seat(self, exchange: Exchange) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.school.enroll(exchange.host.id, student)
        _, voucher = await exchange.excused(student)
        assert await exchange.school.execute(exchange.booking(voucher)) == Err(AlreadyEnrolled())

    async def test_not_without_a_voucher_or_a_meeting(self, exchange: Exchange) -> None:
        _, voucher = await exchange.excused()
        booking = exchange.booking(voucher)
        for command, refusal in (
            (replace(booking, voucher_id=exchange.home.id), VoucherNotFound(exchange.home.id)),
            (replace(booking, meeting_id=voucher.id), MeetingNotFound(voucher.id)),
            (replace(booking, class_id=exchange.home.id), MeetingNotFound(booking.meeting_id)),
        ):
            assert await exchange.school.execute(command) == Err(refusal)


class TestCancelling:
    async def test_seat_and_credit_are_free_again_and_so_is_the_voucher(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked()
        granted(await exchange.school.execute(exchange.cancellation(voucher)))
        assert (await exchange.voucher(student)).status == "open"
        assert await exchange.seated() == set()
        assert await exchange.left(student) == (8, 8)
        granted(await exchange.school.execute(exchange.booking(voucher, 3)))
        assert await exchange.seated(3) == {student}
        assert await exchange.left(student) == (8, 7)

    async def test_a_second_time_there_is_nothing_to_cancel(self, exchange: Exchange) -> None:
        _, voucher = await exchange.booked()
        granted(await exchange.school.execute(exchange.cancellation(voucher)))
        outcome = await exchange.school.execute(exchange.cancellation(voucher))
        assert outcome == Err(BookingNotFound(voucher.id))

    async def test_not_once_the_meeting_has_begun(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked()
        exchange.school.clock.now = exchange.starts(2)
        outcome = await exchange.school.execute(exchange.cancellation(voucher))
        assert outcome == Err(MakeUpBegun(exchange.starts(2)))
        assert await exchange.left(student) == (8, 7)

    async def test_it_is_told_who_did_it(self, exchange: Exchange) -> None:
        _, voucher = await exchange.booked()
        granted(await exchange.school.execute(exchange.cancellation(voucher)))
        granted(await exchange.school.execute(exchange.booking(voucher)))
        granted(await exchange.school.execute(exchange.cancellation(voucher, by=exchange.school.staff)))
        cancelled = await exchange.told(MakeUpCancelled)
        assert [event.by for event in cancelled] == ["student", "office"]


class TestTheGuestInTheRegister:
    @pytest.mark.parametrize(
        ("status", "balance", "voucher"),
        [("present", 7, "used"), ("late", 7, "used"), ("absent", 8, "missed"), ("excused", 8, "open")],
    )
    async def test_who_comes_pays_at_home_and_who_does_not_pays_nothing(
        self, exchange: Exchange, status: AttendanceStatus, balance: int, voucher: str
    ) -> None:
        student, _ = await exchange.booked()
        await exchange.mark_guest(student, status)
        assert await exchange.left(student) == (balance, balance)
        assert (await exchange.voucher(student)).status == voucher
        marks = await exchange.told(AttendanceMarked)
        [marked] = [event for event in marks if event.class_id == exchange.host.id]
        assert marked.guest

    @pytest.mark.parametrize("marks", [*permutations(get_args(AttendanceStatus), 3)])
    async def test_a_correction_leaves_what_marking_right_at_first_would_have(
        self, exchange: Exchange, marks: tuple[AttendanceStatus, ...]
    ) -> None:
        student, _ = await exchange.booked()
        for status in marks:
            await exchange.mark_guest(student, status)
        price = 1 if marks[-1] in ("present", "late") else 0
        expected = {"present": "used", "late": "used", "absent": "missed", "excused": "open"}[marks[-1]]
        assert await exchange.left(student) == (8 - price, 8 - price)
        assert (await exchange.voucher(student)).status == expected

    async def test_excused_from_the_make_up_the_voucher_is_good_for_two_more_weeks_at_least(
        self, exchange: Exchange
    ) -> None:
        student, voucher = await exchange.booked(meeting=8)
        exchange.school.clock.now = voucher.expires_at - DAY
        await exchange.mark_guest(student, "excused", meeting=8)
        assert (await exchange.voucher(student)).expires_at == exchange.school.clock.now + SECOND_CHANCE
        assert len(await exchange.school.store.vouchers(student)) == 1

    async def test_used_elsewhere_since_a_correction_is_paid_like_any_meeting(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked()
        await exchange.mark_guest(student, "excused")
        granted(await exchange.school.execute(exchange.booking(voucher, 4)))
        await exchange.mark_guest(student, "present")
        assert await exchange.left(student) == (7, 6)
        assert (await exchange.voucher(student)).awaits(exchange.host.meetings[3].id)
        await exchange.mark_guest(student, "absent")
        assert await exchange.left(student) == (8, 7)
        await exchange.mark_guest(student, "present", meeting=4)
        assert await exchange.left(student) == (7, 7)

    async def test_who_was_not_booked_has_no_line_there(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        exchange.school.clock.now = exchange.starts(3)
        marking = exchange.school.marking(exchange.host, student, "present", meeting=3)
        assert await exchange.school.execute(marking) == Err(StudentNotEnrolled(student))

    async def test_guests_and_residents_stand_in_one_register(self, school: School) -> None:
        exchange = await Exchange.between(school)
        resident = await school.enroll(exchange.host.id)
        guest, _ = await exchange.booked()
        school.clock.now = exchange.starts(2)
        register = school.register_of(exchange.host, Mark(resident, "present"), Mark(guest, "present"), meeting=2)
        granted(await school.execute(register))
        assert await exchange.left(guest) == (7, 7)
        assert await school.balance(exchange.host, resident) == 7

    async def test_a_guest_who_is_excused_gets_no_second_voucher(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked()
        await exchange.mark_guest(student, "excused")
        [only] = await exchange.school.store.vouchers(student)
        assert only.id == voucher.id


class TestTimePasses:
    async def test_an_open_voucher_expires_once(self, exchange: Exchange) -> None:
        student, voucher = await exchange.excused()
        for moment in (voucher.expires_at - MINUTE, voucher.expires_at, voucher.expires_at + DAY):
            exchange.school.clock.now = moment
            await exchange.end(voucher)
        assert (await exchange.voucher(student)).status == "expired"
        ended = await exchange.told(MakeUpVoucherEnded)
        assert [event.outcome for event in ended] == ["expired"]

    async def test_a_guest_whom_nobody_marks_gets_the_credit_back_after_two_weeks(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked()
        due = exchange.host.meetings[1].ends_at + UNMARKED_GUEST_MISSED_AFTER
        exchange.school.clock.now = due - MINUTE
        await exchange.end(voucher)
        assert await exchange.left(student) == (8, 7)
        exchange.school.clock.now = due
        for _ in range(2):
            await exchange.end(voucher)
        assert await exchange.left(student) == (8, 8)
        assert (await exchange.voucher(student)).status == "missed"

    @pytest.mark.parametrize(("status", "balance"), [("present", 7), ("absent", 8), ("excused", 8)])
    async def test_and_is_marked_all_the_same_when_somebody_remembers(
        self, exchange: Exchange, status: AttendanceStatus, balance: int
    ) -> None:
        student, voucher = await exchange.booked()
        exchange.school.clock.now = voucher.expires_at
        await exchange.end(voucher)
        await exchange.mark_guest(student, status)
        assert await exchange.left(student) == (balance, balance)


async def _second_student(exchange: Exchange) -> UUID:
    class_ = await exchange.school.store.class_(exchange.home.id)
    for student in class_.seats.enrollments:
        if not await exchange.school.store.vouchers(student):
            await exchange.excused(student)
            return student
    raise AssertionError("everybody has a voucher")


async def _refused_at(exchange: Exchange, host: Planned, voucher: Voucher) -> None:
    granted(await exchange.school.execute(exchange.school.activation(host.id)))
    outcome = await exchange.school.execute(Exchange(exchange.school, exchange.home, host).booking(voucher))
    assert outcome == Err(ClassNotCompatible(host.id))
