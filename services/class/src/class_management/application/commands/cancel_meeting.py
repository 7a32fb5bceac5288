"""Staff cancel a meeting; the series goes on for one meeting more, unless they want it shorter."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.engagements import first_free
from class_management.application.make_ups import Change, meetings_cancelled
from class_management.application.ports import UnitOfWork
from class_management.domain.errors import ClassNotFound, TooManyMeetings
from class_management.domain.schedule import Meeting
from class_management.domain.schedule_errors import CancelRefused, NoFreeDate
from class_management.domain.values import ClassId, MeetingId


@dataclass(frozen=True, slots=True)
class CancelledMeeting:
    """A meeting that does not take place, and the one that does instead, at the end of the series."""

    meeting: Meeting
    replacement: Meeting | None


CancelOutcome: TypeAlias = Result[CancelledMeeting, ClassNotFound | CancelRefused | TooManyMeetings | NoFreeDate]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMeeting(Command[CancelOutcome]):
    """Without a word on `replace`, a group keeps the number of its meetings, and a private class does not."""

    exclusive: ClassVar[bool] = True

    class_id: ClassId
    meeting_id: MeetingId
    reason: str
    replace: bool | None = None
    by: Actor


async def cancel_meeting(command: CancelMeeting, uow: UnitOfWork, clock: Clock, new_id: NewId) -> CancelOutcome:
    # Meetings before the class, as whoever books a make-up does: so that the two never deadlock.
    timetable = await uow.timetables.of_class(command.class_id)
    marked = await uow.registers.begun([command.meeting_id])
    class_ = await uow.classes.get(command.class_id)
    if class_ is None or timetable is None:
        return Err(ClassNotFound(command.class_id))
    now = clock()
    cancelled = timetable.cancel(command.meeting_id, reason=command.reason, marked=marked, now=now)
    if isinstance(cancelled, Err):
        return cancelled
    await meetings_cancelled([command.meeting_id], uow, Change(command.by.user_id, now, new_id))
    wanted = class_.type == "group" if command.replace is None else command.replace
    if not wanted:
        return Ok(CancelledMeeting(cancelled.value, None))
    closed = await uow.holidays.closed_days(since=timetable.today(now))
    slot = await first_free(timetable.slots_after_series(closed=closed, now=now), timetable.instructor_id, uow)
    if slot is None:
        return Err(NoFreeDate(timetable.horizon(now)))
    replacement = timetable.meet_on(slot, now=now, new_id=new_id)
    return replacement if isinstance(replacement, Err) else Ok(CancelledMeeting(cancelled.value, replacement.value))
