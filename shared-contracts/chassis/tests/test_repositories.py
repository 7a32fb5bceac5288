"""What handlers may rely on: the same promises from the repository in memory and from the one in Postgres."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from jars import (
    HANDLERS,
    AddMarble,
    DiscardJar,
    Jar,
    JarFull,
    JarNotFound,
    JarUnitOfWork,
    LabelTaken,
    MakeJar,
    NoteOnJar,
    published,
)
from jars_in_memory import MemoryJarUnitOfWork

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.idempotency import Answered, IdempotencyKeyReused, Once
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.refused import Refused, accepted
from babyowl_chassis.testing import MemoryStore, MemoryTransactions, Serving
from babyowl_contracts import Envelope, Event
from babyowl_contracts.learning import CourseCompleted, CourseCreated
from babyowl_kernel import Command, Err, Ok, Result


@dataclass(frozen=True, slots=True)
class LookAtJar(Command[Result[Jar, JarNotFound]]):
    jar_id: UUID


@dataclass(frozen=True, slots=True)
class Do(Command[Result[Any, Any]]):
    """Whatever a test wants done in a transaction."""

    what: Callable[[Any], Awaitable[Result[Any, Any]]]


async def look_at_jar(command: LookAtJar, uow: Any) -> Result[Jar, JarNotFound]:
    jar: Jar | None = await uow.jars.get(command.jar_id)
    return Err(JarNotFound(command.jar_id)) if jar is None else Ok(jar)


async def do(command: Do, uow: Any) -> Result[Any, Any]:
    return await command.what(uow)


@dataclass(frozen=True)
class Shelf:
    """A bus over one kind of repository, and what it has published."""

    bus: Bus
    published: Callable[[], Awaitable[list[tuple[UUID, Event]]]]

    async def make(self, label: str = "blue", capacity: int = 5) -> Jar:
        return accepted(await self.bus.execute(MakeJar(label, capacity)))

    async def look(self, jar_id: UUID) -> Jar:
        return accepted(await self.bus.execute(LookAtJar(jar_id)))


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.infra)])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    handlers = HANDLERS | {LookAtJar: look_at_jar, Do: do}
    if request.param == "memory":
        store = MemoryStore()

        async def from_store() -> list[tuple[UUID, Event]]:
            return store.published

        transactions = MemoryTransactions(store, MemoryJarUnitOfWork)
        return Shelf(Bus(transactions, publish=published, handlers=handlers), from_store)
    served: Serving = request.getfixturevalue("served")

    async def from_log() -> list[tuple[UUID, Event]]:
        return [(envelope.subject, envelope.data) for envelope in await served.events()]

    sql = SqlTransactions(served.resources.database, JarUnitOfWork)
    return Shelf(Bus(sql, publish=published, handlers=handlers), from_log)


async def test_a_jar_comes_back_as_it_was_left(shelf: Shelf) -> None:
    jar = await shelf.make()
    marbles = [new_id(), new_id()]
    for marble in marbles:
        assert isinstance(await shelf.bus.execute(AddMarble(jar.id, marble)), Ok)
    await shelf.bus.execute(NoteOnJar(jar.id, "fragile"))
    found = await shelf.look(jar.id)
    assert (found.label, found.capacity, found.notes, list(found.marbles)) == ("blue", 5, ["fragile"], marbles)


async def test_every_command_that_changes_something_moves_the_version_by_one(shelf: Shelf) -> None:
    jar, marble = await shelf.make(), new_id()
    assert jar.version == 1
    await shelf.bus.execute(AddMarble(jar.id, marble))
    await shelf.bus.execute(AddMarble(jar.id, marble))
    await shelf.bus.execute(NoteOnJar(jar.id, "fragile"))
    assert (await shelf.look(jar.id)).version == 3


async def test_a_refused_command_changes_and_publishes_nothing(shelf: Shelf) -> None:
    jar = await shelf.make(capacity=1)
    await shelf.bus.execute(AddMarble(jar.id, new_id()))
    before = await shelf.published()
    assert await shelf.bus.execute(AddMarble(jar.id, new_id())) == Err(JarFull(1))
    assert len((await shelf.look(jar.id)).marbles) == 1
    assert await shelf.published() == before


async def test_what_is_not_there_is_not_found(shelf: Shelf) -> None:
    assert await shelf.bus.execute(AddMarble(unknown := new_id(), new_id())) == Err(JarNotFound(unknown))


async def test_a_label_is_given_once_and_free_again_when_its_jar_is_gone(shelf: Shelf) -> None:
    jar = await shelf.make("blue")
    assert await shelf.bus.execute(MakeJar("blue", 1)) == Err(LabelTaken())
    assert await shelf.bus.execute(DiscardJar(jar.id)) == Ok(None)
    assert await shelf.bus.execute(LookAtJar(jar.id)) == Err(JarNotFound(jar.id))
    assert (await shelf.make("blue")).id != jar.id


async def test_a_jar_made_and_discarded_in_one_command_was_never_there(shelf: Shelf) -> None:
    jar_id = new_id()

    async def make_and_discard(uow: Any) -> Result[Any, Any]:
        uow.jars.add(jar := Jar(id=jar_id, label="blue", capacity=1, notes=[], marbles={}))
        assert await uow.jars.get(jar_id) is jar
        uow.jars.remove(jar)
        return Ok(await uow.jars.get(jar_id))

    assert await shelf.bus.execute(Do(make_and_discard)) == Ok(None)
    assert await shelf.bus.execute(LookAtJar(jar_id)) == Err(JarNotFound(jar_id))


async def test_events_are_published_in_the_order_they_were_recorded(shelf: Shelf) -> None:
    jar, marbles = await shelf.make(), [new_id() for _ in range(3)]

    async def add_all(uow: Any) -> Result[Any, Any]:
        found = await uow.jars.get(jar.id)
        for marble in marbles:
            found.add(marble, now=utc_now())
        return Ok(None)

    await shelf.bus.execute(Do(add_all))
    [(_, made), *added] = await shelf.published()
    assert isinstance(made, CourseCreated)
    assert [event.student_id for _, event in added if isinstance(event, CourseCompleted)] == marbles
    assert {subject for subject, _ in added} == {jar.id}


async def test_another_writer_in_between_makes_the_handler_decide_again(shelf: Shelf) -> None:
    jar = await shelf.make(capacity=2)
    tries = []

    async def add_slowly(uow: Any) -> Result[Any, Any]:
        found = await uow.jars.get(jar.id)
        tries.append(len(found.marbles))
        if len(tries) == 1:
            await shelf.bus.execute(AddMarble(jar.id, new_id()))
        return found.add(new_id(), now=utc_now())  # type: ignore[no-any-return]

    assert await shelf.bus.execute(Do(add_slowly)) == Ok(2)
    assert tries == [0, 1]
    assert len(await shelf.published()) == 3


async def test_a_removal_loses_against_another_writer_and_is_decided_again(shelf: Shelf) -> None:
    jar = await shelf.make()
    seen = []

    async def discard_if_empty(uow: Any) -> Result[Any, Any]:
        found = await uow.jars.get(jar.id)
        seen.append(len(found.marbles))
        if found.marbles:
            return Err(JarFull(found.capacity))
        if len(seen) == 1:
            await shelf.bus.execute(AddMarble(jar.id, new_id()))
        uow.jars.remove(found)
        return Ok(None)

    assert await shelf.bus.execute(Do(discard_if_empty)) == Err(JarFull(5))
    assert seen == [0, 1]


async def test_an_id_that_was_taken_meanwhile_makes_the_handler_look_again(shelf: Shelf) -> None:
    jar_id = new_id()
    found_at_try = []

    async def get_or_start(uow: Any) -> Result[Any, Any]:
        found = await uow.jars.get(jar_id)
        found_at_try.append(found is not None)
        if found is None:
            uow.jars.add(found := Jar(id=jar_id, label=str(len(found_at_try)), capacity=9, notes=[], marbles={}))
            if len(found_at_try) == 1:
                await shelf.bus.execute(Do(get_or_start))
        found.add(new_id(), now=utc_now())
        return Ok(None)

    await shelf.bus.execute(Do(get_or_start))
    assert found_at_try == [False, False, True]
    assert len((await shelf.look(jar_id)).marbles) == 2


async def test_what_somebody_does_to_an_aggregate_after_its_command_stays_with_them(shelf: Shelf) -> None:
    jar = await shelf.make()
    jar.notes.append("scribbled over")
    (await shelf.look(jar.id)).label = "scribbled over"
    found = await shelf.look(jar.id)
    assert (found.label, found.notes) == ("blue", [])


async def test_a_request_under_one_key_is_carried_out_once(shelf: Shelf) -> None:
    def once(fingerprint: bytes) -> Once:
        return Once(UUID(int=1), "key", fingerprint, render=lambda outcome: f"made {outcome.value.label}")

    await shelf.bus.execute(MakeJar("blue", 1), once=once(b"blue"))
    with pytest.raises(Answered) as answered:
        await shelf.bus.execute(MakeJar("blue", 1), once=once(b"blue"))
    assert answered.value.answer == "made blue"
    with pytest.raises(Refused) as refused:
        await shelf.bus.execute(MakeJar("red", 1), once=once(b"red"))
    assert refused.value.refusal == IdempotencyKeyReused()
    assert len(await shelf.published()) == 1


async def test_an_event_has_its_effect_once(shelf: Shelf) -> None:
    jar = await shelf.make()

    async def note(event: CourseCreated, uow: Any, envelope: Envelope) -> None:
        (await uow.jars.get(jar.id)).notes.append(str(event.course_id))

    event = CourseCreated(course_id=new_id(), instructor_id=new_id())
    envelope = Envelope(id=new_id(), subject=event.course_id, time=utc_now(), aggregateseq=1, data=event)
    assert [await shelf.bus.react(envelope, note, queue="jars.notes") for _ in range(3)] == [True, False, False]
    assert (await shelf.look(jar.id)).notes == [str(event.course_id)]
