"""Who stands where on a leaderboard, as Postgres has it: the truth, of which the cache is a copy."""

from collections.abc import Sequence
from dataclasses import dataclass

from babyowl_chassis.sql import Connection
from gamification.domain.boards import Board, Ranked
from gamification.queries.faces import SHOWN_PEOPLE, Face, Viewer, faces


@dataclass(frozen=True, slots=True)
class Place:
    """A learner's place, as a viewer sees it."""

    rank: int
    xp: int
    total_xp: int
    face: Face


# $1 and $2 are the viewer, $3 to $6 the scores that count, $7 how many places, $8 the class, where it is of one.
_STANDINGS = f"""
WITH standings AS NOT MATERIALIZED (
    SELECT score.player_id, score.xp, score.reached_at
    FROM scores AS score
    JOIN {SHOWN_PEOPLE} AS shown ON shown.id = score.player_id
    {{of_class}}
    WHERE score.scope = $3 AND score.scope_id = $4 AND score.period = $5 AND score.starts_on = $6
)"""  # noqa: S608  the only thing put in is a constant

_OF_CLASS = """
    JOIN class_members AS member ON member.student_id = score.player_id AND member.class_id = $8 AND member.active"""

_TOP = """,
stood AS (
    SELECT rank() OVER (ORDER BY xp DESC) AS rank, player_id, xp, reached_at
    FROM (SELECT * FROM standings ORDER BY xp DESC, reached_at, player_id LIMIT $7) AS top
)"""

# Ranks are counted once, for the first of the places shown; the others follow from it.
_AROUND = """,
me AS (SELECT * FROM standings WHERE player_id = $1),
above AS (
    SELECT * FROM standings
    WHERE xp >= (SELECT xp FROM me)
        AND (xp > (SELECT xp FROM me) OR (reached_at, player_id) < (SELECT reached_at, player_id FROM me))
    ORDER BY xp, reached_at DESC, player_id DESC LIMIT $7
),
below AS (
    SELECT * FROM standings
    WHERE xp <= (SELECT xp FROM me)
        AND (xp < (SELECT xp FROM me) OR (reached_at, player_id) > (SELECT reached_at, player_id FROM me))
    ORDER BY xp DESC, reached_at, player_id LIMIT $7
),
shown AS (SELECT * FROM above UNION ALL SELECT * FROM me UNION ALL SELECT * FROM below),
first AS (SELECT * FROM shown ORDER BY xp DESC, reached_at, player_id LIMIT 1),
ahead AS (
    SELECT count(*) AS all_of_them, count(*) FILTER (WHERE xp > (SELECT xp FROM first)) AS with_more
    FROM standings
    WHERE xp >= (SELECT xp FROM first)
        AND (xp > (SELECT xp FROM first) OR (reached_at, player_id) < (SELECT reached_at, player_id FROM first))
),
stood AS (
    SELECT CASE
            WHEN xp = (SELECT xp FROM first) THEN with_more + 1
            ELSE all_of_them + rank() OVER (ORDER BY xp DESC)
        END AS rank, player_id, xp, reached_at
    FROM shown, ahead
)"""

# What the cache remembers, as far as it is still so.
_REMEMBERED = """
WITH stood AS (
    SELECT told.rank, score.player_id, score.xp, score.reached_at
    FROM unnest($7::uuid[], $8::int[], $9::int[], $10::timestamptz[]) AS told (player_id, rank, xp, reached_at)
    JOIN scores AS score USING (player_id, xp, reached_at)
    WHERE score.scope = $3 AND score.scope_id = $4 AND score.period = $5 AND score.starts_on = $6
)"""

_PLACES = f"""
SELECT stood.rank, stood.xp, player.total_xp, face.*
FROM stood
JOIN ({faces("stood")}) AS face ON face.of = stood.player_id
JOIN players AS player ON player.id = stood.player_id
ORDER BY stood.xp DESC, stood.reached_at, stood.player_id
"""  # noqa: S608

_TOPS = tuple(_STANDINGS.format(of_class=part) + _TOP + _PLACES for part in ("", _OF_CLASS))
_AROUNDS = tuple(_STANDINGS.format(of_class=part) + _AROUND + _PLACES for part in ("", _OF_CLASS))


async def top(db: Connection, board: Board, *, viewer: Viewer, limit: int) -> list[Place]:
    """The first places."""
    return await _places(db, _TOPS[board.class_id is not None], board, viewer, limit)


async def around(db: Connection, board: Board, *, viewer: Viewer, neighbours: int) -> list[Place]:
    """The viewer's own place and as many before and behind it; empty for who is not on the leaderboard."""
    return await _places(db, _AROUNDS[board.class_id is not None], board, viewer, neighbours)


async def remembered(
    db: Connection, board: Board, standings: Sequence[Ranked], *, viewer: Viewer
) -> list[Place] | None:
    """The places of these standings; None if one of them is no longer what it was, or may not be shown."""
    places = await _places(
        db,
        _REMEMBERED + _PLACES,
        board,
        viewer,
        [each.player_id for each in standings],
        [each.rank for each in standings],
        [each.xp for each in standings],
        [each.reached_at for each in standings],
    )
    return places if len(places) == len(standings) else None


async def _places(db: Connection, sql: str, board: Board, viewer: Viewer, *bound: object) -> list[Place]:
    scores = board.scores
    of_class = [board.class_id] if board.class_id is not None else []
    rows = await db.fetch(
        sql,
        viewer.id,
        viewer.knows_everybody,
        scores.scope,
        scores.scope_id,
        scores.period,
        scores.starts_on,
        *bound,
        *of_class,
    )
    return [Place(row["rank"], row["xp"], row["total_xp"], Face.of(row)) for row in rows]
