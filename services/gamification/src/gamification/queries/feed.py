"""What happened in a learner's game, newest first: points and what was taken back, levels, badges, quests, freezes.

All of it is read from the ledger and the days: nothing of it is kept beside them, so a rebuilt game has its feed.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from babyowl_chassis.sql import Connection
from gamification.domain.catalogue import Catalogue
from gamification.domain.levels import level_for
from gamification.domain.rules import SourceKind
from gamification.queries.freezes import BRIDGED
from gamification.queries.present import Present

# What a line brought the total to is told from the total as it is and all lines that came after it.
_LINES = """
WITH newer AS (
    SELECT coalesce(sum(amount), 0) AS amount FROM xp_transactions
    WHERE player_id = $1 AND (recorded_at, id) >= ($2, $3)
)
SELECT line.id, line.source_kind, line.source_id, line.rule, line.amount, line.earned_on, line.recorded_at,
    revocation.reason,
    player.total_xp - newer.amount - coalesce(sum(line.amount) OVER (
        ORDER BY line.recorded_at DESC, line.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS total_xp
FROM newer JOIN players AS player ON player.id = $1 JOIN LATERAL (
    SELECT * FROM xp_transactions WHERE player_id = $1 AND (recorded_at, id) < ($2, $3)
    ORDER BY recorded_at DESC, id DESC LIMIT $4
) AS line ON true
LEFT JOIN badge_revocations AS revocation ON line.source_kind = 'badge' AND line.amount < 0
    AND revocation.player_id = $1 AND 'badge_' || revocation.badge = line.rule
    AND revocation.revoked_at <= line.recorded_at
ORDER BY line.recorded_at DESC, line.id DESC
"""

_BEFORE_ALL = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


class Happening(StrEnum):
    """What sort of thing happened."""

    POINTS = "points"
    CORRECTION = "correction"
    BADGE = "badge"
    BADGE_LOST = "badge_lost"
    QUEST = "quest"
    QUEST_REOPENED = "quest_reopened"
    FREEZE = "freeze"


_OF_REWARDS = {
    SourceKind.BADGE: (Happening.BADGE, Happening.BADGE_LOST),
    SourceKind.QUEST: (Happening.QUEST, Happening.QUEST_REOPENED),
}


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing that happened; `day` is the learner's own day it counts for, `at` the moment it was known.

    What is about points has rule, source and the total it led to, and `new_level` if that is another than before;
    the title is that of the catalogue. `reason` is what staff says of a badge for as long as they have taken it away.
    """

    id: UUID
    at: datetime
    kind: Happening
    day: date
    amount: int = 0
    title: str | None = None
    reason: str | None = None
    rule: str | None = None
    source_kind: str | None = None
    source_id: UUID | None = None
    total_xp: int | None = None
    new_level: int | None = None


async def feed(
    db: Connection,
    player_id: UUID,
    catalogue: Catalogue,
    now: Present,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[FeedEntry]:
    """The latest entries first; one more than `limit`, to show whether there are others."""
    before = after or _BEFORE_ALL
    lines = [_entry(catalogue, **row) for row in await db.fetch(_LINES, player_id, *before, limit + 1)]
    since = lines[-1].at if len(lines) > limit else None
    bridged = [(row["day"], ZoneInfo(row["zone"])) for row in await db.fetch(BRIDGED, player_id, _day_before(since))]
    bridged += [(day, now.zone) for day in now.open_freezes]
    freezes = [_freeze(player_id, day, where) for day, where in bridged]
    entries = [*lines, *(each for each in freezes if (each.at, each.id) < before)]
    return sorted(entries, key=lambda each: (each.at, each.id), reverse=True)[: limit + 1]


def _entry(
    catalogue: Catalogue,
    *,
    id: UUID,  # noqa: A002  as the column is called
    source_kind: str,
    source_id: UUID,
    rule: str,
    amount: int,
    earned_on: date,
    recorded_at: datetime,
    reason: str | None,
    total_xp: int,
) -> FeedEntry:
    kind = SourceKind(source_kind)
    given, taken = _OF_REWARDS.get(kind, (Happening.POINTS, Happening.CORRECTION))
    level = level_for(total_xp)
    return FeedEntry(
        id=id,
        at=recorded_at,
        kind=given if amount > 0 else taken,
        day=earned_on,
        amount=amount,
        title=catalogue.title_of(kind, rule, earned_on),
        reason=reason,
        rule=rule,
        source_kind=source_kind,
        source_id=source_id,
        total_xp=total_xp,
        new_level=level if level != level_for(total_xp - amount) else None,
    )


def _freeze(player_id: UUID, day: date, zone: ZoneInfo) -> FeedEntry:
    """A freeze is spent when the day it bridges is over where the learner is."""
    over = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return FeedEntry(id=uuid5(player_id, f"freeze:{day}"), at=over, kind=Happening.FREEZE, day=day)


def _day_before(moment: datetime | None) -> date:
    # Zones are at most 14 hours ahead of UTC and 12 behind it.
    return date.min if moment is None else moment.date() - timedelta(days=2)
