"""A learner's badges: those held, those taken away, and how far it is to the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.badges import Badge, BadgeCatalogue, BadgeGoal
from gamification.domain.days import NOTHING_YET, Standing
from gamification.infrastructure.mappers import standing_from_json

_BADGES = """
SELECT (SELECT standing FROM days WHERE player_id = $1 ORDER BY day DESC LIMIT 1) AS standing,
    ARRAY(SELECT ROW(badge, earned_on) FROM badges WHERE player_id = $1) AS earned,
    ARRAY(SELECT ROW(badge, reason, revoked_at) FROM badge_revocations WHERE player_id = $1) AS revoked
"""


@dataclass(frozen=True, slots=True)
class Revoked:
    """Staff has taken the badge away, and says why."""

    reason: str
    revoked_at: datetime


@dataclass(frozen=True, slots=True)
class PlayerBadge:
    """A badge as it stands with a learner: held since `earned_on`, taken away, or still ahead.

    `value` is how many of the badge's fact the learner has come to, at most as many as it asks for.
    """

    badge: Badge
    value: int
    earned_on: date | None
    revoked: Revoked | None


@dataclass(frozen=True, slots=True)
class PlayerBadges:
    """All badges there are, as they stand with a learner; and the next of each kind, the nearest first."""

    items: list[PlayerBadge]
    goals: list[BadgeGoal]


async def player_badges(db: Connection, player_id: UUID, catalogue: BadgeCatalogue) -> PlayerBadges:
    """The badges of a learner; none are held by who has not done anything yet."""
    row = await db.fetchrow(_BADGES, player_id)
    assert row is not None  # noqa: S101  # the statement always has one row
    standing = _standing(row["standing"])
    earned: dict[str, date] = dict(row["earned"])
    revoked = {badge: Revoked(reason, revoked_at) for badge, reason, revoked_at in row["revoked"]}
    items = [
        PlayerBadge(
            badge=badge,
            value=min(badge.at_least, standing.value(badge.fact)),
            earned_on=None if badge.id in revoked else earned.get(badge.id),
            revoked=revoked.get(badge.id),
        )
        for badge in catalogue
    ]
    return PlayerBadges(items, catalogue.next_goals(standing))


def _standing(stored: Mapping[str, Any] | None) -> Standing:
    return NOTHING_YET if stored is None else standing_from_json(stored)
