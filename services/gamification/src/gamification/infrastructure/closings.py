"""Closed periods, and the places they froze, on Postgres."""

from datetime import date

from babyowl_chassis.unit_of_work import AggregateMapping, Rows, SqlRepository
from gamification.domain.closing import ClosedPeriod
from gamification.domain.periods import ClosingPeriod, Cycle
from gamification.domain.scores import ACADEMY_ID
from gamification.infrastructure.tables.leagues import ClosedPeriodRow
from gamification.queries.faces import SHOWN_PEOPLE

# A close may take longer than a request: of a million learners, say. Nobody waits for it but the next replica. And
# it joins everybody with everybody's rows of a week that statistics have not heard of yet: they make the planner
# expect one row, and loop over the whole week for each learner.
_SETTINGS = "SELECT set_config('statement_timeout', '10min', true), set_config('enable_nestloop', 'off', true)"
_HOLD = "SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.closing'))"
_LAST = "SELECT max(starts_on) FROM closed_periods WHERE cycle = $1"

# One statement, so that all boards are of the same moment. Courses are found one index entry each: there are
# hundreds of them, and millions of scores. A class ranks its members by all their points.
_FREEZE = f"""
WITH RECURSIVE course AS (
    (SELECT scope_id FROM scores WHERE scope = 'course' ORDER BY scope_id LIMIT 1)
    UNION ALL
    SELECT next.scope_id FROM course CROSS JOIN LATERAL (
        SELECT scope_id FROM scores WHERE scope = 'course' AND scope_id > course.scope_id ORDER BY scope_id LIMIT 1
    ) AS next
),
ranked AS MATERIALIZED (
    SELECT score.player_id, score.xp, score.reached_at
    FROM scores AS score JOIN {SHOWN_PEOPLE} AS shown ON shown.id = score.player_id
    WHERE score.scope = 'academy' AND score.scope_id = $3 AND score.period = $1 AND score.starts_on = $2
),
standing AS (
    SELECT 'academy' AS scope, $3 AS scope_id, player_id, xp, reached_at FROM ranked
    UNION ALL
    SELECT 'class', member.class_id, ranked.player_id, ranked.xp, ranked.reached_at
    FROM ranked JOIN class_members AS member ON member.student_id = ranked.player_id AND member.active
    UNION ALL
    SELECT 'course', score.scope_id, score.player_id, score.xp, score.reached_at
    FROM course JOIN scores AS score ON score.scope = 'course' AND score.scope_id = course.scope_id
        AND score.period = $1 AND score.starts_on = $2
    JOIN ranked ON ranked.player_id = score.player_id
)
INSERT INTO final_places (cycle, starts_on, scope, scope_id, player_id, position, rank, xp)
SELECT $1, $2, scope, scope_id, player_id,
    row_number() OVER (PARTITION BY scope, scope_id ORDER BY xp DESC, reached_at, player_id),
    rank() OVER (PARTITION BY scope, scope_id ORDER BY xp DESC), xp
FROM standing
"""  # noqa: S608  the only thing put in is the rule of who is ranked


# A new week is a small part of a large table, and would wait for months until the statistics hear of it; until then
# somebody's place is looked for along a whole board.
_TELL_THE_PLANNER = "ANALYZE final_places, league_seats"


def closed_period_to_rows(closed: ClosedPeriod) -> Rows:
    """The row of a closed period."""
    return {
        ClosedPeriodRow: [
            {
                "id": closed.id,
                "version": closed.version,
                "cycle": closed.cycle.value,
                "starts_on": closed.starts_on,
                "closed_at": closed.closed_at,
            }
        ]
    }


def closed_period_from_rows(rows: Rows) -> ClosedPeriod:
    """The closed period of a row."""
    [root] = rows[ClosedPeriodRow]
    return ClosedPeriod(**{**root, "cycle": Cycle(root["cycle"])})


CLOSED_PERIODS = AggregateMapping(
    root=ClosedPeriodRow, to_rows=closed_period_to_rows, from_rows=closed_period_from_rows
)


class SqlClosings(SqlRepository[ClosedPeriod]):
    """Closed periods; whoever closes one, or gives out seats in a league, holds them all."""

    mapping = CLOSED_PERIODS

    async def hold(self) -> None:
        """Be the only one, until the end of the transaction; waits for whoever is at it."""
        await self.connection.execute(_SETTINGS)
        await self.connection.execute(_HOLD)

    async def last(self, cycle: Cycle) -> ClosingPeriod | None:
        """The latest one that is closed."""
        starts_on: date | None = await self.connection.fetchval(_LAST, cycle.value)
        return None if starts_on is None else ClosingPeriod(cycle, starts_on)

    async def freeze(self, period: ClosingPeriod) -> None:
        """Keep the places on all boards of the period as they are."""
        await self.connection.execute(_FREEZE, period.cycle.value, period.starts_on, ACADEMY_ID)
        await self.connection.execute(_TELL_THE_PLANNER)
