"""The context's repositories on Postgres."""

from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from babyowl_chassis.sql import Connection, Statement
from babyowl_chassis.unit_of_work import Row, Rows, SqlRepository, SqlUnitOfWork
from gamification.domain.errors import AliasTaken
from gamification.domain.player import PlayerProfile
from gamification.domain.values import NOTHING_BESIDE, Beside, Deed, Source
from gamification.infrastructure.mappers import PLAYERS
from gamification.infrastructure.tables import (
    ActiveRunRow,
    DeedRow,
    PlayerRow,
    WeeklyXpRow,
    XpTransactionRow,
    metadata,
)

_deeds = metadata.tables["deeds"]
_transactions = metadata.tables["xp_transactions"]
_classes = metadata.tables["classes"]
_members = metadata.tables["class_members"]
_people = metadata.tables["people"]

_DEED = Statement(
    select(_deeds).where(
        _deeds.c.player_id == bindparam("player_id"),
        _deeds.c.source_kind == bindparam("kind"),
        _deeds.c.source_id == bindparam("source_id"),
    )
)
_TRANSACTIONS = Statement(
    select(_transactions)
    .where(
        _transactions.c.player_id == bindparam("player_id"),
        _transactions.c.source_kind == bindparam("kind"),
        _transactions.c.source_id == bindparam("source_id"),
    )
    .order_by(_transactions.c.revision, _transactions.c.id)
)

# The weeks of the deed, as reported and as known, and the latest other one: when that was reached, the whole was.
_WEEKS = """
SELECT player_id, week, xp, reached_at FROM weekly_xp WHERE player_id = $1 AND week = ANY($2)
UNION
(SELECT player_id, week, xp, reached_at FROM weekly_xp WHERE player_id = $1 AND week <> ALL($2)
 ORDER BY week DESC LIMIT 1)
"""

# A deed moves from one day to another at most, which changes three runs at most. With the runs that touch these
# days or today, and the four latest and the four longest, nothing that can matter afterwards is missing.
_RUNS = """
SELECT player_id, first_day, last_day, days
FROM unnest($2::date[]) AS at_hand (day), LATERAL (
    SELECT * FROM active_runs WHERE player_id = $1 AND first_day <= day + 1 ORDER BY first_day DESC LIMIT 2
) AS near
WHERE last_day >= day - 1
UNION
(SELECT player_id, first_day, last_day, days FROM active_runs WHERE player_id = $1
 ORDER BY first_day DESC LIMIT 4)
UNION
(SELECT player_id, first_day, last_day, days FROM active_runs WHERE player_id = $1
 ORDER BY days DESC LIMIT 4)
"""

_OTHERS_ON_DAY = """
SELECT EXISTS (
    SELECT FROM deeds WHERE player_id = $1 AND active AND day = $2 AND (source_kind, source_id) <> ($3, $4)
)
"""

# Zones are up to 26 hours apart: a deed's own day may lie two days outside the academy's week it counts in.
_LATEST_OTHERS = """
SELECT week, max(happened_at) AS latest FROM deeds
WHERE player_id = $1 AND active AND week = ANY($2) AND (source_kind, source_id) <> ($3, $4)
    AND day BETWEEN $5::date - 2 AND $6::date + 8
GROUP BY week
"""


class SqlPlayers(SqlRepository[PlayerProfile]):
    """Players, of whom only what is asked for is read: the cost of a deed does not grow with what came before."""

    mapping = PLAYERS

    async def get(self, player_id: UUID) -> PlayerProfile | None:
        """The player without any of what they did."""
        root = await self._root(player_id)
        return None if root is None else self._track({PlayerRow: [dict(root)]})

    async def get_for(self, player_id: UUID, deed: Deed, *, today: date) -> tuple[PlayerProfile, Beside] | None:
        """The player with all that counting this deed may touch, and what the other deeds say beside it."""
        # The root comes first: whatever is read after it is as new as the version that will be swapped.
        root = await self._root(player_id)
        if root is None:
            return None
        rows: Rows = {PlayerRow: [dict(root)]}
        found = await _DEED.fetchrow(self.connection, **_of_source(player_id, deed.source))
        if found is not None:
            rows[DeedRow] = [dict(found)]
            if found["revision"] >= deed.revision:
                return self._track(rows), NOTHING_BESIDE
            rows[XpTransactionRow] = await self._ledger_of(player_id, deed.source)
        days, weeks = {deed.day, today}, {deed.week}
        if found is not None:
            days.add(found["day"])
            weeks.add(found["week"])
        rows[ActiveRunRow] = await self._rows(_RUNS, player_id, days)
        rows[WeeklyXpRow] = await self._rows(_WEEKS, player_id, weeks)
        if found is None:
            # Everything in the weeks was done by other deeds.
            beside = Beside(frozenset(), {row["week"]: row["reached_at"] for row in rows[WeeklyXpRow]})
        else:
            beside = await self._beside(player_id, deed.source, day=found["day"], weeks=weeks)
        return self._track(rows), beside

    async def _ledger_of(self, player_id: UUID, source: Source) -> list[Row]:
        lines = await _TRANSACTIONS.fetch(self.connection, **_of_source(player_id, source))
        return [dict(line) for line in lines]

    async def _rows(self, sql: str, player_id: UUID, dates: set[date]) -> list[Row]:
        return [dict(record) for record in await self.connection.fetch(sql, player_id, list(dates))]

    async def _beside(self, player_id: UUID, source: Source, *, day: date, weeks: set[date]) -> Beside:
        key = source.kind.value, source.id
        active = await self.connection.fetchval(_OTHERS_ON_DAY, player_id, day, *key)
        latest = await self.connection.fetch(_LATEST_OTHERS, player_id, list(weeks), *key, min(weeks), max(weeks))
        return Beside(frozenset({day}) if active else frozenset(), {row["week"]: row["latest"] for row in latest})


def _of_source(player_id: UUID, source: Source) -> dict[str, object]:
    return {"player_id": player_id, "kind": source.kind.value, "source_id": source.id}


class SqlLearners:
    """What the people projection says of learners."""

    _TIME_ZONE = Statement(select(_people.c.time_zone).where(_people.c.id == bindparam("id")))

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def time_zone(self, learner_id: UUID) -> str | None:
        """The IANA name of the learner's zone; None while the learner is unknown here."""
        zone: str | None = await self._TIME_ZONE.fetchval(self._connection, id=learner_id)
        return zone


class SqlClasses:
    """Who teaches and who attends: noted as it comes, in any order, any number of times."""

    _NOTE_CLASS = Statement(
        insert(_classes)
        .values(id=bindparam("id"), course_id=bindparam("course_id"), instructor_id=bindparam("instructor_id"))
        .on_conflict_do_nothing()
    )
    _NOTE_MEMBER = Statement(
        insert(_members)
        .values(class_id=bindparam("class_id"), student_id=bindparam("student_id"))
        .on_conflict_do_nothing()
    )

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note_class(self, class_id: UUID, *, course_id: UUID, instructor_id: UUID) -> None:
        """A class exists, and who teaches it."""
        await self._NOTE_CLASS.execute(
            self._connection, id=class_id, course_id=course_id, instructor_id=instructor_id
        )

    async def note_member(self, class_id: UUID, *, student_id: UUID) -> None:
        """A student has a seat in a class."""
        await self._NOTE_MEMBER.execute(self._connection, class_id=class_id, student_id=student_id)


class GamificationUnitOfWork(SqlUnitOfWork):
    """One transaction's view of the context's tables."""

    constraints = {"uq_players_alias": AliasTaken()}  # noqa: RUF012

    def __init__(self, connection: Connection, *, locking: bool = False) -> None:
        super().__init__(connection, locking=locking)
        self.players = SqlPlayers(self)
        self.learners = SqlLearners(connection)
        self.classes = SqlClasses(connection)
