"""What is written is the difference: nothing less, nothing more, and never over somebody else's change."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from jars import JARS, CountRow, Jar, JarDiscarded, JarRow, JarUnitOfWork, MarbleRow
from sqlalchemy import bindparam

from babyowl_chassis.database import connect
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.sql import Connection
from babyowl_chassis.testing import Serving, assert_rows_round_trip
from babyowl_chassis.unit_of_work import AggregateMapping, VersionConflict


class Spy:
    """A connection that notes what is changed through it, in short: verb, table, and the columns set."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.fetch, self.fetchrow, self.fetchval = connection.fetch, connection.fetchrow, connection.fetchval
        self._connection = connection
        self.sent: list[str] = []

    async def execute(self, query: str, *args: Any) -> str:
        self._note(query)
        return await self._connection.execute(query, *args)

    async def executemany(self, command: str, args: Iterable[Sequence[Any]]) -> None:
        self._note(command)
        await self._connection.executemany(command, args)

    def _note(self, query: str) -> None:
        text = " ".join(query.split())
        if many := re.search(r"^WITH held AS .* UPDATE (\w+) SET (.+) FROM held", text):
            columns = re.findall(r"(?:^| )(\w+)=", many[2])
            self.sent.append(f"UPDATE MANY {many[1]} {sorted(columns)}")
        elif update := re.match(r"UPDATE (\w+) SET (.+) WHERE", text):
            columns = re.findall(r"(\w+)=", update[2])
            self.sent.append(f"UPDATE {update[1]} {sorted(columns)}")
        elif change := re.match(r"(INSERT INTO|DELETE FROM) (\w+)", text):
            self.sent.append(f"{change[1]} {change[2]}")


@pytest.fixture
async def connection(served: Serving) -> AsyncIterator[Spy]:
    connection = await connect(served.database_url, application="tests")
    yield Spy(connection)
    await connection.close()


@pytest.fixture
async def jar_id(connection: Spy) -> UUID:
    """A stored jar with three marbles, at version 1."""
    uow = JarUnitOfWork(connection)
    marbles = {new_id(): utc_now() for _ in range(3)}
    jar = Jar(id=new_id(), label="blue", capacity=9, notes=["fragile"], marbles=marbles)
    uow.jars.add(jar)
    await uow.flush()
    return jar.id


async def loaded(connection: Connection, jar_id: UUID) -> tuple[JarUnitOfWork, Jar]:
    uow = JarUnitOfWork(connection)
    jar = await uow.jars.get(jar_id)
    assert jar is not None
    return uow, jar


async def version(connection: Connection) -> int:
    found: int = await connection.fetchval("SELECT version FROM jars")
    return found


async def test_looking_writes_nothing(connection: Spy, jar_id: UUID) -> None:
    uow, _ = await loaded(connection, jar_id)
    connection.sent.clear()
    assert await uow.flush() == []
    assert connection.sent == []


async def test_only_the_changed_columns_of_the_root_are_set(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    jar.label = "red"
    connection.sent.clear()
    await uow.flush()
    assert connection.sent == ["UPDATE jars ['label', 'version']"]
    assert jar.version == await version(connection) == 2


async def test_a_change_of_a_child_alone_swaps_the_version_of_the_root(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    jar.marbles[new_id()] = utc_now()
    connection.sent.clear()
    await uow.flush()
    assert connection.sent == ["UPDATE jars ['version']", "INSERT INTO marbles"]
    assert await version(connection) == 2


async def test_only_the_changed_rows_of_the_children_are_written(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    kept, changed, gone = jar.marbles
    jar.marbles[changed] += timedelta(days=1)
    del jar.marbles[gone]
    connection.sent.clear()
    await uow.flush()
    assert connection.sent == ["UPDATE jars ['version']", "DELETE FROM marbles", "UPDATE marbles ['added_at']"]
    _, again = await loaded(connection, jar_id)
    assert again.marbles == {kept: jar.marbles[kept], changed: jar.marbles[changed]}


async def test_children_that_changed_are_written_at_once(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    for marble in jar.marbles:
        jar.marbles[marble] += timedelta(days=1)
    connection.sent.clear()
    await uow.flush()
    assert connection.sent == ["UPDATE jars ['version']", "UPDATE marbles ['added_at']"]
    _, again = await loaded(connection, jar_id)
    assert again.marbles == jar.marbles


async def test_a_list_changed_in_place_is_noticed(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    jar.notes.append("heavy")
    connection.sent.clear()
    await uow.flush()
    assert connection.sent == ["UPDATE jars ['notes', 'version']"]
    jar.notes.append("old")
    await uow.flush()
    _, again = await loaded(connection, jar_id)
    assert again.notes == ["fragile", "heavy", "old"]


async def test_an_event_alone_moves_the_version(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    jar.record(JarDiscarded(jar_id=jar_id))
    [raised] = await uow.flush()
    assert (raised.aggregate_id, raised.event) == (jar_id, JarDiscarded(jar_id=jar_id))
    assert await version(connection) == 2


@pytest.mark.parametrize("change", ["the root", "a child", "nothing but an event", "its removal"])
async def test_somebody_elses_change_is_never_overwritten(connection: Spy, jar_id: UUID, change: str) -> None:
    uow, jar = await loaded(connection, jar_id)
    await connection.execute("UPDATE jars SET version = version + 1")
    match change:
        case "the root":
            jar.label = "red"
        case "a child":
            jar.marbles[new_id()] = utc_now()
        case "nothing but an event":
            jar.record(JarDiscarded(jar_id=jar_id))
        case "its removal":
            uow.jars.remove(jar)
    with pytest.raises(VersionConflict, match="no longer at version 1"):
        await uow.flush()


async def test_roots_that_follow_each_other_are_written_at_once(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    others = [Jar(id=new_id(), label=f"jar {n}", capacity=n, notes=[], marbles={}) for n in range(1, 5)]
    for other in others:
        uow.jars.add(other)
    connection.sent.clear()
    await uow.flush()
    assert connection.sent == ["INSERT INTO jars"]
    found = JarUnitOfWork(connection)
    jars = [await found.jars.get(each.id) for each in (jar, *others)]
    for n, each in enumerate(jars):
        assert each is not None
        if n % 2:
            each.label = f"number {n}"
        each.notes.append(f"note {n}")
    connection.sent.clear()
    await found.flush()
    assert connection.sent == ["UPDATE MANY jars ['label', 'notes', 'version']"]
    again = JarUnitOfWork(connection)
    for n, expected in enumerate(jars):
        assert expected is not None
        stored = await again.jars.get(expected.id)
        assert stored == expected
        assert stored.version == 2
        assert stored.notes[-1] == f"note {n}"


async def test_of_many_roots_one_that_somebody_else_has_changed_is_a_conflict(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    other = Jar(id=new_id(), label="other", capacity=1, notes=[], marbles={})
    uow.jars.add(other)
    await uow.flush()
    await connection.execute("UPDATE jars SET version = version + 1 WHERE id = $1", other.id)
    jar.label = other.label = "mine"
    with pytest.raises(VersionConflict, match="one is no longer at its version"):
        await uow.flush()


async def test_a_removed_aggregate_takes_its_children_along(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    uow.jars.remove(jar)
    assert await uow.jars.get(jar_id) is None
    await uow.flush()
    assert await connection.fetchval("SELECT count(*) FROM jars") == 0
    assert await connection.fetchval("SELECT count(*) FROM marbles") == 0


async def test_appended_facts_are_written_after_the_aggregates(
    connection: Spy,
) -> None:
    uow = JarUnitOfWork(connection)
    uow.append(CountRow, {"event_id": new_id(), "times": 1})
    uow.append(CountRow, {"event_id": new_id(), "times": 1})
    uow.jars.add(Jar(id=new_id(), label="blue", capacity=1, notes=[], marbles={}))
    connection.sent.clear()
    await uow.flush()
    await uow.flush()
    assert connection.sent[:2] == ["INSERT INTO jars", "INSERT INTO counts"]
    assert await connection.fetchval("SELECT count(*) FROM counts") == 2


async def test_asking_twice_gives_the_same_object(connection: Spy, jar_id: UUID) -> None:
    uow, jar = await loaded(connection, jar_id)
    assert await uow.jars.get(jar_id) is jar
    label = JarRow.__table__.c.label  # type: ignore[attr-defined]
    assert await uow.jars._find(label == bindparam("label"), label="blue") is jar
    assert await uow.jars._find(label == bindparam("label"), label="green") is None


async def test_only_a_second_try_locks_the_root(served: Serving, jar_id: UUID) -> None:
    async def locked(*, locking: bool) -> bool:
        async with served.resources.database.acquire() as own, own.transaction():
            uow = JarUnitOfWork(own, locking=locking)
            await uow.jars.get(jar_id)
            return not await served.resources.database.fetchval(
                "SELECT EXISTS (SELECT FROM jars WHERE id = $1 FOR UPDATE SKIP LOCKED)", jar_id
            )

    assert [await locked(locking=False), await locked(locking=True)] == [False, True]


async def test_a_locked_root_keeps_other_writers_out_but_nobody_who_points_at_it(
    served: Serving, jar_id: UUID
) -> None:
    label = JarRow.__table__.c.label  # type: ignore[attr-defined]
    for found_by_label in (False, True):
        async with served.resources.database.acquire() as own, own.transaction():
            jars = JarUnitOfWork(own, locking=True).jars
            asked = jars._find(label == bindparam("label"), label="blue") if found_by_label else jars.get(jar_id)
            assert await asked is not None
            async with served.resources.database.acquire() as other, other.transaction():
                await other.execute("SET LOCAL lock_timeout = '2s'")
                put_in = "INSERT INTO marbles (jar_id, id, added_at) VALUES ($1, $2, now())"
                await other.execute(put_in, jar_id, new_id())
                changing = "SELECT FROM jars WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED"
                assert await other.fetch(changing, jar_id) == []


def test_no_field_is_lost_between_jar_and_rows() -> None:
    assert_rows_round_trip(
        JARS,
        Jar(id=new_id(), version=3, label="blue", capacity=2, notes=["x"], marbles={new_id(): utc_now()}),
    )


def test_a_mapper_that_drops_a_field_is_caught() -> None:
    forgetful = AggregateMapping(
        root=JarRow,
        children=JARS.children,
        to_rows=JARS.to_rows,
        from_rows=lambda rows: JARS.from_rows({JarRow: rows[JarRow], MarbleRow: []}),
    )
    jar = Jar(id=new_id(), version=3, label="blue", capacity=2, notes=["x"], marbles={new_id(): utc_now()})
    with pytest.raises(AssertionError, match="marbles"):
        assert_rows_round_trip(forgetful, jar)
