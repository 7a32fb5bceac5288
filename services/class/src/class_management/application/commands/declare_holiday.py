"""Staff close the academy for some days."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.holidays import Holiday
from class_management.domain.schedule_errors import HolidayRefused


@dataclass(frozen=True, slots=True)
class DeclaredHoliday:
    """A holiday, and how many planned meetings ahead it hits."""

    holiday: Holiday
    meetings_hit: int


HolidayOutcome: TypeAlias = Result[DeclaredHoliday, HolidayRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareHoliday(Command[HolidayOutcome]):
    name: str
    first_date: date
    last_date: date
    by: Actor


async def declare_holiday(command: DeclareHoliday, uow: UnitOfWork, clock: Clock, new_id: NewId) -> HolidayOutcome:
    now = clock()
    declared = Holiday.declare(
        name=command.name,
        first_date=command.first_date,
        last_date=command.last_date,
        by=command.by.user_id,
        now=now,
        new_id=new_id,
    )
    if isinstance(declared, Err):
        return declared
    uow.holidays.add(declared.value)
    hit = await uow.timetables.planned_between(command.first_date, command.last_date, now=now)
    return Ok(DeclaredHoliday(declared.value, hit))
