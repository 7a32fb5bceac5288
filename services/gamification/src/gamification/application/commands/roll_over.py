"""A learner's new day begins."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babyowl_kernel import Command, Ok
from gamification.application.ports import UnitOfWork
from gamification.application.scorekeeping import Scorekeeper


@dataclass(frozen=True, slots=True)
class RollOver(Command[Ok[bool]]):
    """Begin the day that was due at that moment; whether it was for this one to do.

    However many see that it is due: the midnight stands on the player's row, which only one of them can change.
    """

    player_id: UUID
    due_at: datetime


async def roll_over(command: RollOver, uow: UnitOfWork, scorekeeper: Scorekeeper) -> Ok[bool]:
    return Ok(await scorekeeper.roll_over(uow, command.player_id, due_at=command.due_at))
