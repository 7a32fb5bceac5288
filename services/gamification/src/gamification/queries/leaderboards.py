"""Leaderboards: who stands where.

On a leaderboard stand active students who have points and have not hidden themselves. Equal points share a
rank; among equals, who had them first stands first. An alias takes the place of name, picture and id, for
everybody but the learner: that is done here, in SQL, so that no answer can forget it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from babyowl_chassis.sql import Connection


class Period(StrEnum):
    """Which points count."""

    WEEKLY = "weekly"
    ALL_TIME = "all-time"


@dataclass(frozen=True, slots=True)
class Board:
    """One leaderboard: of a week (its Monday) or of all time, of a class or of the whole academy."""

    week: date | None = None
    class_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A learner's place. `player_id` and `avatar_url` are None behind an alias."""

    rank: int
    player_id: UUID | None
    name: str
    avatar_url: str | None
    xp: int
    total_xp: int
    is_me: bool


# $1 is who looks, $2 how many places; a class and a week are bound after them, where the board has them.
_STANDINGS = """
standings AS NOT MATERIALIZED (
    SELECT player.id AS player_id, {xp} AS xp, {reached_at} AS reached_at, player.total_xp, player.alias,
        person.display_name, person.avatar_url, player.id = $1 AS is_me
    FROM {scores}
    JOIN people AS person
        ON person.id = player.id AND person.role = 'student' AND person.status = 'active'
    {of_class}
    WHERE player.leaderboard = 'shown' AND {scored}
)"""

_PLACE = """
    CASE WHEN is_me OR alias IS NULL THEN player_id END AS player_id, coalesce(alias, display_name) AS name,
    CASE WHEN alias IS NULL THEN avatar_url END AS avatar_url, xp, total_xp, is_me"""

_TOP = """
WITH {standings}
SELECT rank() OVER (ORDER BY xp DESC) AS rank, {place}
FROM (SELECT * FROM standings ORDER BY xp DESC, reached_at, player_id LIMIT $2) AS top
ORDER BY xp DESC, reached_at, top.player_id
"""

# Ranks are counted once, for the first of the places shown; the others follow from it.
_AROUND = """
WITH {standings},
me AS (SELECT * FROM standings WHERE player_id = $1),
above AS (
    SELECT * FROM standings
    WHERE xp >= (SELECT xp FROM me)
        AND (xp > (SELECT xp FROM me) OR (reached_at, player_id) < (SELECT reached_at, player_id FROM me))
    ORDER BY xp, reached_at DESC, player_id DESC LIMIT $2
),
below AS (
    SELECT * FROM standings
    WHERE xp <= (SELECT xp FROM me)
        AND (xp < (SELECT xp FROM me) OR (reached_at, player_id) > (SELECT reached_at, player_id FROM me))
    ORDER BY xp DESC, reached_at, player_id LIMIT $2
),
shown AS (SELECT * FROM above UNION ALL SELECT * FROM me UNION ALL SELECT * FROM below),
first AS (SELECT * FROM shown ORDER BY xp DESC, reached_at, player_id LIMIT 1),
ahead AS (
    SELECT count(*) AS all_of_them, count(*) FILTER (WHERE xp > (SELECT xp FROM first)) AS with_more
    FROM standings
    WHERE xp >= (SELECT xp FROM first)
        AND (xp > (SELECT xp FROM first) OR (reached_at, player_id) < (SELECT reached_at, player_id FROM first))
)
SELECT CASE
        WHEN xp = (SELECT xp FROM first) THEN with_more + 1
        ELSE all_of_them + rank() OVER (ORDER BY xp DESC)
    END AS rank, {place}
FROM shown, ahead
ORDER BY xp DESC, reached_at, shown.player_id
"""

_ALL_TIME = {
    "scores": "players AS player",
    "xp": "player.total_xp",
    "reached_at": "player.reached_at",
    "scored": "player.total_xp > 0",
}
_WEEKLY = {
    "scores": "weekly_xp AS score JOIN players AS player ON player.id = score.player_id",
    "xp": "score.xp",
    "reached_at": "score.reached_at",
}


def _statement(template: str, *, weekly: bool, of_class: bool) -> str:
    scores = {**_WEEKLY, "scored": f"score.week = ${4 if of_class else 3}"} if weekly else _ALL_TIME
    members = (
        "JOIN class_members AS member ON member.student_id = player.id AND member.class_id = $3 AND member.active"
    )
    standings = _STANDINGS.format(**scores, of_class=members if of_class else "")
    return template.format(standings=standings, place=_PLACE)


def _statements(template: str) -> Mapping[tuple[bool, bool], str]:
    return {
        (weekly, of_class): _statement(template, weekly=weekly, of_class=of_class)
        for weekly in (True, False)
        for of_class in (True, False)
    }


_TOPS = _statements(_TOP)
_AROUNDS = _statements(_AROUND)


async def top(db: Connection, board: Board, *, viewer_id: UUID, limit: int) -> list[Place]:
    """The first places."""
    return await _places(db, _TOPS, board, viewer_id, limit)


async def around(db: Connection, board: Board, *, player_id: UUID, neighbours: int) -> list[Place]:
    """The learner's own place and as many before and behind it; empty for who is not on the leaderboard."""
    return await _places(db, _AROUNDS, board, player_id, neighbours)


async def _places(
    db: Connection,
    statements: Mapping[tuple[bool, bool], str],
    board: Board,
    viewer_id: UUID,
    number: int,
) -> list[Place]:
    sql = statements[board.week is not None, board.class_id is not None]
    bound = [value for value in (board.class_id, board.week) if value is not None]
    return [Place(**row) for row in await db.fetch(sql, viewer_id, number, *bound)]
