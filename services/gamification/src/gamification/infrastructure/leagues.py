"""Seats and results of leagues, on Postgres: written by the thousand, read many cohorts at a time."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date
from itertools import groupby
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.leagues import Finish, League, Result
from gamification.domain.scores import ACADEMY_ID
from gamification.queries.faces import SHOWN_PEOPLE

COHORTS_AT_ONCE = 2000

_FIRST_WEEK = "SELECT min(week) FROM league_seats"
_LATEST_WEEK = "SELECT max(week) FROM league_seats"

# Who was in a league before comes back to where the last result says.
_NEWCOMERS = f"""
SELECT score.player_id, coalesce(last.next_league, $3) AS league
FROM scores AS score JOIN {SHOWN_PEOPLE} AS shown ON shown.id = score.player_id
LEFT JOIN LATERAL (
    SELECT next_league FROM league_results WHERE player_id = score.player_id AND week < $1 ORDER BY week DESC LIMIT 1
) AS last ON true
WHERE score.scope = 'academy' AND score.scope_id = $2 AND score.period = 'week' AND score.starts_on = $1
    AND NOT EXISTS (SELECT FROM league_seats AS seat WHERE seat.player_id = score.player_id AND seat.week = $1)
"""  # noqa: S608  the only thing put in is the rule of who is ranked

_SIZES = "SELECT cohort, count(*) AS size FROM league_seats WHERE week = $1 AND league = $2 GROUP BY cohort"

_SEAT = """
INSERT INTO league_seats (week, league, player_id, cohort)
SELECT $1, $2, seat.* FROM unnest($3::uuid[], $4::int[]) AS seat
ON CONFLICT (player_id, week) DO NOTHING
"""

_FINISHES = f"""
SELECT seat.cohort, seat.player_id, place.position, coalesce(place.xp, 0) AS xp,
    shown.id IS NOT NULL AS takes_part
FROM league_seats AS seat LEFT JOIN {SHOWN_PEOPLE} AS shown ON shown.id = seat.player_id
LEFT JOIN final_places AS place ON place.cycle = 'week' AND place.starts_on = $1 AND place.scope = 'academy'
    AND place.scope_id = $5 AND place.player_id = seat.player_id
WHERE seat.week = $1 AND seat.league = $2 AND seat.cohort >= $3 AND seat.cohort < $4
ORDER BY seat.cohort
"""  # noqa: S608  the only thing put in is the rule of who is ranked

_NOTE = """
INSERT INTO league_results (week, league, player_id, cohort, rank, xp, move, next_league)
SELECT $1, $2, result.*
FROM unnest($3::uuid[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[]) AS result
"""


class SqlLeagues:
    """Who spends which week in which cohort, and how they came out of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def first_week(self) -> date | None:
        """The first week that was played in leagues."""
        week: date | None = await self._connection.fetchval(_FIRST_WEEK)
        return week

    async def latest_week(self) -> date | None:
        """The last week that anybody has a seat in."""
        week: date | None = await self._connection.fetchval(_LATEST_WEEK)
        return week

    async def newcomers(self, week: date) -> Mapping[League, list[UUID]]:
        """Who has points in the week and no seat, by the league they come to."""
        found: dict[League, list[UUID]] = {}
        for row in await self._connection.fetch(_NEWCOMERS, week, ACADEMY_ID, League.BRONZE.value):
            found.setdefault(League(row["league"]), []).append(row["player_id"])
        return found

    async def sizes(self, week: date, league: League) -> Mapping[int, int]:
        """How many seats each cohort of a league has given out, by its number."""
        rows = await self._connection.fetch(_SIZES, week, league.value)
        return {row["cohort"]: row["size"] for row in rows}

    async def seat(self, week: date, league: League, seats: Mapping[UUID, int]) -> None:
        """Give out seats; who has one that week keeps it."""
        await self._connection.execute(_SEAT, week, league.value, list(seats), list(seats.values()))

    async def finishes(self, week: date, league: League) -> AsyncIterator[Mapping[int, list[Finish]]]:
        """How the members of each cohort came out of the week that was frozen, thousands of cohorts at a time."""
        first = 0
        while rows := await self._connection.fetch(
            _FINISHES, week, league.value, first, first + COHORTS_AT_ONCE, ACADEMY_ID
        ):
            yield {
                cohort: [Finish(row["player_id"], row["position"], row["xp"], row["takes_part"]) for row in members]
                for cohort, members in groupby(rows, key=lambda row: int(row["cohort"]))
            }
            first += COHORTS_AT_ONCE

    async def note(self, week: date, league: League, results: Iterable[tuple[int, Result]]) -> None:
        """Keep how members of cohorts, by the number of these, came out of the week."""
        noted = list(results)
        await self._connection.execute(
            _NOTE,
            week,
            league.value,
            [result.player_id for _, result in noted],
            [cohort for cohort, _ in noted],
            [result.rank for _, result in noted],
            [result.xp for _, result in noted],
            [result.move.value for _, result in noted],
            [result.next_league and result.next_league.value for _, result in noted],
        )
