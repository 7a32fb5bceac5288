"""A learner's own numbers."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.calendar import Academy
from gamification.domain.catalogue import Catalogue
from gamification.domain.levels import Level, xp_needed
from gamification.domain.streaks import Streak
from gamification.queries.history import LedgerLine
from gamification.queries.present import present

_STATS = """
SELECT person.display_name, person.avatar_url,
    coalesce(player.total_xp, 0) AS total_xp,
    coalesce(player.announced_level, 1) AS highest_level,
    coalesce(weekly.xp, 0) AS weekly_xp,
    coalesce(appearance.leaderboard, 'shown') AS leaderboard,
    appearance.alias
FROM (SELECT $1::uuid AS id) AS asked
LEFT JOIN players AS player ON player.id = asked.id
LEFT JOIN appearances AS appearance ON appearance.id = asked.id
LEFT JOIN people AS person ON person.id = asked.id
LEFT JOIN scores AS weekly ON weekly.player_id = asked.id AND weekly.scope = 'academy'
    AND weekly.scope_id = '00000000-0000-0000-0000-000000000000'
    AND weekly.period = 'week' AND weekly.starts_on = $2
"""

# What a line brought the total to is told from the total as it is and all lines that came after it. The latest
# correction that crossed the level's beginning is the one to blame; lines are read back to it, and no further.
_FALL = """
SELECT line.id, line.rule, line.amount, line.source_kind, line.source_id, line.earned_on, line.recorded_at
FROM (
    SELECT xp_transactions.*, player.total_xp - coalesce(sum(amount) OVER (
        ORDER BY recorded_at DESC, xp_transactions.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS total_xp
    FROM players AS player JOIN xp_transactions ON player_id = player.id
    WHERE player.id = $1
) AS line
WHERE line.total_xp < $2 AND line.total_xp - line.amount >= $2
ORDER BY line.recorded_at DESC, line.id DESC
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Fall:
    """The learner is below a level that was announced: by so many points, and since which correction.

    There is no correction to name if the game was rebuilt since: then it is as if it had been right at first.
    """

    missing_xp: int
    correction: LedgerLine | None


@dataclass(frozen=True, slots=True)
class PlayerStats:
    """How far a learner is; `highest_level` is the highest one ever announced."""

    player_id: UUID
    display_name: str | None
    avatar_url: str | None
    total_xp: int
    xp_this_week: int
    level: Level
    highest_level: int
    fall: Fall | None
    streak: Streak
    leaderboard: str
    alias: str | None


async def total_xp(db: Connection, player_id: UUID) -> int:
    """The learner's points."""
    return await db.fetchval("SELECT total_xp FROM players WHERE id = $1", player_id) or 0


async def player_stats(db: Connection, player_id: UUID, academy: Academy, catalogue: Catalogue) -> PlayerStats:
    """The learner's numbers at this moment; all zero for who has not done anything yet."""
    row = await db.fetchrow(_STATS, player_id, academy.this_week())
    assert row is not None  # noqa: S101  # the statement starts from one row
    level = Level.of(row["total_xp"])
    return PlayerStats(
        player_id=player_id,
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
        total_xp=row["total_xp"],
        xp_this_week=row["weekly_xp"],
        level=level,
        highest_level=row["highest_level"],
        fall=None if level.number >= row["highest_level"] else await _fall(db, player_id, catalogue, **row),
        streak=(await present(db, player_id, academy)).streak,
        leaderboard=row["leaderboard"],
        alias=row["alias"],
    )


async def _fall(
    db: Connection, player_id: UUID, catalogue: Catalogue, *, total_xp: int, highest_level: int, **_: object
) -> Fall:
    begins = xp_needed(highest_level)
    line = await db.fetchrow(_FALL, player_id, begins)
    return Fall(begins - total_xp, None if line is None else LedgerLine.of(catalogue, **line))
