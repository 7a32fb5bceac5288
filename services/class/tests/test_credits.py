"""An account on its own: which credit is spent, when one lapses, what is owed, and where corrections give back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_kernel import Result
from class_management.domain.attendance import Attendance
from class_management.domain.credit_errors import (
    AdjustmentRefused,
    CreditsOwed,
    CreditsSetAside,
    ExpiredBefore,
    GrantOutOfRange,
    NoCreditLeft,
    PurchaseAlreadyRecorded,
    StudentHasLeft,
)
from class_management.domain.credits import CreditAccount
from class_management.domain.events import CreditPosted
from class_management.domain.lots import Lot
from class_management.domain.values import AttendanceStatus, Mark, MeetingRegister, ZeroBalance

from .school import NOON

DAY = timedelta(days=1)
BY = UUID(int=7)


@dataclass
class Book:
    """An account in the hand of somebody who keeps it, and turns the clock."""

    zero_balance: ZeroBalance = "refuse"
    now: datetime = NOON
    lines: list[CreditPosted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account = CreditAccount(
            id=new_id(),
            class_id=new_id(),
            student_id=new_id(),
            zero_balance=self.zero_balance,
            lots=[],
            owed=0,
            entries=0,
            last_entry_at=NOON - DAY,
        )

    def wait(self, time: timedelta) -> None:
        self.now += time

    def buy(self, amount: int, *, days: int | None = None, reference: str | None = None) -> UUID:
        bought = self.account.grant(
            amount,
            "purchase",
            reference=reference or str(new_id()),
            expires_at=None if days is None else self.now + days * DAY,
            by=BY,
            now=self.now,
            new_id=new_id,
        )
        return granted(bought).id

    def adjust(self, amount: int) -> Result[CreditAccount, AdjustmentRefused]:
        return self.account.adjust(amount, reason="Agreed", by=BY, now=self.now, new_id=new_id)

    def meeting(self) -> Attendance:
        return Attendance(id=new_id(), class_id=self.account.class_id, meeting_id=new_id(), student_id=new_id())

    def mark(self, attendance: Attendance, status: AttendanceStatus) -> UUID | None:
        """Mark and charge, as the register does; the lot that has paid."""
        charged = self.account.charge_difference(attendance, status, by=BY, now=self.now, new_id=new_id)
        entry = Mark(attendance.student_id, status)
        attendance.mark(self.register(attendance), entry, paid_from=granted(charged), by=BY, now=self.now)
        return attendance.lot_id

    def register(self, attendance: Attendance) -> MeetingRegister:
        return MeetingRegister(
            class_id=attendance.class_id,
            course_id=new_id(),
            instructor_id=BY,
            class_status="active",
            make_up_days=None,
            excuse_deadline=timedelta(0),
            meeting_id=attendance.meeting_id,
            meeting_status="planned",
            taught_by=BY,
            local_date=self.now.date(),
            starts_at=self.now,
            ends_at=self.now,
        )

    def attend(self) -> UUID | None:
        return self.mark(self.meeting(), "present")

    def set_aside(self, voucher_id: UUID) -> Result[Lot, NoCreditLeft]:
        return self.account.set_aside(voucher_id, by=BY, now=self.now, new_id=new_id)

    def release(self, voucher_id: UUID) -> None:
        self.account.release(voucher_id, by=BY, now=self.now, new_id=new_id)

    def remaining(self) -> list[int]:
        """What is left of each lot, in the order they came."""
        return [lot.remaining for lot in self.account.lots]

    def ledger(self) -> list[tuple[str, int]]:
        """All lines so far, having checked that they add up: by lot, without one, and all in all."""
        self.lines += [event for event in self.account.collect_events() if isinstance(event, CreditPosted)]
        total, sums = 0, dict[UUID | None, int]()
        for number, line in enumerate(self.lines, start=1):
            total += line.amount
            sums[line.lot_id] = sums.get(line.lot_id, 0) + line.amount
            assert (line.number, line.balance) == (number, total)
        assert self.account.balance == total
        assert sums.pop(None, 0) == -self.account.owed
        assert sums == {lot.id: lot.remaining for lot in self.account.lots}
        assert sorted(line.posted_at for line in self.lines) == [line.posted_at for line in self.lines]
        return [(line.cause, line.amount) for line in self.lines]


class TestSpending:
    @pytest.mark.parametrize(
        ("days", "order"),
        [
            ((None, 30, 10), [2, 1, 0]),
            ((10, 30, None), [0, 1, 2]),
            ((10, 10, 10), [0, 1, 2]),
            ((None, None, None), [0, 1, 2]),
        ],
    )
    def test_what_expires_soonest_is_spent_first_and_of_two_alike_the_older(
        self, days: Sequence[int | None], order: list[int]
    ) -> None:
        book = Book()
        lots = [book.buy(1, days=lasts) for lasts in days]
        assert [book.attend() for _ in days] == [lots[n] for n in order]
        assert book.account.balance == 0

    def test_an_adjustment_downwards_has_a_line_for_each_lot_it_empties(self) -> None:
        book = Book()
        book.buy(2, days=5)
        book.buy(4)
        granted(book.adjust(-3))
        assert book.ledger()[2:] == [("manual", -2), ("manual", -1)]
        assert book.remaining() == [0, 3]

    def test_an_adjustment_takes_all_or_nothing(self) -> None:
        book = Book()
        book.buy(2)
        assert refusal(book.adjust(-3)) == NoCreditLeft(book.account.student_id, 2)
        assert book.remaining() == [2]


class TestExpiry:
    @pytest.mark.parametrize(
        ("before", "left"), [(timedelta(microseconds=1), 2), (timedelta(0), 1), (timedelta(microseconds=-1), 1)]
    )
    def test_a_credit_counts_until_the_moment_it_expires(self, before: timedelta, left: int) -> None:
        book = Book()
        book.buy(1, days=3)
        book.buy(1)
        book.wait(3 * DAY - before)
        book.account.lapse(now=book.now, new_id=new_id)
        assert book.account.balance == left

    def test_what_lapses_is_dated_when_it_expired_and_posted_by_nobody(self) -> None:
        book = Book()
        book.buy(5, days=3)
        book.wait(10 * DAY)
        book.buy(1)
        book.ledger()
        [_, lapsed, bought] = book.lines
        assert (lapsed.cause, lapsed.amount, lapsed.posted_by) == ("expiry", -5, None)
        assert lapsed.posted_at == NOON + 3 * DAY
        assert (bought.posted_at, bought.balance) == (book.now, 1)

    def test_lots_lapse_in_the_order_they_expired(self) -> None:
        book = Book()
        book.buy(1, days=9)
        book.buy(2, days=3)
        book.wait(10 * DAY)
        book.account.lapse(now=book.now, new_id=new_id)
        assert book.ledger()[2:] == [("expiry", -2), ("expiry", -1)]

    def test_what_has_expired_pays_for_nothing(self) -> None:
        book = Book()
        book.buy(1, days=3)
        book.wait(3 * DAY)
        outcome = book.account.charge_difference(book.meeting(), "late", by=BY, now=book.now, new_id=new_id)
        assert refusal(outcome) == NoCreditLeft(book.account.student_id, 0)

    def test_it_lapses_once(self) -> None:
        book = Book()
        book.buy(2, days=1)
        book.wait(2 * DAY)
        for _ in range(3):
            book.account.lapse(now=book.now, new_id=new_id)
        assert book.ledger() == [("purchase", 2), ("expiry", -2)]

    def test_the_next_expiry_is_that_of_the_first_lot_with_something_left(self) -> None:
        book = Book()
        book.buy(1, days=3)
        book.buy(1, days=5)
        book.buy(1)
        assert book.account.next_expiry_at == NOON + 3 * DAY
        book.attend()
        assert book.account.next_expiry_at == NOON + 5 * DAY
        book.attend()
        assert book.account.next_expiry_at is None

    @pytest.mark.parametrize("ahead", [timedelta(0), -DAY])
    def test_nothing_is_granted_that_has_expired_already(self, ahead: timedelta) -> None:
        book, expires_at = Book(), NOON + ahead
        for outcome in (
            book.account.grant(1, "purchase", expires_at=expires_at, by=BY, now=NOON, new_id=new_id),
            book.account.adjust(1, reason="Gift", expires_at=expires_at, by=BY, now=NOON, new_id=new_id),
        ):
            assert refusal(outcome) == ExpiredBefore(expires_at)


class TestOwing:
    def test_a_meeting_without_credits_is_owed_and_the_next_grant_settles_it(self) -> None:
        book = Book("owe")
        assert [book.attend(), book.attend()] == [None, None]
        assert (book.account.owed, book.account.balance) == (2, -2)
        book.buy(5)
        assert (book.account.owed, book.account.balance, book.remaining()) == (0, 3, [3])
        assert book.ledger() == [
            ("attendance", -1),
            ("attendance", -1),
            ("purchase", 5),
            ("settlement", -2),
            ("settlement", 2),
        ]

    def test_a_grant_that_is_too_small_settles_a_part(self) -> None:
        book = Book("owe")
        granted(book.adjust(-5))
        book.buy(2)
        assert (book.account.owed, book.account.balance, book.remaining()) == (3, -3, [0])

    def test_what_is_owed_is_given_back_as_less_owed(self) -> None:
        book = Book("owe")
        meeting = book.meeting()
        book.mark(meeting, "present")
        book.mark(meeting, "absent")
        assert (book.account.owed, book.account.lots) == (0, [])
        assert book.ledger() == [("attendance", -1), ("correction", 1)]

    def test_what_was_owed_and_is_settled_since_comes_back_as_a_credit_that_lasts(self) -> None:
        book = Book("owe")
        meeting = book.meeting()
        book.mark(meeting, "present")
        book.buy(1, days=3)
        book.mark(meeting, "excused")
        assert book.remaining() == [0, 1]
        assert book.account.lots[1].expires_at is None

    def test_a_credit_that_comes_back_settles_what_is_owed(self) -> None:
        book = Book("owe")
        book.buy(1)
        paid, owed = book.meeting(), book.meeting()
        book.mark(paid, "present")
        book.mark(owed, "present")
        book.mark(paid, "absent")
        assert (book.account.owed, book.account.balance, book.remaining()) == (0, 0, [0])
        book.mark(owed, "absent")
        assert (book.account.owed, book.account.balance) == (0, 1)
        book.ledger()

    def test_who_owes_keeps_the_policy_that_allows_it(self) -> None:
        book = Book("owe")
        book.attend()
        assert refusal(book.account.follow("refuse")) == CreditsOwed(book.account.student_id, 1)
        book.buy(1)
        granted(book.account.follow("refuse"))
        assert book.account.zero_balance == "refuse"


class TestCorrection:
    def test_a_charge_goes_back_into_the_lot_it_came_from(self) -> None:
        book = Book()
        soon, later = book.buy(1, days=3), book.buy(1, days=30)
        meeting = book.meeting()
        assert book.mark(meeting, "present") == soon
        assert book.mark(meeting, "absent") is None
        assert book.remaining() == [1, 1]
        assert book.attend() == soon
        assert book.attend() == later

    def test_it_lapses_at_once_if_that_has_expired_since(self) -> None:
        book = Book()
        book.buy(1, days=3)
        meeting = book.meeting()
        book.mark(meeting, "present")
        book.wait(400 * DAY)
        book.mark(meeting, "absent")
        assert book.account.balance == 0
        assert book.ledger() == [("purchase", 1), ("attendance", -1), ("correction", 1), ("expiry", -1)]

    def test_from_late_to_present_the_same_lot_has_paid(self) -> None:
        book = Book()
        lot = book.buy(1)
        meeting = book.meeting()
        book.mark(meeting, "late")
        assert book.mark(meeting, "present") == lot
        assert book.mark(meeting, "absent") is None
        assert book.account.balance == 1


class TestPurchase:
    def test_the_same_reference_counts_once(self) -> None:
        book = Book()
        book.buy(4, reference="R-17")
        again = book.account.grant(4, "purchase", reference="R-17", by=BY, now=NOON, new_id=new_id)
        assert refusal(again) == PurchaseAlreadyRecorded("R-17")
        assert book.account.balance == 4

    @pytest.mark.parametrize("amount", [-1, 0, 1001])
    def test_a_purchase_is_something_moderate(self, amount: int) -> None:
        outcome = Book().account.grant(amount, "purchase", reference="R", by=BY, now=NOON, new_id=new_id)
        assert refusal(outcome) == GrantOutOfRange(1000)

    def test_nothing_is_sold_to_who_has_left_until_they_are_back(self) -> None:
        book = Book()
        book.account.close(NOON)
        outcome = book.account.grant(1, "purchase", reference="R", by=BY, now=NOON, new_id=new_id)
        assert refusal(outcome) == StudentHasLeft(book.account.student_id, NOON)
        book.account.reopen()
        book.buy(1, reference="R")
        assert book.account.balance == 1


class TestSetAside:
    VOUCHER = UUID(int=1)

    def test_it_still_counts_but_pays_for_nothing_else(self) -> None:
        book = Book()
        book.buy(1)
        granted(book.set_aside(self.VOUCHER))
        assert (book.account.balance, book.account.available) == (1, 0)
        assert book.ledger()[1:] == [("make_up", -1), ("make_up", 1)]
        outcome = book.account.charge_difference(book.meeting(), "late", by=BY, now=NOON, new_id=new_id)
        assert refusal(outcome) == NoCreditLeft(book.account.student_id, 0)

    def test_setting_it_aside_again_or_releasing_it_again_changes_nothing(self) -> None:
        book = Book()
        book.buy(2)
        for _ in range(2):
            granted(book.set_aside(self.VOUCHER))
        assert book.account.available == 1
        for _ in range(2):
            book.release(self.VOUCHER)
        assert book.remaining() == [2, 0]
        assert len(book.ledger()) == 5

    def test_a_voucher_that_is_booked_and_given_up_a_hundred_times_leaves_one_lot(self) -> None:
        book = Book()
        book.buy(2)
        for _ in range(100):
            granted(book.set_aside(self.VOUCHER))
            book.release(self.VOUCHER)
        assert book.remaining() == [2, 0]

    def test_nobody_owes_for_a_seat_as_a_guest(self) -> None:
        book = Book("owe")
        assert refusal(book.set_aside(self.VOUCHER)) == NoCreditLeft(book.account.student_id, 0)

    def test_it_outlasts_the_lot_it_came_from_but_lapses_when_it_goes_back(self) -> None:
        book = Book()
        book.buy(1, days=3)
        granted(book.set_aside(self.VOUCHER))
        book.wait(5 * DAY)
        book.account.lapse(now=book.now, new_id=new_id)
        assert book.account.balance == 1
        book.release(self.VOUCHER)
        assert book.account.balance == 0
        book.ledger()

    def test_a_guests_mark_spends_it_and_a_correction_sets_it_aside_again(self) -> None:
        book = Book()
        book.buy(3)
        aside = granted(book.set_aside(self.VOUCHER)).id
        meeting = book.meeting()
        spent = granted(book.account.spend_set_aside(self.VOUCHER, meeting, by=BY, now=NOON, new_id=new_id))
        assert spent == aside
        entry = Mark(meeting.student_id, "present")
        meeting.mark(book.register(meeting), entry, paid_from=spent, by=BY, now=NOON)
        assert (book.account.balance, book.account.available) == (2, 2)
        book.account.unspend_set_aside(meeting, by=BY, now=NOON, new_id=new_id)
        assert (book.account.balance, book.account.available) == (3, 2)
        book.release(self.VOUCHER)
        assert (book.account.balance, book.account.available) == (3, 3)
        book.ledger()

    def test_one_that_lapsed_before_the_meeting_was_marked_is_charged_like_any_other(self) -> None:
        book = Book()
        lot = book.buy(2)
        granted(book.account.set_aside(self.VOUCHER, NOON + DAY, by=BY, now=NOON, new_id=new_id))
        book.wait(2 * DAY)
        spent = book.account.spend_set_aside(self.VOUCHER, book.meeting(), by=BY, now=book.now, new_id=new_id)
        assert granted(spent) == lot
        assert book.ledger()[-2:] == [("expiry", -1), ("attendance", -1)]

    def test_what_is_released_settles_what_is_owed(self) -> None:
        book = Book("owe")
        book.buy(1)
        granted(book.set_aside(self.VOUCHER))
        book.attend()
        assert (book.account.owed, book.account.balance) == (1, 0)
        book.release(self.VOUCHER)
        assert (book.account.owed, book.account.balance, book.remaining()) == (0, 0, [0, 0])
        book.ledger()


class TestTransfer:
    def test_all_that_remains_goes_along_and_expires_when_it_would_have(self) -> None:
        old, new = Book(), Book()
        old.buy(2, days=3)
        old.buy(1)
        old.buy(4, days=30)
        old.attend()
        old.wait(DAY)
        by, now = BY, old.now
        lots = granted(old.account.hand_over(new.account.class_id, by=by, now=now, new_id=new_id))
        new.account.take_over(lots, old.account.class_id, by=by, now=now, new_id=new_id)
        assert (old.account.balance, new.account.balance) == (0, 6)
        assert [(lot.remaining, lot.expires_at) for lot in new.account.lots] == [
            (1, NOON + 3 * DAY),
            (4, NOON + 30 * DAY),
            (1, None),
        ]
        assert {line.other_class_id for line in new.lines} <= {old.account.class_id}
        old.ledger()
        new.ledger()

    def test_a_purchase_is_known_by_its_reference_where_it_went_too(self) -> None:
        old, new = Book(), Book()
        old.buy(2, reference="R-17")
        lots = granted(old.account.hand_over(new.account.class_id, by=BY, now=NOON, new_id=new_id))
        new.account.take_over(lots, old.account.class_id, by=BY, now=NOON, new_id=new_id)
        again = new.account.grant(2, "purchase", reference="R-17", by=BY, now=NOON, new_id=new_id)
        assert refusal(again) == PurchaseAlreadyRecorded("R-17")

    def test_what_has_expired_by_then_stays_behind(self) -> None:
        old = Book()
        old.buy(2, days=3)
        old.wait(3 * DAY)
        lots = granted(old.account.hand_over(new_id(), by=BY, now=old.now, new_id=new_id))
        assert [lot.remaining for lot in lots] == [0]

    def test_who_owes_settles_first(self) -> None:
        book = Book("owe")
        book.attend()
        outcome = book.account.hand_over(new_id(), by=BY, now=NOON, new_id=new_id)
        assert refusal(outcome) == CreditsOwed(book.account.student_id, 1)

    def test_who_has_booked_a_make_up_cancels_it_first(self) -> None:
        book = Book()
        book.buy(3)
        granted(book.set_aside(new_id()))
        outcome = book.account.hand_over(new_id(), by=BY, now=NOON, new_id=new_id)
        assert refusal(outcome) == CreditsSetAside(book.account.student_id, 1)

    def test_what_is_taken_over_settles_what_is_owed_from_before(self) -> None:
        old, new = Book(), Book("owe")
        old.buy(3)
        new.attend()
        lots = granted(old.account.hand_over(new.account.class_id, by=BY, now=NOON, new_id=new_id))
        new.account.take_over(lots, old.account.class_id, by=BY, now=NOON, new_id=new_id)
        assert (new.account.owed, new.account.balance) == (0, 2)
        new.ledger()


class TestPackage:
    def book(self, *, package: int) -> Book:
        book = Book()
        granted(book.account.grant(package, "package", by=BY, now=NOON, new_id=new_id))
        return book

    def test_the_package_grows_and_shrinks_with_the_class(self) -> None:
        book = self.book(package=8)
        for change, left in ((2, 10), (-5, 5)):
            granted(book.account.repackage(change, by=BY, now=NOON, new_id=new_id))
            assert (book.account.balance, book.account.lots[0].granted) == (left, left)
        assert book.ledger() == [("package", 8), ("package", 2), ("package", -5)]

    def test_a_smaller_package_takes_from_the_package_before_what_was_bought(self) -> None:
        book = self.book(package=4)
        book.buy(2, days=3)
        granted(book.account.repackage(-3, by=BY, now=NOON, new_id=new_id))
        assert book.remaining() == [1, 2]

    def test_it_does_not_shrink_below_what_is_left(self) -> None:
        book = self.book(package=4)
        granted(book.adjust(-3))
        outcome = book.account.repackage(-2, by=BY, now=NOON, new_id=new_id)
        assert refusal(outcome) == NoCreditLeft(book.account.student_id, 1)

    def test_who_has_left_or_brought_credits_along_has_no_package_that_could_change(self) -> None:
        left, moved = self.book(package=4), Book()
        left.account.close(NOON)
        moved.buy(3)
        for book, balance in ((left, 4), (moved, 3)):
            granted(book.account.repackage(2, by=BY, now=NOON, new_id=new_id))
            assert book.account.balance == balance


def test_times_in_the_ledger_are_those_of_the_world() -> None:
    book = Book(now=datetime(2027, 3, 28, 1, 30, tzinfo=UTC))
    book.buy(1)
    book.ledger()
    assert book.lines[0].posted_at == book.now
