"""Making up a meeting: the voucher, the seat at the host's and the credit at home change together, or not at all.

Booking takes a seat and sets a credit aside; whatever ends the booking gives back the one and settles the other.
No handler touches one of the three alone.
"""

from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import Actor, Err, NewId, Ok, Result
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.credit_errors import NoCreditLeft
from class_management.domain.credits import CreditAccount
from class_management.domain.errors import ClassNotActive
from class_management.domain.make_up_errors import (
    BookingRefused,
    CancellationRefused,
    ClassNotCompatible,
    ExcuseRefused,
    ExcuseTooLate,
    HomeEnded,
    MeetingNotAhead,
    NotYourVoucher,
)
from class_management.domain.seats import GuestSeat
from class_management.domain.values import MEETING_PRICE, AttendanceStatus, LotId, MeetingRegister, UserId
from class_management.domain.vouchers import Booking, Voucher


@dataclass(frozen=True, slots=True)
class Home:
    """Where a guest comes from: the class the voucher is from, and the account that pays."""

    class_: Class
    account: CreditAccount


def may_use(voucher: Voucher, by: Actor) -> NotYourVoucher | None:
    """A voucher is used by its student, or by the office for them."""
    return None if by.is_staff or by.user_id == voucher.student_id else NotYourVoucher(voucher.id)


def still_belongs(home: Home) -> HomeEnded | None:
    """Who has left a class makes nothing up for it; a class that is completed can still be made up for."""
    ended = home.class_.status == "cancelled" or home.account.closed_at is not None
    return HomeEnded(home.class_.id) if ended else None


def is_compatible(home: Class, host: Class) -> ClassNotCompatible | None:
    """A make-up takes place in another class that runs, of the same course and type."""
    alike = (host.course_id, host.type) == (home.course_id, home.type)
    return None if alike and host.id != home.id and host.status == "active" else ClassNotCompatible(host.id)


def lies_ahead(meeting: MeetingRegister, now: datetime) -> MeetingNotAhead | None:
    """A meeting can be arranged for until it begins."""
    ahead = meeting.meeting_status == "planned" and now < meeting.starts_at
    return None if ahead else MeetingNotAhead(meeting.meeting_id)


def may_excuse_self(meeting: MeetingRegister, now: datetime) -> ExcuseRefused | None:
    """Students excuse themselves until some time before the meeting; after that, the school does it for them."""
    if meeting.class_status != "active":
        return ClassNotActive(meeting.class_id)
    deadline = meeting.starts_at - meeting.excuse_deadline
    return lies_ahead(meeting, now) or (None if now < deadline else ExcuseTooLate(deadline))


def book(
    voucher: Voucher, home: Home, host: Class, meeting: MeetingRegister, *, by: Actor, now: datetime, new_id: NewId
) -> Result[Voucher, BookingRefused]:
    """Take a free seat at a meeting of the host, and set aside the credit that it will cost."""
    if refusal := (
        may_use(voucher, by) or still_belongs(home) or is_compatible(home.class_, host) or lies_ahead(meeting, now)
    ):
        return Err(refusal)
    booked = voucher.book(host.id, meeting.meeting_id, meeting.starts_at, meeting.ends_at, by=by.user_id, now=now)
    if isinstance(booked, Err):
        return booked
    seated = host.seat_guest(GuestSeat(meeting.meeting_id, voucher.student_id, voucher.id, meeting.starts_at))
    if isinstance(seated, Err):
        return seated
    # It has no expiry of its own: a credit that was promised to a meeting does not lapse before it.
    set_aside = home.account.set_aside(voucher.id, by=by.user_id, now=now, new_id=new_id)
    return set_aside if isinstance(set_aside, Err) else Ok(voucher)


def cancel(
    voucher: Voucher, host: Class, account: CreditAccount, *, by: Actor, now: datetime, new_id: NewId
) -> Result[Voucher, CancellationRefused]:
    """Give seat and credit back before the meeting begins."""
    if refusal := may_use(voucher, by):
        return Err(refusal)
    own = by.user_id == voucher.student_id
    cancelled = voucher.cancel(by="student" if own else "office", now=now)
    if isinstance(cancelled, Err):
        return cancelled
    _give_back(cancelled.value, voucher, host, account, by=by.user_id, now=now, new_id=new_id)
    return Ok(voucher)


def undo(voucher: Voucher, host: Class, account: CreditAccount, *, by: UserId, now: datetime, new_id: NewId) -> None:
    """Give seat and credit back because the meeting, or the class, is no longer what was booked."""
    if booking := voucher.undo(now=now):
        _give_back(booking, voucher, host, account, by=by, now=now, new_id=new_id)


def revoke(
    voucher: Voucher, host: Class | None, account: CreditAccount, *, by: UserId, now: datetime, new_id: NewId
) -> None:
    """End the right to a make-up with the excuse it came from, and the booking that lies ahead at the host's."""
    booking = voucher.revoke(now=now)
    if booking is not None and host is not None:
        _give_back(booking, voucher, host, account, by=by, now=now, new_id=new_id)


def miss(voucher: Voucher, account: CreditAccount, *, now: datetime, new_id: NewId) -> None:
    """Give the credit back that was set aside for a meeting whose register never mentioned the guest."""
    if voucher.miss(now=now):
        account.release(voucher.id, by=None, now=now, new_id=new_id)


@dataclass(frozen=True, slots=True)
class Guest:
    """Who makes a meeting up, as its register sees them: their credits at home pay, and their voucher follows."""

    voucher: Voucher
    account: CreditAccount
    meeting: MeetingRegister

    def may_be_marked(self, register: MeetingRegister) -> None:
        """Whoever was booked can be marked, whatever has become of their own class."""
        del register

    def charge_difference(
        self, attendance: Attendance, status: AttendanceStatus, *, by: UserId, now: datetime, new_id: NewId
    ) -> Result[LotId | None, NoCreditLeft]:
        """Pay with the credit set aside, or let go of it.

        A correction finds nothing set aside, or what is meant for another meeting since: then it is charged, and
        refused, like any other mark of the account.
        """
        if status == attendance.status:
            return Ok(attendance.lot_id)
        due = MEETING_PRICE[status] - attendance.price
        expected = self.voucher.awaits(attendance.meeting_id)
        paid_from: LotId | None = attendance.lot_id
        if due > 0:
            if expected:
                charged = self.account.spend_set_aside(self.voucher.id, attendance, by=by, now=now, new_id=new_id)
            else:
                charged = self.account.charge_difference(attendance, status, by=by, now=now, new_id=new_id)
            if isinstance(charged, Err):
                return charged
            paid_from = charged.value
        elif due < 0:
            self.account.unspend_set_aside(attendance, by=by, now=now, new_id=new_id)
            paid_from = None
        if expected and MEETING_PRICE[status] == 0:
            self.account.release(self.voucher.id, by=by, now=now, new_id=new_id)
        self.voucher.settle(self._place(by, now), status, now=now)
        return Ok(paid_from)

    def _place(self, by: UserId, now: datetime) -> Booking:
        meeting = self.meeting
        return Booking(
            meeting.class_id, meeting.meeting_id, meeting.starts_at, meeting.ends_at, booked_by=by, booked_at=now
        )


def _give_back(
    booking: Booking,
    voucher: Voucher,
    host: Class,
    account: CreditAccount,
    *,
    by: UserId,
    now: datetime,
    new_id: NewId,
) -> None:
    host.unseat_guest(booking.meeting_id, voucher.student_id)
    account.release(voucher.id, by=by, now=now, new_id=new_id)
