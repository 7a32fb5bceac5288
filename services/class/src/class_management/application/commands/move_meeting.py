"""Staff move a meeting to another time."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import ClassVar, TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.engagements import double_booking
from class_management.application.make_ups import Change, meetings_no_longer_as_booked
from class_management.application.ports import UnitOfWork
from class_management.domain.errors import ClassNotFound, MeetingNotFound, StaleVersion
from class_management.domain.schedule import Meeting
from class_management.domain.schedule_errors import InstructorDoubleBooked, MoveRefused
from class_management.domain.values import ClassId, MeetingId

MoveOutcome: TypeAlias = Result[Meeting, ClassNotFound | StaleVersion | MoveRefused | InstructorDoubleBooked]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveMeeting(Command[MoveOutcome]):
    """What is None stays as it is; `expected_sequence` is that of the meeting, None if it does not matter."""

    exclusive: ClassVar[bool] = True

    class_id: ClassId
    meeting_id: MeetingId
    local_date: date | None = None
    local_time: time | None = None
    duration: timedelta | None = None
    expected_sequence: int | None = None
    by: Actor


async def move_meeting(command: MoveMeeting, uow: UnitOfWork, clock: Clock, new_id: NewId) -> MoveOutcome:
    timetable = await uow.timetables.of_class(command.class_id)
    if timetable is None:
        return Err(ClassNotFound(command.class_id))
    now = clock()
    former = timetable.meeting(command.meeting_id)
    if former is None:
        return Err(MeetingNotFound(command.meeting_id))
    if command.expected_sequence not in (None, former.sequence):
        return Err(StaleVersion(former.sequence))
    moved = timetable.move(
        command.meeting_id,
        day=command.local_date,
        local_time=command.local_time,
        duration=command.duration,
        closed=await uow.holidays.closed_days(since=command.local_date or former.local_date),
        marked=await uow.registers.begun([command.meeting_id]),
        now=now,
    )
    if isinstance(moved, Err) or moved.value == former:
        return moved
    if clash := await double_booking([moved.value], uow):
        return Err(clash)
    await meetings_no_longer_as_booked([command.meeting_id], uow, Change(command.by.user_id, now, new_id))
    return moved
