"""The instructor, or the office, fills in the register of a meeting: all of it in one go, or one line."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.make_ups import Change, excuses_ended, excuses_given, guests_of
from class_management.application.paying import seated_with
from class_management.application.ports import UnitOfWork
from class_management.domain import policies
from class_management.domain.attendance import Attendance
from class_management.domain.credit_errors import NoCreditLeft, RegisterRefused, StudentHasLeft
from class_management.domain.errors import (
    MarkedTwiceInOneRegister,
    MarkingRefused,
    MeetingNotFound,
    StudentNotEnrolled,
)
from class_management.domain.register import Marked, take_attendance_of
from class_management.domain.values import ClassId, Mark, MeetingId

RegisterOutcome: TypeAlias = Result[
    tuple[Marked, ...], MeetingNotFound | MarkingRefused | MarkedTwiceInOneRegister | RegisterRefused
]
MarkOutcome: TypeAlias = Result[
    Marked,
    MeetingNotFound
    | MarkingRefused
    | MarkedTwiceInOneRegister
    | RegisterRefused
    | StudentNotEnrolled
    | StudentHasLeft
    | NoCreditLeft,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAttendance(Command[RegisterOutcome]):
    """Students who are not named keep the mark they have."""

    class_id: ClassId
    meeting_id: MeetingId
    entries: tuple[Mark, ...]
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkAttendance(Command[MarkOutcome]):
    class_id: ClassId
    meeting_id: MeetingId
    entry: Mark
    by: Actor


async def take_attendance(command: TakeAttendance, uow: UnitOfWork, clock: Clock, new_id: NewId) -> RegisterOutcome:
    now = clock()
    # An excuse gives a voucher, which is not to be overlooked when the class is called off at this moment.
    excuses = any(entry.status == "excused" for entry in command.entries)
    register = await uow.registers.of_meeting(command.class_id, command.meeting_id, holding_class=excuses)
    if register is None:
        return Err(MeetingNotFound(command.meeting_id))
    if refusal := policies.may_mark(register, command.by, now) or policies.names_each_once(command.entries):
        return Err(refusal)
    # In the same order for everybody, so that two registers of the same students never deadlock.
    entries = sorted(command.entries, key=lambda entry: entry.student_id)
    students = [entry.student_id for entry in entries]
    attendances = await uow.attendances.of_meeting(register.meeting_id, students)
    for student_id in students:
        if student_id not in attendances:
            attendances[student_id] = Attendance.blank(register, student_id, new_id)
            uow.attendances.add(attendances[student_id])
    guests = await guests_of(register, attendances, uow)
    accounts = await uow.accounts.of_students(register.class_id, students)
    seated = await seated_with(accounts, uow)
    change = Change(command.by.user_id, now, new_id)
    lines = [(attendances[entry.student_id], entry.status == "excused") for entry in entries]
    excused_before = {line.student_id for line, _ in lines if line.status == "excused"}
    # First, as the credit that is kept for the make-up may be the one that pays for the meeting.
    await excuses_ended([line for line, excused in lines if line.status == "excused" and not excused], uow, change)
    taken = take_attendance_of(
        register, entries, attendances, {**seated, **guests}, by=change.by, now=now, new_id=new_id
    )
    if isinstance(taken, Ok):
        newly = [
            each
            for each in taken.value
            if each.attendance.status == "excused" and each.attendance.student_id not in excused_before
        ]
        await excuses_given(register, newly, uow, change)
    return taken


async def mark_attendance(command: MarkAttendance, uow: UnitOfWork, clock: Clock, new_id: NewId) -> MarkOutcome:
    register_of_one = TakeAttendance(
        class_id=command.class_id, meeting_id=command.meeting_id, entries=(command.entry,), by=command.by
    )
    match await take_attendance(register_of_one, uow, clock, new_id):
        case Ok(taken):
            return Ok(taken[0])
        case Err(RegisterRefused((only,))):
            return Err(only)
        case refused:
            return refused
