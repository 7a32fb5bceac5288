"""Leagues: the table of one's cohort as it stands, and how the weeks before came out."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.leagues import Finish, League, Move, settle
from gamification.domain.scores import ACADEMY_ID
from gamification.queries.faces import Face, Viewer, faces

# The week stays open for a while after its end. Without a seat it is the last result that says where one would be.
_SEAT = """
SELECT seat.week, seat.league, seat.cohort, last.next_league
FROM (SELECT $1::uuid AS player_id) AS asked
LEFT JOIN LATERAL (
    SELECT week, next_league FROM league_results WHERE player_id = asked.player_id ORDER BY week DESC LIMIT 1
) AS last ON true
LEFT JOIN LATERAL (
    SELECT week, league, cohort FROM league_seats
    WHERE player_id = asked.player_id AND week > coalesce(last.week, '-infinity') ORDER BY week DESC LIMIT 1
) AS seat ON true
"""

_TABLE = f"""
SELECT face.*, coalesce(score.xp, 0) AS xp
FROM ({faces("(SELECT player_id FROM league_seats WHERE week = $3 AND league = $4 AND cohort = $5) AS seat")}) AS face
LEFT JOIN scores AS score ON score.player_id = face.of AND score.scope = 'academy' AND score.scope_id = $6
    AND score.period = 'week' AND score.starts_on = $3
ORDER BY xp DESC, score.reached_at, face.of
"""  # noqa: S608  the only things put in are relations

_HISTORY = """
SELECT week, league, rank, CASE WHEN rank IS NOT NULL THEN xp END AS xp, move, next_league FROM league_results
WHERE player_id = $1 AND week < $2 ORDER BY week DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a learner is: in a cohort of the week that is open, or in none. `league` is None for newcomers."""

    league: League | None
    week: date | None = None
    cohort: int | None = None


@dataclass(frozen=True, slots=True)
class CohortPlace:
    """A place in a cohort, and what would become of it if the week closed now."""

    rank: int
    xp: int
    move: Move
    face: Face


@dataclass(frozen=True, slots=True)
class LeagueWeek:
    """How a week came out; who was on no leaderboard has neither rank nor points, who left no next league."""

    week: date
    league: str
    rank: int | None
    xp: int | None
    move: str
    next_league: str | None


async def seat_of(db: Connection, player_id: UUID) -> Seat:
    """Where the learner is in the week that is open."""
    row = await db.fetchrow(_SEAT, player_id)
    assert row is not None  # noqa: S101  # the statement starts from one row
    if row["week"] is None:
        return Seat(League(row["next_league"]) if row["next_league"] else None)
    return Seat(League(row["league"]), row["week"], row["cohort"])


async def cohort_table(db: Connection, seat: Seat, *, viewer: Viewer) -> list[CohortPlace]:
    """The cohort as it stands, for one of its members; empty for who has no seat or is on no leaderboard."""
    if seat.league is None or seat.week is None:
        return []
    rows = await db.fetch(
        _TABLE, viewer.id, viewer.knows_everybody, seat.week, seat.league.value, seat.cohort, ACADEMY_ID
    )
    if not any(row["is_me"] for row in rows):
        return []
    shown = {row["of"]: Face.of(row) for row in rows}
    standing = [
        Finish(row["of"], position if row["xp"] else None, row["xp"]) for position, row in enumerate(rows, start=1)
    ]
    return [
        CohortPlace(result.rank, result.xp, result.move, shown[result.player_id])
        for result in settle(seat.league, standing)
        if result.rank is not None
    ]


async def league_history(
    db: Connection, player_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> list[LeagueWeek]:
    """The weeks that are over, newest first; one more than `limit`, to show whether there are others."""
    [before] = after or (date.max,)
    return [LeagueWeek(**row) for row in await db.fetch(_HISTORY, player_id, before, limit + 1)]
