"""Staff open the academy on days that had been declared a holiday."""

from dataclasses import dataclass

from babyowl_kernel import Actor, Command, Err, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.holidays import Holiday
from class_management.domain.schedule_errors import HolidayNotFound
from class_management.domain.values import HolidayId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawHoliday(Command[Result[Holiday, HolidayNotFound]]):
    holiday_id: HolidayId
    by: Actor


async def withdraw_holiday(command: WithdrawHoliday, uow: UnitOfWork) -> Result[Holiday, HolidayNotFound]:
    holiday = await uow.holidays.get(command.holiday_id)
    if holiday is None:
        return Err(HolidayNotFound(command.holiday_id))
    holiday.withdraw()
    uow.holidays.remove(holiday)
    return Ok(holiday)
