"""Staff take an unsuitable alias away from a learner."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Actor, Clock, Command, Err, Result
from gamification.application.ports import UnitOfWork
from gamification.domain.appearance import PlayerAppearance
from gamification.domain.errors import AliasNotWorn
from gamification.domain.values import Alias


@dataclass(frozen=True, slots=True)
class RemoveAlias(Command[Result[PlayerAppearance, AliasNotWorn]]):
    """Take this alias away, and say why; the learner reads the reason."""

    player_id: UUID
    alias: str
    reason: str
    by: Actor


async def remove_alias(command: RemoveAlias, uow: UnitOfWork, clock: Clock) -> Result[PlayerAppearance, AliasNotWorn]:
    appearance = await uow.appearances.get(command.player_id)
    if appearance is None:
        return Err(AliasNotWorn())
    return appearance.remove_alias(Alias(command.alias), reason=command.reason, by=command.by.user_id, now=clock())
