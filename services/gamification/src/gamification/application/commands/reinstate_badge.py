"""Staff give a badge back that was taken away."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babyowl_kernel import Command, Err, Result
from gamification.application.long_histories import counted
from gamification.application.ports import UnitOfWork
from gamification.application.scorekeeping import Scorekeeper
from gamification.domain.errors import BadgeNotFound, BadgeNotRevoked


@dataclass(frozen=True, slots=True)
class ReinstateBadge(Command[Result[None, BadgeNotFound | BadgeNotRevoked]]):
    """Let a learner hold a badge again, if what they have done still earns it."""

    player_id: UUID
    badge: str


async def reinstate_badge(
    command: ReinstateBadge, uow: UnitOfWork, scorekeeper: Scorekeeper
) -> Result[None, BadgeNotFound | BadgeNotRevoked]:
    badge = scorekeeper.catalogue.badges.get(command.badge)
    if badge is None:
        return Err(BadgeNotFound(command.badge))
    player = await uow.players.get_since(command.player_id, date.min)
    if player is None:
        return Err(BadgeNotRevoked(command.badge))
    circumstances = await scorekeeper.circumstances(uow, player.id)
    return await counted(player, lambda: player.reinstate_badge(badge, circumstances))
