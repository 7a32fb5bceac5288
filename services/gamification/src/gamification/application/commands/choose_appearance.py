"""A learner chooses how to appear to others."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias
from uuid import UUID

from babyowl_kernel import Command, Err, Ok, Result
from gamification.application.ports import UnitOfWork
from gamification.domain.appearance import PlayerAppearance
from gamification.domain.errors import AliasBarred, AliasTaken, AliasUnsuitable
from gamification.domain.values import Alias, Visibility


class Kept(Enum):
    """Stands for what the learner leaves as it is."""

    KEPT = "kept"


KEPT = Kept.KEPT

AliasRefused: TypeAlias = AliasUnsuitable | AliasBarred | AliasTaken


@dataclass(frozen=True, slots=True)
class ChooseAppearance(Command[Result[PlayerAppearance, AliasRefused]]):
    """Stand on leaderboards or not; go by an alias, or by one's own name again (None)."""

    player_id: UUID
    leaderboard: Visibility | Kept = KEPT
    alias: str | Kept | None = KEPT


async def choose_appearance(command: ChooseAppearance, uow: UnitOfWork) -> Result[PlayerAppearance, AliasRefused]:
    appearance = await uow.appearances.get(command.player_id)
    if appearance is None:
        appearance = PlayerAppearance(id=command.player_id)
        uow.appearances.add(appearance)
    alias = appearance.alias
    if command.alias is None:
        alias = None
    elif command.alias is not KEPT:
        match await _free(command.alias, command.player_id, uow):
            case Ok(free):
                alias = free
            case Err() as refused:
                return refused
    leaderboard = appearance.leaderboard if command.leaderboard is KEPT else command.leaderboard
    appearance.choose(leaderboard=leaderboard, alias=alias)
    return Ok(appearance)


async def _free(text: str, player_id: UUID, uow: UnitOfWork) -> Result[Alias, AliasRefused]:
    """The alias, if the learner may go by it. That no other learner does is the database's word, at the commit."""
    alias = Alias.of(text)
    if isinstance(alias, Ok):
        if await uow.appearances.has_been_removed(alias.value):
            return Err(AliasBarred())
        if await uow.appearances.is_name_of_another(alias.value, player_id):
            return Err(AliasTaken())
    return alias
