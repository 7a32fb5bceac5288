"""A learner's own numbers."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from babyowl_chassis.sql import Connection
from gamification.domain.calendar import day_of, week_of, zone_or
from gamification.domain.levels import Level
from gamification.domain.streaks import ActiveDays, Run, Streak

# Of the runs those around today, in whatever zone today is, and the longest and the latest one.
_STATS = """
SELECT person.display_name, person.avatar_url, person.time_zone,
    coalesce(player.total_xp, 0) AS total_xp,
    coalesce(weekly.xp, 0) AS weekly_xp,
    coalesce(appearance.leaderboard, 'shown') AS leaderboard,
    appearance.alias,
    ARRAY(
        SELECT ARRAY[first_day, last_day] FROM active_runs
            WHERE player_id = asked.id AND first_day <= $3::date + 2 AND last_day >= $3::date - 2
        UNION
        (SELECT ARRAY[first_day, last_day] FROM active_runs
            WHERE player_id = asked.id ORDER BY days DESC LIMIT 1)
        UNION
        (SELECT ARRAY[first_day, last_day] FROM active_runs
            WHERE player_id = asked.id ORDER BY first_day DESC LIMIT 1)
    ) AS runs
FROM (SELECT $1::uuid AS id) AS asked
LEFT JOIN players AS player ON player.id = asked.id
LEFT JOIN appearances AS appearance ON appearance.id = asked.id
LEFT JOIN people AS person ON person.id = asked.id
LEFT JOIN weekly_xp AS weekly ON weekly.player_id = asked.id AND weekly.week = $2
"""


@dataclass(frozen=True, slots=True)
class PlayerStats:
    """How far a learner is."""

    player_id: UUID
    display_name: str | None
    avatar_url: str | None
    total_xp: int
    xp_this_week: int
    level: Level
    streak: Streak
    leaderboard: str
    alias: str | None


async def player_stats(db: Connection, player_id: UUID, *, now: datetime, academy_zone: ZoneInfo) -> PlayerStats:
    """The learner's numbers at this moment; all zero for who has not done anything yet."""
    row = await db.fetchrow(_STATS, player_id, week_of(now, academy_zone), now.astimezone(UTC).date())
    assert row is not None  # noqa: S101  # the statement starts from one row
    runs: list[tuple[date, date]] = row["runs"]
    today = day_of(now, zone_or(row["time_zone"], academy_zone))
    return PlayerStats(
        player_id=player_id,
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
        total_xp=row["total_xp"],
        xp_this_week=row["weekly_xp"],
        level=Level.of(row["total_xp"]),
        streak=ActiveDays(Run(first, last) for first, last in runs).streak(today),
        leaderboard=row["leaderboard"],
        alias=row["alias"],
    )
