"""A learner's days are folded anew, because a fact came late."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Command, Ok
from gamification.application.ports import UnitOfWork
from gamification.application.scorekeeping import Scorekeeper


@dataclass(frozen=True, slots=True)
class RecountPlayer(Command[Ok[None]]):
    """Carry out the recount that is asked for, if there is one."""

    player_id: UUID


async def recount_player(command: RecountPlayer, uow: UnitOfWork, scorekeeper: Scorekeeper) -> Ok[None]:
    recount = await uow.recounts.due(command.player_id)
    if recount is not None:
        await scorekeeper.recount(uow, command.player_id, from_day=recount.from_day, redraw=recount.redraw)
        await uow.recounts.done(command.player_id, recount)
    return Ok(None)
