"""Who has earned the first points of the week comes to a league."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from babyowl_kernel import Command, Ok
from gamification.application.league_weeks import seat_those_without
from gamification.application.ports import UnitOfWork
from gamification.domain.periods import Cycle


@dataclass(frozen=True, slots=True)
class SeatNewcomers(Command[Ok[int]]):
    """Give seats in the week that is open to all who have points and no seat; how many they were."""

    exclusive: ClassVar[bool] = True

    this_week: date


async def seat_newcomers(command: SeatNewcomers, uow: UnitOfWork) -> Ok[int]:
    await uow.closings.hold()
    # The last week stays open a while into the next one, and nobody knows yet who will be where in that.
    last = await uow.closings.last(Cycle.WEEK)
    week = last.following.starts_on if last else await uow.leagues.latest_week() or command.this_week
    return Ok(await seat_those_without(uow, week))
