"""What a learner earned and did, day by day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.queries.freezes import BRIDGED

# $1 is the learner, $2 and $3 the first and the last day.
_DAYS = f"""
SELECT calendar.day::date AS day, coalesce(days.xp, 0) AS xp, coalesce(days.tally, '{{}}') AS done,
    calendar.day::date = ANY (bridged.days) AS frozen
FROM generate_series($2::date, $3::date, interval '1 day') AS calendar (day)
LEFT JOIN days ON days.player_id = $1 AND days.day = calendar.day::date
CROSS JOIN (SELECT array_agg(spent.day) AS days FROM ({BRIDGED}) AS spent) AS bridged
ORDER BY calendar.day
"""  # noqa: S608  a query is put into another


@dataclass(frozen=True, slots=True)
class DayOfXp:
    """A day of the learner's own; `done` counts what was done on it, `frozen` says that a freeze bridged it."""

    day: date
    xp: int
    done: Mapping[str, int]
    frozen: bool


async def xp_by_day(
    db: Connection, player_id: UUID, first: date, last: date, *, open_freezes: Collection[date]
) -> list[DayOfXp]:
    """Every day of the range, both ends included, with or without points.

    `open_freezes` are the days bridged since the last active one; no day knows of them yet.
    """
    rows = await db.fetch(_DAYS, player_id, first, last)
    return [
        DayOfXp(row["day"], row["xp"], row["done"], bool(row["frozen"]) or row["day"] in open_freezes) for row in rows
    ]
