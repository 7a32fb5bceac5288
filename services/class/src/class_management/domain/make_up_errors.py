"""What the rules of excuses and make-ups say no to."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from babyowl_kernel import Conflict, Forbidden, NotFound
from class_management.domain.credit_errors import NoCreditLeft
from class_management.domain.errors import ClassNotActive
from class_management.domain.seat_errors import VisitRefused
from class_management.domain.values import ClassId, MeetingId, UserId, VoucherStatus


@dataclass(frozen=True, slots=True)
class VoucherNotFound(NotFound):
    voucher_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such voucher, or it is not yours to see."


@dataclass(frozen=True, slots=True)
class BookingNotFound(NotFound):
    voucher_id: UUID

    @property
    def reason(self) -> str:
        return "Nothing is booked with this voucher."


@dataclass(frozen=True, slots=True)
class NotYourVoucher(Forbidden):
    voucher_id: UUID

    @property
    def reason(self) -> str:
        return "Only the student whose voucher it is, or the office, may do this."


# Excusing oneself.


@dataclass(frozen=True, slots=True)
class NotYourMeeting(Forbidden):
    meeting_id: MeetingId

    @property
    def reason(self) -> str:
        return "Only who has a seat in the class excuses themselves from its meetings."


@dataclass(frozen=True, slots=True)
class ExcuseTooLate(Conflict):
    deadline: datetime

    @property
    def reason(self) -> str:
        return f"Students excuse themselves until {self.deadline:%Y-%m-%d %H:%M} UTC; after that, the school does."


@dataclass(frozen=True, slots=True)
class AlreadyMarked(Conflict):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "The register of this meeting has been filled in for this student."


# Booking.


@dataclass(frozen=True, slots=True)
class VoucherNotOpen(Conflict):
    status: VoucherStatus

    @property
    def reason(self) -> str:
        return f"The voucher is {self.status}."


@dataclass(frozen=True, slots=True)
class VoucherExpired(Conflict):
    expired_at: datetime

    @property
    def reason(self) -> str:
        return f"The voucher expired at {self.expired_at:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class MeetingAfterExpiry(Conflict):
    expires_at: datetime

    @property
    def reason(self) -> str:
        return f"The meeting begins after the voucher expires, at {self.expires_at:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class MakeUpBegun(Conflict):
    begun_at: datetime

    @property
    def reason(self) -> str:
        return f"The meeting began at {self.begun_at:%Y-%m-%d %H:%M} UTC; its register decides now."


@dataclass(frozen=True, slots=True)
class ClassNotCompatible(Conflict):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "A make-up takes place in another active class of the same course and type."


@dataclass(frozen=True, slots=True)
class HomeEnded(Conflict):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "The student has left the class that the voucher is from, or it was cancelled."


@dataclass(frozen=True, slots=True)
class MeetingNotAhead(Conflict):
    meeting_id: MeetingId

    @property
    def reason(self) -> str:
        return "The meeting has begun, or does not take place."


ExcuseRefused: TypeAlias = NotYourMeeting | ClassNotActive | MeetingNotAhead | ExcuseTooLate | AlreadyMarked
VoucherRefused: TypeAlias = VoucherNotOpen | VoucherExpired | MeetingAfterExpiry
BookingRefused: TypeAlias = (
    NotYourVoucher | HomeEnded | ClassNotCompatible | MeetingNotAhead | VoucherRefused | VisitRefused | NoCreditLeft
)
CancellationRefused: TypeAlias = NotYourVoucher | BookingNotFound | VoucherNotOpen | MakeUpBegun
