"""The schema beside the one that serves, in which the game is built anew, and the moment in which they change places.

Both are of the same database: what is compared is of one moment, and what changes places does so in one transaction.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

import asyncpg

from babyowl_chassis.migrations import migrate
from babyowl_chassis.service import Service

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

Heard: TypeAlias = tuple[str, UUID]
"""A queue, and an event that has come out of it."""

REBUILT: Final = (
    "players",
    "deeds",
    "days",
    "xp_transactions",
    "scores",
    "quests",
    "badges",
    "classes",
    "class_members",
    "seat_changes",
    "lesson_locks",
    "publications",
    "published_lessons",
    "meetings",
    "timetables",
    "zone_changes",
    "holidays",
    "recounts",
    "inbox",
)
"""What others have told, and all that follows from it."""

INPUTS: Final = ("badge_revocations",)
"""Decisions made here that count in what follows; copied from the serving schema, and never back."""

KEPT: Final = (
    *INPUTS,
    "curriculum",
    "appearances",
    "stale_places",
    "closed_periods",
    "final_places",
    "league_seats",
    "league_results",
    "event_log",
    "outbox",
    "idempotency_keys",
    "people",
)
"""What stays: decisions made here, what was fixed or told, the cache's list of errands, the copy of people."""

LOCK_TIMEOUT = "700ms"
"""Less than Postgres waits before it looks for a deadlock: who cannot have its locks leaves, and kills nobody."""

_LOCK = "gamification.rebuild"

_LEFTOVERS = """
SELECT 'TABLE' AS kind, oid::regclass::text AS name FROM pg_class
WHERE relkind = 'r' AND relnamespace = $1::regnamespace
UNION ALL
SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc WHERE pronamespace = $1::regnamespace
"""

_TRIGGERS = """
SELECT tgname, relname, pg_get_triggerdef(pg_trigger.oid, true) AS definition
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = $1::regnamespace AND relname = ANY($2)
"""

HEARD_LATE = timedelta(minutes=5)
"""A note in the inbox bears the time at which its transaction began, and is seen at its end. None takes so long."""


class CannotRebuild(Exception):
    """The rebuild was given up, and the serving game left as it is."""


class NotReady(Exception):
    """The two cannot change places now: somebody holds a table, or has news. Worth another try."""


class Shadow:
    """The schema in which the game is built anew. `connection` serves it alone, and holds a lock while it lasts."""

    def __init__(self, service: Service, database_url: str, connection: Connection, live: str) -> None:
        self._service = service
        self._connection = connection
        self._live_url = database_url
        self._heard_all_until = datetime.min.replace(tzinfo=UTC)
        self.live = live
        self.name = schema_of(service)
        # No commit has to wait for the disk: with the one in which they change places all before it are there.
        self.url = _with_settings(database_url, search_path=self.name, synchronous_commit="off")

    @classmethod
    @asynccontextmanager
    async def opened(cls, service: Service, database_url: str) -> AsyncIterator["Shadow"]:
        """An empty game, which takes nothing from the one that serves. Raises CannotRebuild."""
        connection = await _connect(service, database_url)
        try:
            if not await connection.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", _LOCK):
                raise CannotRebuild("another rebuild runs, and would build in the same place")
            live = await connection.fetchval("SELECT current_schema()")
            shadow = cls(service, database_url, connection, live)
            await shadow._make()
            try:
                yield shadow
            finally:
                if not connection.is_closed():
                    await shadow._clear()
        finally:
            await connection.close()

    async def _make(self) -> None:
        if not await self._connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", self.name):
            try:
                await self._connection.execute(f'CREATE SCHEMA "{self.name}"')
            except asyncpg.InsufficientPrivilegeError as refused:
                raise CannotRebuild(f"there is no schema {self.name}: provision the database again") from refused
        await self._clear()
        await migrate(self._service, self.url)
        await self.copy_inputs()

    async def _clear(self) -> None:
        for leftover in await self._connection.fetch(_LEFTOVERS, self.name):
            await self._connection.execute(f"DROP {leftover['kind']} IF EXISTS {leftover['name']} CASCADE")

    async def copy_inputs(self) -> set[UUID]:
        """Take over the decisions that count; the learners about whom they have changed since the last time."""
        changed: set[UUID] = set()
        for table in INPUTS:
            if about := await self.about_whom_they_differ(table):
                changed |= about
                async with self._connection.transaction():
                    await self._connection.execute(f"DELETE FROM {self.table(table)}")  # noqa: S608
                    await self._connection.execute(f"INSERT INTO {self.table(table)} TABLE {self.live_table(table)}")
        return changed

    async def about_whom_they_differ(self, table: str) -> set[UUID]:
        """The learners of whom the two say different things in a table."""
        here, there = self.table(table), self.live_table(table)
        different = f"(TABLE {there} EXCEPT TABLE {here}) UNION ALL (TABLE {here} EXCEPT TABLE {there})"
        rows = await self._connection.fetch(f"SELECT player_id FROM ({different}) AS different")  # noqa: S608
        return {row["player_id"] for row in rows}

    def table(self, name: str) -> str:
        """A table of the game that is being built."""
        return f'"{self.name}"."{name}"'

    def live_table(self, name: str) -> str:
        """A table of the game that serves."""
        return f'"{self.live}"."{name}"'

    async def unheard(self, queues: Sequence[str], *, at_most: int = 100) -> list[asyncpg.Record]:
        """Events that the serving game has heard, and this one has not."""
        began_at: datetime = await self._connection.fetchval("SELECT clock_timestamp()")
        found = await self._connection.fetch(
            f"""
            SELECT queue, event_id FROM {self.live_table("inbox")} AS live
            WHERE queue = ANY($1) AND received_at >= $3 AND NOT EXISTS (
                SELECT FROM {self.table("inbox")} AS here
                WHERE here.queue = live.queue AND here.event_id = live.event_id
            ) LIMIT $2
            """,  # noqa: S608
            queues,
            at_most,
            self._heard_all_until,
        )
        if not found:
            self._heard_all_until = began_at - HEARD_LATE
        return found

    @asynccontextmanager
    async def while_nobody_hears(self) -> AsyncIterator[Connection]:
        """For the block no event has an effect on the serving game: reactions wait, everything else goes on.

        What is done on the connection meanwhile is one transaction. Raises NotReady if a reaction takes too long.
        """
        try:
            async with self._connection.transaction():
                await self._connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                await self._connection.execute(f"LOCK TABLE {self.live_table('inbox')} IN EXCLUSIVE MODE")
                yield self._connection
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as held:
            raise NotReady(str(held)) from held

    @asynccontextmanager
    async def reading_one_moment(self) -> AsyncIterator[Connection]:
        """A connection that sees both games as they are at its first statement."""
        connection = await _connect(self._service, self._live_url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
        finally:
            await connection.close()

    async def unheard_by_the_serving(self, reader: Connection, heard: Collection[Heard]) -> list[Heard]:
        """Of what this game has heard, what the serving one has not."""
        rows = await reader.fetch(
            f"""
            SELECT queue, event_id FROM unnest($1::text[], $2::uuid[]) AS told (queue, event_id)
            WHERE NOT EXISTS (
                SELECT FROM {self.live_table("inbox")} AS live
                WHERE live.queue = told.queue AND live.event_id = told.event_id
            )
            """,  # noqa: S608
            [queue for queue, _ in heard],
            [event_id for _, event_id in heard],
        )
        return [(row["queue"], row["event_id"]) for row in rows]

    async def waiting(self, reader: Connection) -> set[UUID]:
        """Learners for whom one of the two has yet to do something that it knows of."""
        rows = await reader.fetch(
            f"""
            SELECT player_id FROM {self.live_table("recounts")}
            UNION SELECT id FROM {self.live_table("players")} WHERE rolls_over_at <= now()
            UNION SELECT id FROM {self.table("players")} WHERE rolls_over_at <= now()
            """  # noqa: S608
        )
        return {row["player_id"] for row in rows}

    async def take_over(self, queues: Sequence[str], *, touched: Collection[UUID], stale: Collection[UUID]) -> None:
        """Let the game built here serve, and forget the one that did; within `while_nobody_hears`.

        `touched` are those whose ledger may have changed in either since `remember_the_ledger`, `stale` those who had
        other scores before. Raises NotReady if staff has decided something meanwhile, or somebody holds a table for
        long.
        """
        locked = ", ".join(map(self.live_table, (*REBUILT, *INPUTS)))
        await self._connection.execute(f"LOCK TABLE {locked} IN ACCESS EXCLUSIVE MODE")
        for table in INPUTS:
            if await self.about_whom_they_differ(table):
                raise NotReady(f"{table} has changed")
        await self._remember_what_was_told()
        await self.remember_the_ledger(touched)
        await self._connection.execute(
            f"""
            INSERT INTO {self.table("inbox")}
            SELECT * FROM {self.live_table("inbox")} WHERE queue <> ALL($1) ON CONFLICT DO NOTHING
            """,  # noqa: S608
            queues,
        )
        await self._mark_places(stale)
        await self._change_places()

    async def _remember_what_was_told(self) -> None:
        # Of levels and streaks. What is better known now is told with the learner's next deed.
        await self._connection.execute(
            f"""
            UPDATE {self.table("players")} AS here
            SET announced_level = live.announced_level, told_streak = live.told_streak
            FROM {self.live_table("players")} AS live
            WHERE live.id = here.id AND (here.announced_level, here.told_streak)
                IS DISTINCT FROM (live.announced_level, live.told_streak)
            """  # noqa: S608
        )

    async def remember_the_ledger(self, learners: Collection[UUID] | None = None) -> None:
        """Lines of the ledger that others have been told of keep their ids and times; all, or these learners'."""
        await self._connection.execute(
            f"""
            UPDATE {self.table("xp_transactions")} AS here
            SET id = live.id, recorded_at = live.recorded_at
            FROM {self.live_table("xp_transactions")} AS live
            WHERE (here.player_id, here.source_kind, here.source_id, here.rule, here.number)
                    = (live.player_id, live.source_kind, live.source_id, live.rule, live.number)
                AND here.amount = live.amount AND here.id <> live.id
                AND ($1::uuid[] IS NULL OR here.player_id = ANY($1))
            """,  # noqa: S608
            None if learners is None else list(learners),
        )

    async def _mark_places(self, learners: Collection[UUID]) -> None:
        # The cached leaderboards hear of every learner whose points are others now.
        await self._connection.execute(
            f"""
            INSERT INTO {self.live_table("stale_places")} (player_id) SELECT unnest($1::uuid[])
            ON CONFLICT (player_id) DO UPDATE SET version = DEFAULT
            """,
            sorted(learners),
        )

    async def _change_places(self) -> None:
        # Triggers call functions of the schema they were made in: they are made again in the one that stays.
        await self._connection.execute(f'SET LOCAL search_path = "{self.name}"')
        triggers = await self._connection.fetch(_TRIGGERS, self.name, REBUILT)
        for trigger in triggers:
            await self._connection.execute(f'DROP TRIGGER "{trigger["tgname"]}" ON {self.table(trigger["relname"])}')
        # All in one statement and without CASCADE: a table that stays and refers to one of them would hinder it.
        await self._connection.execute(f"DROP TABLE {', '.join(map(self.live_table, REBUILT))}")
        for table in REBUILT:
            await self._connection.execute(f'ALTER TABLE {self.table(table)} SET SCHEMA "{self.live}"')
        await self._connection.execute(f'SET LOCAL search_path = "{self.live}"')
        for trigger in triggers:
            await self._connection.execute(trigger["definition"])

    async def analyze(self) -> None:
        """Let Postgres know what the tables hold, before somebody plans by them."""
        await self._connection.execute(f"ANALYZE {', '.join(map(self.table, REBUILT))}")


async def _connect(service: Service, url: str) -> Connection:
    # With no limit in time: statements over whole tables take as long as they take.
    settings = {"application_name": f"babyowl-{service.name}-rebuild"}
    return await asyncpg.connect(url, timeout=10, server_settings=settings)


def schema_of(service: Service) -> str:
    """Where a service's data is built anew."""
    return f"{service.name}_rebuild"


def _with_settings(url: str, **settings: str) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(settings)) if part)
    return urlunsplit(parts._replace(query=query))
