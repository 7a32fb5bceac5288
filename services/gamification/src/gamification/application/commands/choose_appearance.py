"""A learner chooses how to appear to others."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from babyowl_kernel import Command, Err, Ok, Result
from gamification.application.ports import UnitOfWork
from gamification.domain.aliases import AliasWords
from gamification.domain.appearance import PlayerAppearance
from gamification.domain.errors import AliasUnsuitable
from gamification.domain.values import Visibility


class Kept(Enum):
    """Stands for what the learner leaves as it is."""

    KEPT = "kept"


KEPT = Kept.KEPT


@dataclass(frozen=True, slots=True)
class ChooseAppearance(Command[Result[PlayerAppearance, AliasUnsuitable]]):
    """Stand on leaderboards or not; go by an alias, or by none (None)."""

    player_id: UUID
    leaderboard: Visibility | Kept = KEPT
    alias: str | Kept | None = KEPT


async def choose_appearance(
    command: ChooseAppearance, uow: UnitOfWork, words: AliasWords
) -> Result[PlayerAppearance, AliasUnsuitable]:
    """That no other learner goes by the alias is the database's word, at the commit."""
    appearance = await uow.appearances.get(command.player_id)
    if appearance is None:
        appearance = PlayerAppearance(id=command.player_id)
        uow.appearances.add(appearance)
    alias = appearance.alias
    if command.alias is None:
        alias = None
    elif command.alias is not KEPT:
        match words.parse(command.alias):
            case Ok(composed):
                alias = composed
            case Err() as refused:
                return refused
    leaderboard = appearance.leaderboard if command.leaderboard is KEPT else command.leaderboard
    appearance.choose(leaderboard=leaderboard, alias=alias)
    return Ok(appearance)
