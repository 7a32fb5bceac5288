"""Staff take a badge away from a learner."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, Result
from gamification.application.long_histories import counted
from gamification.application.ports import UnitOfWork
from gamification.application.scorekeeping import Scorekeeper
from gamification.domain.badges import BadgeRevocation
from gamification.domain.errors import BadgeNotFound, BadgeNotHeld


@dataclass(frozen=True, slots=True)
class RevokeBadge(Command[Result[BadgeRevocation, BadgeNotFound | BadgeNotHeld]]):
    """Let a learner no longer hold a badge, whatever they do; the learner reads the reason."""

    player_id: UUID
    badge: str
    reason: str
    by: UUID


async def revoke_badge(
    command: RevokeBadge, uow: UnitOfWork, scorekeeper: Scorekeeper, clock: Clock
) -> Result[BadgeRevocation, BadgeNotFound | BadgeNotHeld]:
    if scorekeeper.catalogue.badges.get(command.badge) is None:
        return Err(BadgeNotFound(command.badge))
    player = await uow.players.get_since(command.player_id, date.min)
    if player is None:
        return Err(BadgeNotHeld(command.badge))
    revocation = BadgeRevocation(command.badge, command.reason, command.by, clock())
    circumstances = await scorekeeper.circumstances(uow, player.id)
    return await counted(player, lambda: player.revoke_badge(revocation, circumstances))
