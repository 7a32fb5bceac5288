"""In what two games differ, at one moment: the one that serves and the one that was built anew."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from gamification.infrastructure.rebuilding.replay import Failure
from gamification.infrastructure.rebuilding.shadow import REBUILT, Connection, Shadow
from gamification.infrastructure.tables import metadata

MOST_NAMED = 20
"""So many learners are named of those who differ in a table."""

WORK: Final = frozenset({"inbox", "recounts"})
"""Tables of what is to be done and what was done: not of what came of it."""

NOT_COMPARED: Final[Mapping[str, frozenset[str]]] = {
    # How often a row was written, and what was told to others on the way, are no part of how things stand.
    "players": frozenset({"version", "announced_level", "told_streak"}),
    # Whether the learners whom a holiday concerns have been found is work, too.
    "holidays": frozenset({"spread", "seen_at"}),
}

# Who heard of a correction late gave and took back what who heard of it in time never gave: the sums are the same.
_LEDGER = """
SELECT player_id, source_kind, source_id, rule, earned_on, counts_on, course_id, sum(amount) AS amount
FROM {table} GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(amount) <> 0
"""

# A quest that was drawn and not begun says nothing: whoever looks draws the same again.
_QUESTS = "SELECT * FROM {table} WHERE progress > 0"


@dataclass(frozen=True, slots=True)
class Difference:
    """What only one of the two has in a table, in rows, and the learners they are about (some of them named)."""

    table: str
    only_live: int
    only_rebuilt: int
    learners: int
    some: tuple[UUID, ...]

    @property
    def is_none(self) -> bool:
        """Whether they agree."""
        return not (self.only_live or self.only_rebuilt)


@dataclass(frozen=True, slots=True)
class Report:
    """The comparison of all tables. `left_out` learners were not compared: news of them was under way.

    `facts_under_way`, which concern many, may explain differences. `failures` are of events that no reaction could
    take when they were told again.
    """

    tables: tuple[Difference, ...]
    left_out: int
    facts_under_way: int
    failures: tuple[Failure, ...]

    @property
    def differences(self) -> list[Difference]:
        """Where the two disagree."""
        return [table for table in self.tables if not table.is_none]


async def compare(
    connection: Connection,
    shadow: Shadow,
    *,
    left_out: Collection[UUID],
    facts_under_way: int,
    failures: Collection[Failure],
) -> Report:
    """Compare what others have told and what follows from it, but for these learners."""
    compared = [table for table in REBUILT if table not in WORK]
    found = [await _compare(connection, shadow, table, left_out) for table in compared]
    return Report(tuple(found), len(left_out), facts_under_way, tuple(failures))


async def _compare(connection: Connection, shadow: Shadow, table: str, left_out: Collection[UUID]) -> Difference:
    live, here = (_shown(table, name) for name in (shadow.live_table(table), shadow.table(table)))
    learner = _learner_column(table)
    row: asyncpg.Record | None = await connection.fetchrow(
        f"""
        WITH live AS ({live}), here AS ({here}),
        gone AS (SELECT * FROM live EXCEPT ALL SELECT * FROM here),
        added AS (SELECT * FROM here EXCEPT ALL SELECT * FROM live),
        counted AS (
            SELECT {learner} AS learner, true AS is_live FROM gone UNION ALL SELECT {learner}, false FROM added
        )
        SELECT count(*) FILTER (WHERE is_live) AS only_live, count(*) FILTER (WHERE NOT is_live) AS only_rebuilt,
            count(DISTINCT learner) AS learners, (array_agg(DISTINCT learner))[:{MOST_NAMED}] AS some
        FROM counted WHERE learner IS NULL OR learner <> ALL($1::uuid[])
        """,  # noqa: S608  only names of tables and columns are put in
        list(left_out),
    )
    assert row is not None  # noqa: S101  an aggregate always has a row
    some: Sequence[UUID | None] = row["some"] or ()
    return Difference(
        table,
        row["only_live"],
        row["only_rebuilt"],
        row["learners"],
        tuple(learner for learner in some if learner is not None),
    )


def _shown(table: str, name: str) -> str:
    match table:
        case "xp_transactions":
            return _LEDGER.format(table=name)
        case "quests":
            return _QUESTS.format(table=name)
    compared = [column for column in _columns(table) if column not in NOT_COMPARED.get(table, ())]
    return f"SELECT {', '.join(compared)} FROM {name}"  # noqa: S608


def _learner_column(table: str) -> str:
    if table == "players":
        return "id"
    return next((column for column in ("player_id", "student_id") if column in _columns(table)), "NULL::uuid")


def _columns(table: str) -> list[str]:
    return [column.name for column in metadata.tables[table].columns]
