"""The bus owns the transaction: what it commits, what it rolls back, what it runs again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

import asyncpg
import pytest
from jars import (
    HANDLERS,
    Jar,
    JarMade,
    JarNotFound,
    JarUnitOfWork,
    LabelTaken,
    MakeJar,
    make_jar,
    published,
)
from shelves import outgoing

from babyowl_chassis import database
from babyowl_chassis.bus import MAX_ATTEMPTS, Bus, SqlTransaction, SqlTransactions
from babyowl_chassis.database import DatabaseAway, Pool
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.refused import accepted
from babyowl_chassis.testing import Serving, eventually
from babyowl_chassis.unit_of_work import ConstraintViolated, VersionConflict
from babyowl_contracts import Envelope, Event
from babyowl_contracts.learning import CourseCreated
from babyowl_kernel import Clock, Command, Conflict, Err, Ok, Result

Handler: TypeAlias = Callable[..., Any]
BusOf: TypeAlias = Callable[[Handler], Bus]


SOME_ID = UUID(int=7)


@dataclass(frozen=True, slots=True)
class Do(Command[Result[Any, Any]]):
    """Whatever a test wants done in a transaction."""

    jar_id: UUID = SOME_ID


@dataclass(frozen=True, slots=True)
class DoAlone(Do):
    """The same, locking what it reads from the first try on."""

    exclusive: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class CapacityTaken(Conflict):
    pass


class StrictUnitOfWork(JarUnitOfWork):
    constraints: ClassVar = {**JarUnitOfWork.constraints, "uq_jars_capacity": CapacityTaken()}


@pytest.fixture
def bus_of(served: Serving) -> BusOf:
    def bus(handler: Handler) -> Bus:
        handlers = HANDLERS | {Do: handler, DoAlone: handler}
        return Bus(SqlTransactions(served.resources.database, StrictUnitOfWork), publish=published, handlers=handlers)

    return bus


async def a_jar(bus: Bus, label: str = "blue", capacity: int = 5) -> Jar:
    return accepted(await bus.execute(MakeJar(label, capacity)))


def jar(label: str = "blue", capacity: int = 5, id: UUID | None = None) -> Jar:  # noqa: A002
    new = Jar(id=id or new_id(), label=label, capacity=capacity, notes=[], marbles={})
    new.record(JarMade(jar_id=new.id))
    return new


def created(instructor_id: UUID | None = None) -> Envelope:
    event = CourseCreated(course_id=new_id(), instructor_id=instructor_id or new_id())
    return Envelope(id=new_id(), subject=event.course_id, time=utc_now(), aggregateseq=1, data=event)


async def test_who_loses_a_race_decides_again_on_what_the_winner_left(served: Serving, bus_of: BusOf) -> None:
    seen = []

    async def relabel(command: Do, uow: JarUnitOfWork) -> Ok[str]:
        found = await uow.jars.get(command.jar_id)
        assert found is not None
        seen.append((found.label, uow.locking))
        if len(seen) == 1:
            await served.resources.database.execute("UPDATE jars SET label = 'red', version = version + 1")
        found.label += "dish"
        return Ok(found.label)

    bus = bus_of(relabel)
    made = await a_jar(bus)
    assert await bus.execute(Do(made.id)) == Ok("reddish")
    assert seen == [("blue", False), ("red", True)]
    assert await served.resources.database.fetchval("SELECT version FROM jars") == 3


async def somebody_waits(database: Pool) -> bool:
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await database.fetch(waiting))


async def test_an_exclusive_command_sees_what_was_written_while_it_waited_for_a_row_that_others_only_lock(
    served: Serving, bus_of: BusOf
) -> None:
    """A mark holds its meeting FOR SHARE and writes elsewhere: whoever cancels the meeting has to see the mark."""
    database = served.resources.database

    async def count_when_mine(command: Do, uow: JarUnitOfWork) -> Ok[int]:
        await uow.connection.execute("SELECT FROM jars FOR UPDATE")
        return Ok(await uow.connection.fetchval("SELECT count(*) FROM marbles"))

    made = await a_jar(bus_of(count_when_mine))

    async def counted_while_a_marble_is_put_in(command: Do) -> Any:
        async with database.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM jars FOR SHARE")
            counting = asyncio.create_task(bus_of(count_when_mine).execute(command))
            await eventually(partial(somebody_waits, database))
            put_in = "INSERT INTO marbles (jar_id, id, added_at) VALUES ($1, $2, now())"
            await connection.execute(put_in, made.id, new_id())
        return await counting

    assert await counted_while_a_marble_is_put_in(Do(made.id)) == Ok(0)
    assert await counted_while_a_marble_is_put_in(DoAlone(made.id)) == Ok(2)


async def test_a_conflict_without_end_is_given_up_after_ten_tries(bus_of: BusOf) -> None:
    tries = 0

    async def unlucky(command: Do, uow: JarUnitOfWork) -> Ok[None]:
        nonlocal tries
        tries += 1
        raise VersionConflict("again")

    with pytest.raises(VersionConflict):
        await bus_of(unlucky).execute(Do())
    assert tries == MAX_ATTEMPTS


async def test_a_deadlock_is_a_conflict_like_any_other(served: Serving, bus_of: BusOf) -> None:
    both_have_one = asyncio.Barrier(2)

    async def take(command: Do, uow: JarUnitOfWork) -> Ok[None]:
        first, second = (1, 2) if command.jar_id.int == 1 else (2, 1)
        await uow.connection.execute("SET LOCAL deadlock_timeout = '20ms'")
        await uow.connection.execute("SELECT pg_advisory_xact_lock($1)", first)
        if not uow.locking:
            await both_have_one.wait()
        await uow.connection.execute("SELECT pg_advisory_xact_lock($1)", second)
        return Ok(None)

    bus = bus_of(take)
    outcomes = await asyncio.gather(bus.execute(Do(UUID(int=1))), bus.execute(Do(UUID(int=2))))
    assert list(outcomes) == [Ok(None), Ok(None)]


async def test_nothing_of_a_refused_command_stays(served: Serving, bus_of: BusOf) -> None:
    async def change_and_refuse(command: Do, uow: JarUnitOfWork) -> Err[Any]:
        uow.jars.add(jar())
        await uow.connection.execute("INSERT INTO counts VALUES ($1, 1)", new_id())
        return Err(JarNotFound(command.jar_id))

    assert await bus_of(change_and_refuse).execute(Do()) == Err(JarNotFound(Do().jar_id))
    assert await served.resources.database.fetchval("SELECT count(*) FROM counts") == 0
    assert await served.resources.database.fetchval("SELECT count(*) FROM jars") == 0
    assert await served.events() == []


async def test_nothing_of_a_command_that_failed_stays(served: Serving, bus_of: BusOf) -> None:
    async def change_and_fail(command: Do, uow: JarUnitOfWork) -> Ok[None]:
        await uow.connection.execute("INSERT INTO counts VALUES ($1, 1)", new_id())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await bus_of(change_and_fail).execute(Do())
    assert await served.resources.database.fetchval("SELECT count(*) FROM counts") == 0


async def test_a_constraint_that_the_domain_knows_becomes_its_refusal(bus_of: BusOf) -> None:
    async def make_another(command: Do, uow: JarUnitOfWork) -> Ok[None]:
        uow.jars.add(jar("blue"))
        return Ok(None)

    bus = bus_of(make_another)
    await a_jar(bus, "blue")
    assert await bus.execute(Do()) == Err(LabelTaken())


async def test_a_constraint_that_only_the_commit_checks_becomes_its_refusal_too(
    served: Serving, bus_of: BusOf
) -> None:
    await served.resources.database.execute(
        "ALTER TABLE jars ADD CONSTRAINT uq_jars_capacity UNIQUE (capacity) DEFERRABLE INITIALLY DEFERRED"
    )

    async def make_another(command: Do, uow: JarUnitOfWork) -> Ok[None]:
        uow.jars.add(jar("red", capacity=5))
        return Ok(None)

    bus = bus_of(make_another)
    await a_jar(bus, "blue", capacity=5)
    assert await bus.execute(Do()) == Err(CapacityTaken())


async def test_a_constraint_nobody_knows_is_a_fault(bus_of: BusOf) -> None:
    async def break_a_key(command: Do, uow: JarUnitOfWork) -> Ok[None]:
        await uow.connection.execute("INSERT INTO marbles VALUES ($1, $1, now())", command.jar_id)
        return Ok(None)

    with pytest.raises(ConstraintViolated, match="marbles_jar_id_fkey"):
        await bus_of(break_a_key).execute(Do())


async def test_two_who_start_the_same_aggregate_at_once_end_with_one(served: Serving, bus_of: BusOf) -> None:
    neither_found_it = asyncio.Barrier(2)

    async def get_or_start(command: Do, uow: JarUnitOfWork, clock: Clock) -> Ok[int]:
        found = await uow.jars.get(command.jar_id)
        if not uow.locking:
            await neither_found_it.wait()
        if found is None:
            uow.jars.add(found := jar(id=command.jar_id))
        found.add(new_id(), now=clock())
        return Ok(len(found.marbles))

    bus = bus_of(get_or_start)
    outcomes = await asyncio.gather(bus.execute(Do()), bus.execute(Do()))
    assert sorted(accepted(outcome) for outcome in outcomes) == [1, 2]
    assert await served.resources.database.fetchval("SELECT version FROM jars") == 2
    assert [event.aggregateseq for event in await served.events()] == [1, 2, 3]


def test_a_handler_that_asks_for_what_nobody_provides_stops_the_start() -> None:
    async def curious(command: Do, uow: JarUnitOfWork, horoscope: str) -> Ok[None]:
        return Ok(None)

    with pytest.raises(TypeError, match=r"curious asks for \['horoscope'\]"):
        Bus(object(), publish=published, handlers={Do: curious})  # type: ignore[arg-type]


async def test_aggregates_that_share_an_id_share_its_sequence_without_a_gap_or_a_fault(served: Serving) -> None:
    shared_id = new_id()

    transactions = SqlTransactions(served.resources.database, JarUnitOfWork)
    async with transactions.begin(locking=False) as first:
        assert isinstance(first, SqlTransaction)
        await first.post([outgoing(shared_id)])

        async def second() -> None:
            async with transactions.begin(locking=False) as other:
                await other.post([outgoing(shared_id)])

        waiting = asyncio.create_task(second())
        await asyncio.wait([waiting], timeout=0.1)
    with pytest.raises(VersionConflict):
        await waiting


class TestReactions:
    async def test_an_event_takes_effect_once_for_each_queue(self, served: Serving, bus_of: BusOf) -> None:
        async def react(event: Event, uow: JarUnitOfWork, envelope: Envelope) -> None:
            await uow.connection.execute("INSERT INTO counts VALUES ($1, 1)", new_id())

        bus, envelope = bus_of(make_jar), created()
        outcomes = [await bus.react(envelope, react, queue=queue) for queue in ("jars.one", "jars.one", "jars.other")]
        assert outcomes == [True, False, True]
        assert await served.resources.database.fetchval("SELECT count(*) FROM counts") == 2

    async def test_what_it_causes_says_so(self, served: Serving, bus_of: BusOf) -> None:
        async def react(event: Event, uow: JarUnitOfWork, envelope: Envelope) -> None:
            uow.jars.add(jar())

        envelope = created()
        await bus_of(make_jar).react(envelope, react, queue="jars.one")
        [caused] = await served.events()
        assert caused.causationid == envelope.id

    async def test_one_that_refuses_is_a_fault_and_may_be_tried_again(self, served: Serving, bus_of: BusOf) -> None:
        async def react(event: Event, uow: JarUnitOfWork, envelope: Envelope) -> Err[Any]:
            return Err(LabelTaken())

        with pytest.raises(TypeError, match=r"a reaction to learning\.CourseCreated\.v1 refused"):
            await bus_of(make_jar).react(created(), react, queue="jars.one")
        assert await served.resources.database.fetchval("SELECT count(*) FROM inbox") == 0

    async def test_one_that_breaks_a_known_constraint_is_not_taken_for_done(
        self, served: Serving, bus_of: BusOf
    ) -> None:
        async def react(event: Event, uow: JarUnitOfWork, envelope: Envelope) -> None:
            uow.jars.add(jar("blue"))

        bus = bus_of(make_jar)
        await a_jar(bus, "blue")
        with pytest.raises(TypeError, match="refused"):
            await bus.react(created(), react, queue="jars.one")
        assert await served.resources.database.fetchval("SELECT count(*) FROM inbox") == 0


class TestWhenTheDatabaseIsAway:
    async def test_a_connection_cut_in_the_middle_is_no_fault_of_the_command(
        self, served: Serving, bus_of: BusOf
    ) -> None:
        async def cut_off(command: Do, uow: JarUnitOfWork) -> Ok[None]:
            uow.jars.add(jar())
            pid = await uow.connection.fetchval("SELECT pg_backend_pid()")
            await served.resources.reader.execute("SELECT pg_terminate_backend($1)", pid)
            return Ok(None)

        bus = bus_of(cut_off)
        with pytest.raises(DatabaseAway):
            await bus.execute(Do())
        assert (await a_jar(bus)).version == 1

    async def test_no_free_connection_counts_as_away(
        self, served: Serving, bus_of: BusOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(database, "ACQUIRE_TIMEOUT", database.ACQUIRE_TIMEOUT / 50)
        pool = served.resources.database
        taken = [await pool.acquire() for _ in range(pool.get_max_size())]
        try:
            with pytest.raises(DatabaseAway, match="Timeout"):
                await bus_of(make_jar).execute(MakeJar("blue", 1))
        finally:
            for connection in taken:
                await pool.release(connection)

    async def test_a_wrong_argument_is_a_fault_and_never_a_database_that_is_away(self, bus_of: BusOf) -> None:
        async def too_large(command: Do, uow: JarUnitOfWork) -> Ok[None]:
            await uow.connection.execute("SELECT $1::int", 2**40)
            return Ok(None)

        with pytest.raises(asyncpg.DataError):
            await bus_of(too_large).execute(Do())

    async def test_a_cancelled_command_leaves_its_connection_to_others(self, served: Serving, bus_of: BusOf) -> None:
        started = asyncio.Event()

        async def long(command: Do, uow: JarUnitOfWork) -> Ok[None]:
            started.set()
            await uow.connection.execute("SELECT pg_sleep(10)")
            return Ok(None)

        bus = bus_of(long)
        pool = served.resources.database
        for _ in range(pool.get_max_size() + 1):
            started.clear()
            task = asyncio.create_task(bus.execute(Do()))
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert (await a_jar(bus)).version == 1
        assert await pool.fetchval("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(10)'") <= 1
