"""A voucher by itself: what it is good for, whatever happens to the excuse, the booking and the time."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted
from babyowl_kernel import Err, Ok
from class_management.domain.events import MakeUpBooked, MakeUpCancelled, VoucherEnded, VoucherIssued
from class_management.domain.make_up_errors import (
    BookingNotFound,
    MakeUpBegun,
    MeetingAfterExpiry,
    VoucherExpired,
    VoucherNotOpen,
)
from class_management.domain.values import SECOND_CHANCE, UNMARKED_GUEST_MISSED_AFTER, AttendanceStatus
from class_management.domain.vouchers import Booking, Voucher, expires_at

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
EXPIRY = NOW + 60 * DAY
HOST, MEETING, ELSEWHERE, STUDENT, OFFICE = (new_id() for _ in range(5))


def issued() -> Voucher:
    return Voucher.issue(
        attendance_id=new_id(),
        enrollment_id=new_id(),
        class_id=new_id(),
        course_id=new_id(),
        student_id=STUDENT,
        meeting_id=new_id(),
        expires_at=EXPIRY,
        now=NOW,
        new_id=new_id,
    )


def booked(starts_at: datetime = NOW + 7 * DAY) -> Voucher:
    voucher = issued()
    granted(voucher.book(HOST, MEETING, starts_at, starts_at + timedelta(hours=1), by=STUDENT, now=NOW))
    voucher.collect_events()
    return voucher


def booking_of(voucher: Voucher) -> Booking:
    assert voucher.booking is not None
    return voucher.booking


def kinds(voucher: Voucher) -> tuple[object, ...]:
    """What it has told since it was asked last."""
    return tuple(type(event) for event in voucher.collect_events())


class TestExpiry:
    @pytest.mark.parametrize(
        ("days", "now", "expected"),
        [
            (60, NOW, NOW + 60 * DAY),
            (1, NOW, NOW + DAY),
            (None, NOW, None),
            (1, NOW + DAY - MINUTE, NOW + DAY),
            (1, NOW + DAY, None),
        ],
    )
    def test_a_voucher_is_good_for_some_days_from_the_missed_meeting(
        self, days: int | None, now: datetime, expected: datetime | None
    ) -> None:
        assert expires_at(NOW, days, now=now) == expected

    @pytest.mark.parametrize(
        ("moment", "status"), [(EXPIRY - MINUTE, "open"), (EXPIRY, "expired"), (EXPIRY + DAY, "expired")]
    )
    def test_an_open_voucher_is_expired_from_its_last_moment_on(self, moment: datetime, status: str) -> None:
        assert issued().status_at(moment) == status

    def test_the_lapse_is_noted_and_told_once(self) -> None:
        voucher = issued()
        assert not voucher.lapse(now=EXPIRY - MINUTE)
        assert voucher.lapse(now=EXPIRY)
        assert not voucher.lapse(now=EXPIRY + DAY)
        assert voucher.status == "expired"
        assert kinds(voucher) == (VoucherIssued, VoucherEnded)

    def test_a_booked_voucher_does_not_lapse(self) -> None:
        voucher = booked()
        assert not voucher.lapse(now=EXPIRY + DAY)
        assert voucher.status_at(EXPIRY + DAY) == "booked"


class TestBooking:
    def test_an_open_voucher_is_booked_and_tells_of_it(self) -> None:
        voucher = issued()
        granted(voucher.book(HOST, MEETING, NOW + DAY, NOW + 2 * DAY, by=OFFICE, now=NOW))
        assert (voucher.status, booking_of(voucher).booked_by) == ("booked", OFFICE)
        assert voucher.awaits(MEETING)
        assert not voucher.awaits(ELSEWHERE)
        assert kinds(voucher) == (VoucherIssued, MakeUpBooked)

    def test_it_is_booked_once(self) -> None:
        outcome = booked().book(HOST, ELSEWHERE, NOW + DAY, NOW + 2 * DAY, by=STUDENT, now=NOW)
        assert outcome == Err(VoucherNotOpen("booked"))

    def test_a_revoked_one_is_not_booked(self) -> None:
        voucher = issued()
        voucher.revoke(now=NOW)
        outcome = voucher.book(HOST, MEETING, NOW + DAY, NOW + 2 * DAY, by=STUDENT, now=NOW)
        assert outcome == Err(VoucherNotOpen("revoked"))

    @pytest.mark.parametrize("noted", [True, False])
    def test_an_expired_one_is_not_booked_whether_or_not_the_lapse_was_noted(self, noted: bool) -> None:
        voucher = issued()
        if noted:
            voucher.lapse(now=EXPIRY)
        outcome = voucher.book(HOST, MEETING, EXPIRY + DAY, EXPIRY + 2 * DAY, by=STUDENT, now=EXPIRY)
        assert outcome == Err(VoucherExpired(EXPIRY))

    @pytest.mark.parametrize(("starts_at", "accepted"), [(EXPIRY - MINUTE, True), (EXPIRY, False)])
    def test_the_meeting_begins_before_the_voucher_expires(self, starts_at: datetime, accepted: bool) -> None:
        voucher = issued()
        outcome = voucher.book(HOST, MEETING, starts_at, starts_at + DAY, by=STUDENT, now=NOW)
        assert outcome == (Ok(voucher.booking) if accepted else Err(MeetingAfterExpiry(EXPIRY)))


class TestCancelling:
    def test_a_place_given_back_leaves_the_voucher_open(self) -> None:
        voucher = booked()
        given_back = granted(voucher.cancel(by="student", now=NOW))
        assert (given_back.meeting_id, voucher.status, voucher.expires_at) == (MEETING, "open", EXPIRY)
        assert kinds(voucher) == (MakeUpCancelled,)

    def test_what_is_not_booked_is_not_cancelled(self) -> None:
        voucher = issued()
        assert voucher.cancel(by="office", now=NOW) == Err(BookingNotFound(voucher.id))

    @pytest.mark.parametrize(("before_start", "accepted"), [(MINUTE, True), (timedelta(0), False), (-MINUTE, False)])
    def test_it_is_cancelled_before_the_meeting_begins(self, before_start: timedelta, accepted: bool) -> None:
        voucher = booked()
        starts_at = booking_of(voucher).starts_at
        booking = booking_of(voucher)
        outcome = voucher.cancel(by="student", now=starts_at - before_start)
        assert outcome == (Ok(booking) if accepted else Err(MakeUpBegun(starts_at)))
        assert voucher.status == ("open" if accepted else "booked")

    def test_a_settled_one_is_not_cancelled(self) -> None:
        voucher = booked()
        voucher.settle(booking_of(voucher), "present", now=NOW)
        assert voucher.cancel(by="student", now=NOW) == Err(VoucherNotOpen("used"))


class TestUndoing:
    def test_whose_meeting_is_no_more_gets_the_place_back_and_two_more_weeks_at_least(self) -> None:
        voucher = booked(EXPIRY - DAY)
        now = EXPIRY - 2 * DAY
        assert voucher.undo(now=now) is not None
        assert (voucher.status, voucher.expires_at) == ("open", now + SECOND_CHANCE)
        assert kinds(voucher) == (MakeUpCancelled, VoucherIssued)

    def test_a_voucher_never_gets_shorter_by_that(self) -> None:
        voucher = booked()
        voucher.undo(now=NOW)
        assert voucher.expires_at == EXPIRY

    @pytest.mark.parametrize("status", ["present", "absent"])
    def test_what_the_register_has_settled_stays(self, status: AttendanceStatus) -> None:
        voucher = booked()
        voucher.settle(booking_of(voucher), status, now=NOW)
        before = voucher.status
        assert voucher.undo(now=NOW) is None
        assert voucher.status == before

    def test_without_an_excuse_nothing_is_open_afterwards(self) -> None:
        voucher = booked()
        voucher.revoke(now=booking_of(voucher).starts_at)
        assert kinds(voucher) == ()
        voucher.undo(now=NOW + 8 * DAY)
        assert voucher.status == "revoked"
        assert kinds(voucher) == (MakeUpCancelled, VoucherEnded)


class TestRevoking:
    def test_without_the_excuse_there_is_no_right(self) -> None:
        voucher = issued()
        assert voucher.revoke(now=NOW) is None
        assert voucher.status == "revoked"
        assert kinds(voucher) == (VoucherIssued, VoucherEnded)

    def test_a_booking_ahead_is_given_up_with_it(self) -> None:
        voucher = booked()
        assert voucher.revoke(now=NOW) is not None
        assert voucher.status == "revoked"
        assert kinds(voucher) == (MakeUpCancelled, VoucherEnded)

    @pytest.mark.parametrize(("status", "expected"), [("late", "used"), ("absent", "missed"), ("excused", "revoked")])
    def test_what_has_begun_is_left_to_the_register(self, status: AttendanceStatus, expected: str) -> None:
        voucher = booked()
        booking = booking_of(voucher)
        assert voucher.revoke(now=booking.starts_at) is None
        voucher.settle(booking, status, now=booking.ends_at)
        assert voucher.status == expected

    def test_excused_again_it_is_as_it_was(self) -> None:
        voucher = issued()
        voucher.revoke(now=NOW)
        voucher.revoke(now=NOW)
        voucher.excuse_again()
        voucher.excuse_again()
        assert (voucher.status, voucher.expires_at) == ("open", EXPIRY)
        assert kinds(voucher) == (VoucherIssued, VoucherEnded, VoucherIssued)


class TestTheGuestsMark:
    @pytest.mark.parametrize(
        ("status", "expected"), [("present", "used"), ("late", "used"), ("absent", "missed"), ("excused", "open")]
    )
    def test_the_register_of_the_host_settles_it(self, status: AttendanceStatus, expected: str) -> None:
        voucher = booked()
        voucher.settle(booking_of(voucher), status, now=NOW + 7 * DAY)
        assert voucher.status == expected
        assert kinds(voucher) == (VoucherIssued if expected == "open" else VoucherEnded,)

    def test_excused_from_the_make_up_too_it_is_good_for_two_more_weeks_at_least(self) -> None:
        voucher = booked(EXPIRY - DAY)
        voucher.settle(booking_of(voucher), "excused", now=EXPIRY)
        assert voucher.status_at(EXPIRY) == "open"
        assert voucher.expires_at == EXPIRY + SECOND_CHANCE

    @pytest.mark.parametrize("marks", [*permutations(["present", "late", "absent", "excused"], 3)])
    def test_whatever_was_said_before_the_last_mark_counts(self, marks: tuple[AttendanceStatus, ...]) -> None:
        voucher, at_first = booked(), booked()
        booking = booking_of(voucher)
        for status in marks:
            voucher.settle(booking, status, now=NOW)
        at_first.settle(booking_of(at_first), marks[-1], now=NOW)
        assert voucher.status == at_first.status
        assert (voucher.booking is None) == (at_first.booking is None)

    def test_the_same_mark_again_changes_nothing(self) -> None:
        voucher = booked()
        booking = booking_of(voucher)
        voucher.settle(booking, "present", now=NOW)
        voucher.settle(booking, "late", now=NOW)
        assert kinds(voucher) == (VoucherEnded,)

    def test_a_correction_leaves_a_voucher_alone_that_has_gone_elsewhere(self) -> None:
        voucher = booked()
        booking = booking_of(voucher)
        voucher.settle(booking, "excused", now=NOW)
        granted(voucher.book(HOST, ELSEWHERE, NOW + 9 * DAY, NOW + 10 * DAY, by=STUDENT, now=NOW))
        voucher.settle(booking, "present", now=NOW)
        assert (voucher.status, booking_of(voucher).meeting_id) == ("booked", ELSEWHERE)


class TestNobodyMarksTheGuest:
    def test_two_weeks_after_the_meeting_it_counts_as_missed(self) -> None:
        voucher = booked()
        due = booking_of(voucher).ends_at + UNMARKED_GUEST_MISSED_AFTER
        assert voucher.miss(now=due - MINUTE) is None
        assert voucher.miss(now=due) is not None
        assert voucher.miss(now=due + DAY) is None
        assert voucher.status == "missed"
        assert kinds(voucher) == (VoucherEnded,)

    def test_and_is_corrected_like_any_other_mark(self) -> None:
        voucher = booked()
        booking = booking_of(voucher)
        voucher.miss(now=EXPIRY)
        voucher.settle(booking, "present", now=EXPIRY)
        assert voucher.status == "used"


def test_a_voucher_goes_along_to_another_class() -> None:
    voucher, class_id, course_id, enrollment_id = issued(), new_id(), new_id(), new_id()
    voucher.follow(class_id, course_id, enrollment_id)
    assert (voucher.class_id, voucher.course_id, voucher.enrollment_id) == (class_id, course_id, enrollment_id)
    assert kinds(voucher) == (VoucherIssued, VoucherIssued)
