"""A learner chooses how to appear to others."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from babyowl_kernel import Command, Err, Ok, Result
from gamification.application.ports import UnitOfWork
from gamification.domain.errors import AliasTaken, AliasUnsuitable
from gamification.domain.player import PlayerProfile
from gamification.domain.values import Alias, Appearance, Visibility


class Kept(Enum):
    """Stands for what the learner leaves as it is."""

    KEPT = "kept"


KEPT = Kept.KEPT


@dataclass(frozen=True, slots=True)
class ChooseAppearance(Command[Result[Appearance, AliasUnsuitable | AliasTaken]]):
    """Stand on leaderboards or not; go by an alias, or by one's own name again (None)."""

    player_id: UUID
    leaderboard: Visibility | Kept = KEPT
    alias: str | Kept | None = KEPT


async def choose_appearance(
    command: ChooseAppearance, uow: UnitOfWork
) -> Result[Appearance, AliasUnsuitable | AliasTaken]:
    player = await uow.players.get(command.player_id)
    if player is None:
        player = PlayerProfile(id=command.player_id)
        uow.players.add(player)
    alias = player.alias
    if command.alias is None:
        alias = None
    elif command.alias is not KEPT:
        match Alias.of(command.alias):
            case Ok(accepted):
                alias = accepted
            case Err() as refused:
                return refused
    leaderboard = player.leaderboard if command.leaderboard is KEPT else command.leaderboard
    return Ok(player.choose_appearance(leaderboard=leaderboard, alias=alias))
