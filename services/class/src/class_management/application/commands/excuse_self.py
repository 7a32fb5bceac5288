"""A student says in time that they will not come to a meeting."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.make_ups import Change, excuses_given
from class_management.application.ports import UnitOfWork
from class_management.domain import make_ups
from class_management.domain.attendance import Attendance
from class_management.domain.credit_errors import NoCreditLeft, StudentHasLeft
from class_management.domain.errors import MeetingNotFound
from class_management.domain.make_up_errors import AlreadyMarked, ExcuseRefused, NotYourMeeting
from class_management.domain.register import Marked, Seated, mark
from class_management.domain.values import ClassId, Mark, MeetingId

ExcuseOutcome: TypeAlias = Result[Marked, MeetingNotFound | ExcuseRefused | StudentHasLeft | NoCreditLeft]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcuseSelf(Command[ExcuseOutcome]):
    """Said again, it changes nothing."""

    class_id: ClassId
    meeting_id: MeetingId
    reason: str
    by: Actor


async def excuse_self(command: ExcuseSelf, uow: UnitOfWork, clock: Clock, new_id: NewId) -> ExcuseOutcome:
    now, student_id = clock(), command.by.user_id
    register = await uow.registers.of_meeting(command.class_id, command.meeting_id, holding_class=True)
    if register is None:
        return Err(MeetingNotFound(command.meeting_id))
    accounts = await uow.accounts.of_students(register.class_id, [student_id])
    account = accounts.get(student_id)
    if account is None or account.closed_at is not None:
        return Err(NotYourMeeting(register.meeting_id))
    if refusal := make_ups.may_excuse_self(register, now):
        return Err(refusal)
    attendances = await uow.attendances.of_meeting(register.meeting_id, [student_id])
    attendance = attendances.get(student_id)
    if attendance is None:
        attendance = Attendance.blank(register, student_id, new_id)
        uow.attendances.add(attendance)
    elif attendance.status == "excused":
        return Ok(Marked(attendance, account))
    else:
        return Err(AlreadyMarked(student_id))
    entry = Mark(student_id, "excused", reason=command.reason)
    marked = mark(register, entry, attendance, Seated(account, account), by=student_id, now=now, new_id=new_id)
    if isinstance(marked, Ok):
        await excuses_given(register, [marked.value], uow, Change(student_id, now, new_id))
    return marked
