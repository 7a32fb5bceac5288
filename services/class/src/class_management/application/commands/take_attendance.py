"""The instructor, or the office, fills in the register of a meeting: all of it in one go, or one line."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.make_ups import Change, follow_excuses, guests_of
from class_management.application.paying import seated_with
from class_management.application.ports import UnitOfWork
from class_management.domain import policies
from class_management.domain.attendance import Attendance
from class_management.domain.errors import (
    MarkedTwiceInOneRegister,
    MarkingRefused,
    MeetingNotFound,
    NoCreditLeft,
    RegisterRefused,
    StudentHasLeft,
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
    excused = [student_id for student_id, attendance in attendances.items() if attendance.status == "excused"]
    for student_id in students:
        if student_id not in attendances:
            attendances[student_id] = Attendance.blank(register, student_id, new_id)
            uow.attendances.add(attendances[student_id])
    guests = await guests_of(register, attendances, uow)
    accounts = await uow.accounts.of_students(register.class_id, students)
    seated = await seated_with(accounts, uow)
    by = command.by.user_id
    taken = take_attendance_of(register, entries, attendances, {**seated, **guests}, by=by, now=now, new_id=new_id)
    if isinstance(taken, Ok):
        await follow_excuses(register, taken.value, excused, uow, Change(by, now, new_id))
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
