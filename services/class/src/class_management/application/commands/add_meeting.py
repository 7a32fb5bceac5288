"""Staff let a private class meet once more."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.errors import ClassNotFound, NewMeetingRefused
from class_management.domain.schedule import Meeting
from class_management.domain.values import ClassId


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMeeting(Command[Result[Meeting, ClassNotFound | NewMeetingRefused]]):
    class_id: ClassId
    local_date: date
    local_time: time | None = None
    duration: timedelta | None = None
    by: Actor


async def add_meeting(
    command: AddMeeting, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[Meeting, ClassNotFound | NewMeetingRefused]:
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    if refusal := class_.refusal_of_meetings:
        return Err(refusal)
    timetable = await uow.timetables.of_class(class_.id)
    if timetable is None:
        return Err(ClassNotFound(class_.id))
    return timetable.add_meeting(
        command.local_date,
        local_time=command.local_time,
        duration=command.duration,
        now=clock(),
        new_id=new_id,
    )
