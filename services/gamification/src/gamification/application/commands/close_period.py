"""A week or month of the academy is closed."""

from dataclasses import dataclass
from typing import ClassVar

from babyowl_kernel import Clock, Command, Ok
from gamification.application.league_weeks import is_played_in_leagues, settle_week
from gamification.application.ports import UnitOfWork
from gamification.domain.closing import ClosedPeriod
from gamification.domain.periods import ClosingPeriod, Cycle


@dataclass(frozen=True, slots=True)
class ClosePeriod(Command[Ok[bool]]):
    """Fix the places on all boards of the period; whether it was open until now.

    `quietly` only that: no league plays for it, and nobody is told.
    """

    exclusive: ClassVar[bool] = True

    period: ClosingPeriod
    quietly: bool = False


async def close_period(command: ClosePeriod, uow: UnitOfWork, clock: Clock) -> Ok[bool]:
    await uow.closings.hold()
    if await uow.closings.get(command.period.id) is not None:
        return Ok(value=False)
    closed = ClosedPeriod.close(command.period, now=clock(), quietly=command.quietly)
    await uow.closings.freeze(command.period)
    is_played = command.period.cycle is Cycle.WEEK and not command.quietly
    if is_played and await is_played_in_leagues(uow, command.period.starts_on):
        await settle_week(uow, closed)
    uow.closings.add(closed)
    return Ok(value=True)
