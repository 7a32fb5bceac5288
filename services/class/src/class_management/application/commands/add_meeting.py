"""Staff let a private class meet once more."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.engagements import double_booking
from class_management.application.ports import UnitOfWork
from class_management.domain.errors import ClassNotActive, ClassNotFound, MeetingsFixed
from class_management.domain.schedule import Meeting
from class_management.domain.schedule_errors import AddingRefused, InstructorDoubleBooked
from class_management.domain.values import ClassId

AddingOutcome: TypeAlias = Result[
    Meeting, ClassNotFound | MeetingsFixed | ClassNotActive | AddingRefused | InstructorDoubleBooked
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMeeting(Command[AddingOutcome]):
    class_id: ClassId
    local_date: date
    local_time: time | None = None
    duration: timedelta | None = None
    by: Actor


async def add_meeting(command: AddMeeting, uow: UnitOfWork, clock: Clock, new_id: NewId) -> AddingOutcome:
    # Meetings before the class, as everybody does who takes both: so that no two deadlock.
    timetable = await uow.timetables.of_class(command.class_id)
    class_ = await uow.classes.get(command.class_id)
    if class_ is None or timetable is None:
        return Err(ClassNotFound(command.class_id))
    if refusal := class_.refusal_of_meetings:
        return Err(refusal)
    added = timetable.add_meeting(
        command.local_date,
        local_time=command.local_time,
        duration=command.duration,
        closed=await uow.holidays.closed_days(since=command.local_date),
        now=clock(),
        new_id=new_id,
    )
    if isinstance(added, Err):
        return added
    clash = await double_booking([added.value], uow)
    return added if clash is None else Err(clash)
