"""A learner's badges, and staff who take one away or give it back."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import StringConstraints

from babyowl_chassis.http import Body, OneLine, Reader, Staff, Student, TheBus, View, accepted
from gamification.application.commands.reinstate_badge import ReinstateBadge
from gamification.application.commands.revoke_badge import RevokeBadge
from gamification.interfaces.http.badges import BadgeId, BadgeView
from gamification.interfaces.http.dependencies import SeenPlayer, TheCatalogue
from gamification.queries.badges import PlayerBadge, PlayerBadges, player_badges

router = APIRouter(prefix="/api/v1/players", tags=["Badges"])

Reason = Annotated[OneLine, StringConstraints(min_length=1, max_length=500)]


class RevokedView(View):
    """Why and when staff took the badge away."""

    reason: str
    revoked_at: datetime


class PlayerBadgeView(View):
    """A badge, and how it stands with the learner: `value` of the badge's `at_least`.

    `earned_on` is a day of the learner's own; null while the badge is not held.
    """

    badge: BadgeView
    value: int
    earned_on: date | None
    revoked: RevokedView | None

    @classmethod
    def of(cls, value: PlayerBadge) -> Self:
        """The view of the query's answer."""
        return cls(
            badge=BadgeView.of(value.badge),
            value=value.value,
            earned_on=value.earned_on,
            revoked=RevokedView.of(value.revoked) if value.revoked else None,
        )


class NextBadgeView(View):
    """A badge that comes next, by its id, and how many more it takes."""

    badge: str
    value: int
    missing: int


class PlayerBadgesView(View):
    """All badges, in the order they are shown; of each kind the one that comes next, the nearest first."""

    held: int
    items: list[PlayerBadgeView]
    next: list[NextBadgeView]

    @classmethod
    def of(cls, value: PlayerBadges) -> Self:
        """The view of the query's answer."""
        return cls(
            held=sum(item.earned_on is not None for item in value.items),
            items=[PlayerBadgeView.of(item) for item in value.items],
            next=[NextBadgeView(badge=goal.badge.id, value=goal.value, missing=goal.missing) for goal in value.goals],
        )


class RevocationBody(Body):
    """The learner reads the reason."""

    reason: Reason


class RevocationView(View):
    """A badge that was taken away."""

    badge: str
    reason: str
    revoked_by: UUID
    revoked_at: datetime


@router.get("/me/badges")
async def my_badges(db: Reader, user: Student, catalogue: TheCatalogue) -> PlayerBadgesView:
    """Your badges, and how far it is to the others."""
    return PlayerBadgesView.of(await player_badges(db, user.user_id, catalogue.badges))


@router.get("/{player_id}/badges")
async def badges_of(player_id: SeenPlayer, db: Reader, catalogue: TheCatalogue) -> PlayerBadgesView:
    """A learner's badges: for the learner, the instructors of their classes, and staff."""
    return PlayerBadgesView.of(await player_badges(db, player_id, catalogue.badges))


@router.post("/{player_id}/badges/{badge}/revocation", status_code=201)
async def revoke_badge(
    user: Staff, player_id: SeenPlayer, badge: BadgeId, body: RevocationBody, bus: TheBus
) -> RevocationView:
    """Take a badge away from a learner, and its points; the learner reads why."""
    command = RevokeBadge(player_id=player_id, badge=badge, reason=body.reason, by=user.user_id)
    return await bus.answer(command, RevocationView)


@router.delete("/{player_id}/badges/{badge}/revocation", status_code=204)
async def reinstate_badge(_: Staff, player_id: SeenPlayer, badge: BadgeId, bus: TheBus) -> None:
    """Give a badge back that was taken away, and its points, as of the day it was earned."""
    accepted(await bus.execute(ReinstateBadge(player_id=player_id, badge=badge)))
