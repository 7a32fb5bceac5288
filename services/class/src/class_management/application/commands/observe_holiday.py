"""A class gives a holiday its due: meetings on its days move to the end of the series."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.engagements import first_free
from class_management.application.make_ups import Change, meetings_no_longer_as_booked
from class_management.application.ports import UnitOfWork
from class_management.domain.errors import ClassNotFound, ClassOver
from class_management.domain.schedule import Meeting
from class_management.domain.schedule_errors import HolidayNotFound, NoFreeDate
from class_management.domain.values import ClassId, HolidayId

ObservanceOutcome: TypeAlias = Result[tuple[Meeting, ...], HolidayNotFound | ClassNotFound | ClassOver | NoFreeDate]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserveHoliday(Command[ObservanceOutcome]):
    """Again changes nothing: then no meeting is left on those days. Marked meetings stay where they are."""

    exclusive: ClassVar[bool] = True

    holiday_id: HolidayId
    class_id: ClassId
    by: Actor


async def observe_holiday(command: ObserveHoliday, uow: UnitOfWork, clock: Clock, new_id: NewId) -> ObservanceOutcome:
    timetable = await uow.timetables.of_class(command.class_id)
    if timetable is None:
        return Err(ClassNotFound(command.class_id))
    holiday = await uow.holidays.get(command.holiday_id)
    if holiday is None:
        return Err(HolidayNotFound(command.holiday_id))
    if timetable.closed_at is not None:
        return Err(ClassOver(command.class_id))
    now = clock()
    closed = await uow.holidays.closed_days(since=timetable.today(now))
    hit = timetable.hit_by(holiday.first_date, holiday.last_date, now=now)
    marked = await uow.registers.begun([meeting.id for meeting in hit])
    moved: list[Meeting] = []
    for meeting in hit:
        if meeting.id in marked:
            continue
        slot = await first_free(timetable.slots_after_series(closed=closed, now=now), meeting.instructor_id, uow)
        if slot is None:
            return Err(NoFreeDate(timetable.horizon(now)))
        moved.append(timetable.put(meeting, slot, now=now))
    if moved:
        change = Change(command.by.user_id, now, new_id)
        await meetings_no_longer_as_booked([meeting.id for meeting in moved], uow, change)
    return Ok(tuple(moved))
