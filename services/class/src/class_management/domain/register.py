"""Taking attendance: a mark, and what it costs, belong together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from babyowl_kernel import Err, NewId, Ok, Result
from class_management.domain.attendance import Attendance
from class_management.domain.credit_errors import NoCreditLeft, RegisterRefused, StudentHasLeft
from class_management.domain.credits import CreditAccount
from class_management.domain.errors import StudentNotEnrolled
from class_management.domain.values import AttendanceStatus, LotId, Mark, MeetingRegister, UserId


class Attendee(Protocol):
    """Who can be marked, as the register sees them: somebody with a seat, or a guest."""

    @property
    def account(self) -> CreditAccount:
        """The credits their meetings are paid with."""
        ...

    def may_be_marked(self, register: MeetingRegister) -> StudentHasLeft | None:
        """Why the register has no new line for them."""
        ...

    def charge_difference(
        self, attendance: Attendance, status: AttendanceStatus, *, by: UserId, now: datetime, new_id: NewId
    ) -> Result[LotId | None, NoCreditLeft]:
        """Settle what the meeting costs them; the lot that pays for it, if any does."""
        ...


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody with a seat in the class, or who had one; `payer` has the credits, which may have gone to another."""

    account: CreditAccount
    payer: CreditAccount

    def may_be_marked(self, register: MeetingRegister) -> StudentHasLeft | None:
        """Who has left can still be marked for what was before."""
        left_at = self.account.closed_at
        if left_at is None or register.starts_at < left_at:
            return None
        return StudentHasLeft(self.account.student_id, left_at)

    def charge_difference(
        self, attendance: Attendance, status: AttendanceStatus, *, by: UserId, now: datetime, new_id: NewId
    ) -> Result[LotId | None, NoCreditLeft]:
        """The account of the seat pays, or the one its credits have gone to: a correction finds its lot there."""
        return self.payer.charge_difference(attendance, status, by=by, now=now, new_id=new_id)


@dataclass(frozen=True, slots=True)
class Marked:
    """What stands after a mark: the line of the register, and what the student has left."""

    attendance: Attendance
    account: CreditAccount


def mark(
    register: MeetingRegister,
    entry: Mark,
    attendance: Attendance,
    attendee: Attendee,
    *,
    by: UserId,
    now: datetime,
    new_id: NewId,
) -> Result[Marked, StudentHasLeft | NoCreditLeft]:
    """Mark a student and settle the price of the meeting; the same mark again changes nothing.

    Who had been marked before they left can be corrected, also if the meeting began later than that.
    """
    if attendance.revision == 0 and (has_left := attendee.may_be_marked(register)):
        return Err(has_left)
    if not attendance.says(entry):
        charged = attendee.charge_difference(attendance, entry.status, by=by, now=now, new_id=new_id)
        if isinstance(charged, Err):
            return charged
        attendance.mark(register, entry, paid_from=charged.value, by=by, now=now)
    return Ok(Marked(attendance, attendee.account))


def take_attendance_of(
    register: MeetingRegister,
    entries: Sequence[Mark],
    attendances: Mapping[UserId, Attendance],
    attendees: Mapping[UserId, Attendee],
    *,
    by: UserId,
    now: datetime,
    new_id: NewId,
) -> Result[tuple[Marked, ...], RegisterRefused]:
    """Mark everybody, or refuse with every entry that stands in the way; whoever is no attendee is not enrolled."""
    marked: list[Marked] = []
    refused: list[StudentNotEnrolled | StudentHasLeft | NoCreditLeft] = []
    for entry in entries:
        attendee = attendees.get(entry.student_id)
        if attendee is None:
            refused.append(StudentNotEnrolled(entry.student_id))
            continue
        attendance = attendances[entry.student_id]
        match mark(register, entry, attendance, attendee, by=by, now=now, new_id=new_id):
            case Ok(value):
                marked.append(value)
            case Err(refusal):
                refused.append(refusal)
    return Err(RegisterRefused(tuple(refused))) if refused else Ok(tuple(marked))
