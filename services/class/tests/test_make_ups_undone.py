"""What ends a make-up from outside: the meeting, the class, or the guest's own class is no longer what it was."""

from datetime import timedelta
from uuid import UUID

import pytest

from babyowl_chassis.testing import granted
from babyowl_contracts.class_ import MakeUpCancelled, SeatOffered
from babyowl_kernel import Err
from class_management.application.commands.cancel_class import CancelClass
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.complete_class import CompleteClass
from class_management.application.commands.join_waiting_list import JoinWaitingList
from class_management.application.commands.move_meeting import MoveMeeting
from class_management.application.commands.transfer_student import TransferStudent
from class_management.application.commands.withdraw_student import WithdrawStudent
from class_management.domain.credit_errors import CreditsSetAside
from class_management.domain.make_up_errors import HomeEnded
from class_management.domain.seat_errors import MeetingFull, StudentIsGuest
from class_management.domain.values import SECOND_CHANCE, AttendanceStatus

from .guests import Exchange
from .school import Planned, School

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
async def exchange(school: School) -> Exchange:
    return await Exchange.between(school)


def calling_off(school: School, class_: Planned, meeting: int = 2) -> CancelMeeting:
    meeting_id = class_.meetings[meeting - 1].id
    return CancelMeeting(
        class_id=class_.id, meeting_id=meeting_id, reason="The heating is broken", replace=False, by=school.staff
    )


async def assert_given_back(exchange: Exchange, student: UUID, *, voucher: str = "open") -> None:
    """The credit is free, the seat is, and the guest was told that it was not their doing."""
    assert await exchange.left(student) == (8, 8)
    assert await exchange.seated() == set()
    assert (await exchange.voucher(student)).status == voucher
    events = await exchange.school.store.events()
    assert [event.by for event in events if isinstance(event, MakeUpCancelled)] == ["class"]


class TestTheExcuse:
    async def test_who_comes_after_all_pays_with_the_credit_that_was_kept_for_the_make_up(
        self, exchange: Exchange
    ) -> None:
        student, _ = await exchange.booked()
        granted(await exchange.school.execute(exchange.school.adjustment(exchange.home.id, student, -7)))
        assert await exchange.left(student) == (1, 0)
        await exchange.school.mark(exchange.home, student, "present")
        assert await exchange.left(student) == (0, 0)
        assert await exchange.seated() == set()
        assert (await exchange.voucher(student)).status == "revoked"


class TestTheHost:
    async def test_a_cancelled_meeting_gives_seat_and_credit_back(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        granted(await exchange.school.execute(calling_off(exchange.school, exchange.host)))
        await assert_given_back(exchange, student)

    async def test_and_two_more_weeks_to_find_another_meeting(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked(meeting=8)
        exchange.school.clock.now = exchange.starts(8) - MINUTE
        assert exchange.school.clock.now + SECOND_CHANCE > voucher.expires_at
        granted(await exchange.school.execute(calling_off(exchange.school, exchange.host, 8)))
        assert (await exchange.voucher(student)).expires_at == exchange.school.clock.now + SECOND_CHANCE

    async def test_a_meeting_that_was_moved_is_not_the_one_that_was_booked(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        moving = MoveMeeting(
            class_id=exchange.host.id,
            meeting_id=exchange.host.meetings[1].id,
            local_date=exchange.host.meetings[1].local_date + DAY,
            by=exchange.school.staff,
        )
        granted(await exchange.school.execute(moving))
        await assert_given_back(exchange, student)

    async def test_a_class_that_is_called_off_has_no_guests(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        cancelling = CancelClass(class_id=exchange.host.id, reason="Too few", by=exchange.school.staff)
        granted(await exchange.school.execute(cancelling))
        await assert_given_back(exchange, student)

    async def test_nor_does_it_keep_the_credit_of_one_whom_nobody_marked(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        exchange.school.clock.now = exchange.host.meetings[1].ends_at
        cancelling = CancelClass(class_id=exchange.host.id, reason="Too few", by=exchange.school.staff)
        granted(await exchange.school.execute(cancelling))
        await assert_given_back(exchange, student)

    async def test_a_class_that_ends_early_has_no_guests_either(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        exchange.school.clock.now = exchange.starts(1)
        completing = CompleteClass(class_id=exchange.host.id, cancel_remaining=True, by=exchange.school.staff)
        granted(await exchange.school.execute(completing))
        await assert_given_back(exchange, student)

    async def test_a_guest_who_came_is_still_marked_after_the_class_was_completed(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        exchange.school.clock.now = exchange.host.meetings[1].ends_at
        completing = CompleteClass(class_id=exchange.host.id, cancel_remaining=True, by=exchange.school.staff)
        granted(await exchange.school.execute(completing))
        await exchange.mark_guest(student, "present")
        assert await exchange.left(student) == (7, 7)

    async def test_a_guest_is_not_enrolled_while_they_are_expected(self, school: School) -> None:
        exchange = await Exchange.between(school, type="private")
        student, _ = await exchange.booked()
        assert await school.execute(school.enrollment(exchange.host.id, student)) == Err(StudentIsGuest(student))


class TestWhoeverWaits:
    @pytest.fixture
    async def exchange(self, school: School) -> Exchange:
        """With one seat at the host's, which is lent for a meeting."""
        return await Exchange.between(school, type="private", seats=1)

    @pytest.mark.parametrize("how", ["cancelled by the guest", "called off", "left at home", "called off at home"])
    async def test_is_offered_the_seat_that_a_guest_gives_back(self, exchange: Exchange, how: str) -> None:
        school = exchange.school
        student = await school.enroll(exchange.home.id)
        await exchange.begin()
        granted(await school.execute(exchange.excuse(student, meeting=3)))
        voucher = await exchange.voucher(student)
        granted(await school.execute(exchange.booking(voucher)))
        waiting = await school.register("student")
        joining = JoinWaitingList(class_id=exchange.host.id, student_id=waiting, by=school.staff)
        granted(await school.execute(joining))
        match how:
            case "cancelled by the guest":
                granted(await school.execute(exchange.cancellation(voucher)))
            case "called off":
                granted(await school.execute(calling_off(school, exchange.host)))
            case "called off at home":
                granted(await school.execute(calling_off(school, exchange.home, 3)))
            case _:
                granted(await school.execute(withdrawal(exchange, student)))
        class_ = await school.store.class_(exchange.host.id)
        assert [place.student_id for place in class_.seats.offers] == [waiting]
        assert class_.seats.guests == []

    async def test_does_not_keep_a_guest_from_a_seat_that_nobody_took_in_time(self, exchange: Exchange) -> None:
        school = exchange.school
        resident = await school.enroll(exchange.host.id)
        _, voucher = await exchange.excused()
        waiting = await school.register("student")
        joining = JoinWaitingList(class_id=exchange.host.id, student_id=waiting, by=school.staff)
        granted(await school.execute(joining))
        leaving = WithdrawStudent(class_id=exchange.host.id, student_id=resident, by=school.staff)
        granted(await school.execute(leaving))
        assert await school.execute(exchange.booking(voucher, 3)) == Err(MeetingFull(exchange.host.meetings[2].id))
        school.clock.now += timedelta(hours=48)
        granted(await school.execute(exchange.booking(voucher, 3)))

    async def test_is_offered_nothing_in_a_class_that_ends(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        waiting = await exchange.school.register("student")
        joining = JoinWaitingList(class_id=exchange.host.id, student_id=waiting, by=exchange.school.staff)
        granted(await exchange.school.execute(joining))
        completing = CompleteClass(class_id=exchange.host.id, cancel_remaining=True, by=exchange.school.staff)
        granted(await exchange.school.execute(completing))
        assert not [event for event in await exchange.school.store.events() if isinstance(event, SeatOffered)]
        assert await exchange.left(student) == (8, 8)


class TestTheClassAtHome:
    async def test_nobody_makes_up_for_a_meeting_that_never_was(self, exchange: Exchange) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        granted(await exchange.school.execute(exchange.excuse(student, meeting=3)))
        granted(await exchange.school.execute(exchange.booking(await exchange.voucher(student))))
        granted(await exchange.school.execute(calling_off(exchange.school, exchange.home, 3)))
        await assert_given_back(exchange, student, voucher="revoked")

    async def test_who_leaves_makes_nothing_up(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked()
        granted(await exchange.school.execute(withdrawal(exchange, student)))
        await assert_given_back(exchange, student, voucher="revoked")
        outcome = await exchange.school.execute(exchange.booking(voucher))
        assert outcome == Err(HomeEnded(exchange.home.id))

    async def test_a_correction_after_that_opens_nothing_again(self, exchange: Exchange) -> None:
        student, _ = await exchange.excused()
        exchange.school.clock.now += DAY
        granted(await exchange.school.execute(withdrawal(exchange, student)))
        await exchange.school.mark(exchange.home, student, "absent")
        await exchange.school.mark(exchange.home, student, "excused")
        assert (await exchange.voucher(student)).status == "revoked"

    async def test_who_has_come_is_marked_and_pays_though_they_have_left(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        exchange.school.clock.now = exchange.host.meetings[1].ends_at
        granted(await exchange.school.execute(withdrawal(exchange, student)))
        await exchange.mark_guest(student, "present")
        assert await exchange.left(student) == (7, 7)
        assert (await exchange.voucher(student)).status == "used"

    @pytest.mark.parametrize("status", ["present", "absent"])
    async def test_a_voucher_that_was_used_or_missed_is_not_open_again_once_they_have_left(
        self, exchange: Exchange, status: AttendanceStatus
    ) -> None:
        student, voucher = await exchange.booked()
        await exchange.mark_guest(student, status)
        granted(await exchange.school.execute(withdrawal(exchange, student)))
        await exchange.mark_guest(student, "excused")
        assert await exchange.left(student) == (8, 8)
        assert (await exchange.voucher(student)).status == "revoked"
        assert await exchange.school.execute(exchange.booking(voucher, 3)) == Err(HomeEnded(exchange.home.id))

    async def test_nor_once_the_class_is_called_off(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        await exchange.mark_guest(student, "present")
        granted(await exchange.school.execute(cancelling(exchange)))
        await exchange.mark_guest(student, "excused")
        assert (await exchange.voucher(student)).status == "revoked"

    async def test_nor_once_the_meeting_they_made_up_for_is_cancelled(self, exchange: Exchange) -> None:
        student = await exchange.school.enroll(exchange.home.id)
        await exchange.begin()
        granted(await exchange.school.execute(exchange.excuse(student, meeting=4)))
        granted(await exchange.school.execute(exchange.booking(await exchange.voucher(student))))
        await exchange.mark_guest(student, "present")
        granted(await exchange.school.execute(calling_off(exchange.school, exchange.home, 4)))
        assert (await exchange.voucher(student)).status == "used"
        await exchange.mark_guest(student, "excused")
        assert (await exchange.voucher(student)).status == "revoked"

    async def test_a_class_that_is_called_off_takes_its_vouchers_along(self, exchange: Exchange) -> None:
        student, voucher = await exchange.booked()
        granted(await exchange.school.execute(cancelling(exchange)))
        await assert_given_back(exchange, student, voucher="revoked")
        assert await exchange.school.execute(exchange.booking(voucher)) == Err(HomeEnded(exchange.home.id))

    async def test_a_class_that_is_completed_can_still_be_made_up_for(self, exchange: Exchange) -> None:
        student, voucher = await exchange.excused()
        completing = CompleteClass(class_id=exchange.home.id, cancel_remaining=True, by=exchange.school.staff)
        granted(await exchange.school.execute(completing))
        granted(await exchange.school.execute(exchange.booking(voucher)))
        await exchange.mark_guest(student, "present")
        assert await exchange.left(student) == (7, 7)


class TestTransfer:
    @pytest.fixture
    async def exchange(self, school: School) -> Exchange:
        """Of private classes, which take students while they run."""
        return await Exchange.between(school, type="private")

    async def test_an_open_voucher_goes_along(self, exchange: Exchange) -> None:
        student, _ = await exchange.excused()
        granted(await exchange.school.execute(transfer(exchange, student)))
        voucher = await exchange.voucher(student)
        there = await exchange.school.store.account(exchange.host.id, student)
        assert (voucher.status, voucher.class_id, voucher.enrollment_id) == ("open", exchange.host.id, there.id)
        back = Exchange(exchange.school, exchange.host, exchange.home)
        granted(await exchange.school.execute(back.booking(voucher, 3)))
        assert await back.left(student) == (8, 7)

    async def test_a_correction_in_the_former_class_still_revokes_it(self, exchange: Exchange) -> None:
        student, _ = await exchange.excused()
        exchange.school.clock.now += DAY
        granted(await exchange.school.execute(transfer(exchange, student)))
        back = Exchange(exchange.school, exchange.host, exchange.home)
        granted(await exchange.school.execute(back.booking(await exchange.voucher(student), 3)))
        await exchange.school.mark(exchange.home, student, "absent")
        assert (await exchange.voucher(student)).status == "revoked"
        assert await back.left(student) == (8, 8)
        assert await back.seated(3) == set()
        await exchange.school.mark(exchange.home, student, "excused")
        assert (await exchange.voucher(student)).status == "open"

    async def test_a_used_voucher_goes_along_and_is_good_again_there_if_its_mark_is_corrected(
        self, exchange: Exchange
    ) -> None:
        school = exchange.school
        student, _ = await exchange.booked()
        await exchange.mark_guest(student, "present")
        third = await school.planned(type="private", first_date=exchange.starts(1).date() + DAY)
        granted(await school.execute(school.activation(third.id)))
        granted(await school.execute(transfer(exchange, student, third)))
        assert await school.balance(third, student) == 7
        await exchange.mark_guest(student, "excused")
        assert (await school.balance(exchange.home, student), await school.balance(third, student)) == (0, 8)
        voucher = await exchange.voucher(student)
        assert (voucher.status, voucher.class_id) == ("open", third.id)
        granted(await school.execute(exchange.booking(voucher, 3)))
        await exchange.mark_guest(student, "late", meeting=3)
        assert await school.balance(third, student) == 7

    async def test_the_credit_of_a_guest_goes_back_into_the_lot_it_came_from(self, exchange: Exchange) -> None:
        school = exchange.school
        student, _ = await exchange.booked()
        before = [lot.id for lot in (await school.store.account(exchange.home.id, student)).lots]
        await exchange.mark_guest(student, "present")
        third = await school.planned(type="private", first_date=exchange.starts(1).date() + DAY)
        granted(await school.execute(transfer(exchange, student, third)))
        await exchange.mark_guest(student, "absent")
        lots = {lot.id: lot.remaining for lot in (await school.store.account(third.id, student)).lots}
        assert lots == dict(zip(before, (8, 0), strict=True))

    async def test_nobody_is_transferred_with_a_make_up_booked(self, exchange: Exchange) -> None:
        student, _ = await exchange.booked()
        elsewhere = await exchange.school.planned(type="private", first_date=exchange.starts(1).date() + DAY)
        granted(await exchange.school.execute(exchange.school.activation(elsewhere.id)))
        outcome = await exchange.school.execute(transfer(exchange, student, elsewhere))
        assert outcome == Err(CreditsSetAside(student, 1))
        assert await exchange.seated() == {student}


def withdrawal(exchange: Exchange, student: UUID) -> WithdrawStudent:
    return WithdrawStudent(class_id=exchange.home.id, student_id=student, by=exchange.school.staff)


def cancelling(exchange: Exchange) -> CancelClass:
    return CancelClass(class_id=exchange.home.id, reason="Too few", by=exchange.school.staff)


def transfer(exchange: Exchange, student: UUID, to: Planned | None = None) -> TransferStudent:
    return TransferStudent(
        class_id=exchange.home.id,
        student_id=student,
        to_class_id=(to or exchange.host).id,
        by=exchange.school.staff,
    )
