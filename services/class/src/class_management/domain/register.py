"""Taking attendance: a mark, and what it costs, belong together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import Err, NewId, Ok, Result
from class_management.domain.attendance import Attendance
from class_management.domain.credits import CreditAccount
from class_management.domain.errors import NoCreditLeft, RegisterRefused, StudentNotEnrolled
from class_management.domain.values import Mark, MeetingRegister, UserId


@dataclass(frozen=True, slots=True)
class Marked:
    """What stands after a mark: the line of the register, and what the student has left."""

    attendance: Attendance
    account: CreditAccount


def mark(
    register: MeetingRegister,
    entry: Mark,
    attendance: Attendance,
    account: CreditAccount,
    *,
    by: UserId,
    now: datetime,
    new_id: NewId,
) -> Result[Marked, NoCreditLeft]:
    """Mark a student and settle the price of the meeting; the same mark again changes nothing."""
    if attendance.status != entry.status:
        charged = account.charge_difference(attendance, entry.status, by=by, now=now, new_id=new_id)
        if isinstance(charged, Err):
            return charged
        attendance.mark(register, entry.status, by=by, now=now, reason=entry.reason)
    return Ok(Marked(attendance, account))


def take_attendance_of(
    register: MeetingRegister,
    entries: Sequence[Mark],
    attendances: Mapping[UserId, Attendance],
    accounts: Mapping[UserId, CreditAccount],
    *,
    by: UserId,
    now: datetime,
    new_id: NewId,
) -> Result[tuple[Marked, ...], RegisterRefused]:
    """Mark everybody, or refuse with every entry that stands in the way; who has no account is not enrolled."""
    marked: list[Marked] = []
    refused: list[StudentNotEnrolled | NoCreditLeft] = []
    for entry in entries:
        account = accounts.get(entry.student_id)
        if account is None:
            refused.append(StudentNotEnrolled(entry.student_id))
            continue
        attendance = attendances[entry.student_id]
        match mark(register, entry, attendance, account, by=by, now=now, new_id=new_id):
            case Ok(value):
                marked.append(value)
            case Err(refusal):
                refused.append(refusal)
    return Err(RegisterRefused(tuple(refused))) if refused else Ok(tuple(marked))
