"""Deliveries: as often as the broker likes, of whatever it has got, and each event counts once."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import aio_pika
import aiormq
import jars
import pytest
from jars import COUNTING, FAULTS
from shelves import counts, created, everything_counted_once, fill
from wire import Wire, wire

from babyowl_chassis.ids import new_id
from babyowl_chassis.messaging import consumer as consumer_module
from babyowl_chassis.messaging import topology
from babyowl_chassis.messaging.messages import FAILED_AT, REASON, TRIES
from babyowl_chassis.messaging.operations import redrive
from babyowl_chassis.messaging.topology import dead_letter_queue
from babyowl_chassis.subscriptions import Subscription, Undeliverable
from babyowl_chassis.testing import Serving, eventually
from babyowl_contracts import Envelope
from babyowl_contracts.learning import CourseArchived, CourseCreated

GRAVE = dead_letter_queue(COUNTING)
POISON = next(instructor for instructor, fault in FAULTS.items() if isinstance(fault, ValueError))
HOPELESS = next(instructor for instructor, fault in FAULTS.items() if isinstance(fault, Undeliverable))


@pytest.fixture
async def bench(working: Serving) -> AsyncIterator[Wire]:
    async with wire(working.resources.settings.amqp_url.get_secret_value()) as opened:
        await eventually(lambda: opened.is_consumed(COUNTING))
        yield opened


async def counted(working: Serving, *envelopes: Envelope) -> None:
    async def all_once() -> bool:
        assert await counts(working) == {envelope.id: 1 for envelope in envelopes}
        return True

    await eventually(all_once, timeout=30, every=0.1)


async def test_every_event_delivered_five_times_at_once_leaves_the_same_state(working: Serving, bench: Wire) -> None:
    envelopes = [created() for _ in range(100)]
    await asyncio.gather(*(bench.publish(*envelopes) for _ in range(5)))
    await counted(working, *envelopes)
    await eventually(lambda: is_empty(bench, COUNTING))
    assert await bench.depth(GRAVE) == 0


async def is_empty(bench: Wire, queue: str) -> bool:
    return await bench.depth(queue) == 0


async def test_a_poisoned_event_among_a_thousand_harms_no_other_and_comes_home_when_cured(
    working: Serving, bench: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, poisoned = [created() for _ in range(999)], created(POISON)
    await bench.publish(*good[:500])
    await bench.publish(poisoned)
    await bench.publish(*good[500:])
    await counted(working, *good)

    assert await eventually(lambda: bench.depth(GRAVE)) == 1
    dead = await (await bench.channel.get_queue(GRAVE)).get()
    assert dead is not None
    assert (dead.message_id, dead.headers[TRIES]) == (str(poisoned.id), len(topology.RETRY_LADDER) + 1)
    assert dead.headers[REASON] == "ValueError('poison')"
    assert dead.headers[FAILED_AT]
    assert Envelope.from_json(dead.body) == poisoned
    await dead.nack(requeue=True)
    await eventually(lambda: bench.depth(GRAVE))

    monkeypatch.delitem(FAULTS, POISON)
    assert await redrive(bench.channel, COUNTING) == 1
    await counted(working, *good, poisoned)
    assert await bench.depth(GRAVE) == 0


async def test_a_fault_that_passes_is_survived_on_the_ladder(
    working: Serving, bench: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope, tries = created(instructor := new_id()), 0

    class Passing(dict[Any, Exception]):
        def __contains__(self, key: object) -> bool:
            nonlocal tries
            tries += key == instructor
            return key == instructor and tries <= len(topology.RETRY_LADDER)

        def __missing__(self, key: object) -> Exception:
            return TimeoutError("not yet")

    monkeypatch.setattr(jars, "FAULTS", Passing())
    await bench.publish(envelope)
    await counted(working, envelope)
    assert tries == len(topology.RETRY_LADDER) + 1
    assert await bench.depth(GRAVE) == 0


async def test_what_no_retry_would_help_is_dead_at_once(working: Serving, bench: Wire) -> None:
    await bench.publish(created(HOPELESS))
    await eventually(lambda: bench.depth(GRAVE))
    [dead] = await bench.drain(GRAVE)
    assert (dead.headers[TRIES], dead.headers[REASON]) == (1, "nothing will ever help")


async def test_redrive_of_what_dies_again_comes_to_an_end(working: Serving, bench: Wire) -> None:
    await bench.publish(*(created(HOPELESS) for _ in range(5)))
    await eventually(lambda: has(bench, GRAVE, 5))
    assert await redrive(bench.channel, COUNTING, at_most=2) == 2
    await eventually(lambda: has(bench, GRAVE, 5))
    assert await redrive(bench.channel, COUNTING) == 5
    await eventually(lambda: has(bench, GRAVE, 5))


async def has(bench: Wire, queue: str, messages: int) -> bool:
    return await bench.depth(queue) == messages


UNREADABLE = {
    "nothing": b"",
    "no JSON": b"\xff\x00",
    "no envelope": b'{"hello": "world"}',
    "a payload that does not fit": created().to_json().replace(b'"course_id"', b'"curse_id"'),
    "another's event": dataclasses.replace(created()).to_json().replace(b"CourseCreated", b"CoursePublished"),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_what_cannot_be_read_is_dead_at_once_and_holds_up_nobody(
    working: Serving, bench: Wire, body: bytes
) -> None:
    good = created()
    await bench.put(COUNTING, body)
    await bench.publish(good)
    await counted(working, good)
    await eventually(lambda: bench.depth(GRAVE))
    [dead] = await bench.drain(GRAVE)
    assert dead.body == body
    assert dead.headers[REASON]


NEWER = {
    "a type of the future": created().to_json().replace(b"CourseCreated.v1", b"CourseCreated.v9"),
    "a type that only a newer release listens to": dataclasses.replace(
        created(), data=CourseArchived(course_id=new_id())
    ).to_json(),
}


@pytest.mark.parametrize("body", NEWER.values(), ids=NEWER.keys())
async def test_what_a_newer_release_may_understand_is_tried_again_before_it_is_dead(
    working: Serving, bench: Wire, body: bytes
) -> None:
    await bench.put(COUNTING, body)
    await eventually(lambda: bench.depth(GRAVE))
    [dead] = await bench.drain(GRAVE)
    assert (dead.body, dead.headers[TRIES]) == (body, len(topology.RETRY_LADDER) + 1)


async def test_a_consumer_whose_queue_was_deleted_declares_it_anew(working: Serving, bench: Wire) -> None:
    await bench.channel.queue_delete(COUNTING)
    await eventually(lambda: bench.is_consumed(COUNTING))
    envelope = created()
    await bench.publish(envelope)
    await counted(working, envelope)


async def test_who_cannot_acknowledge_starts_anew_and_nothing_counts_twice(
    working: Serving, bench: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    acknowledge, failures = aio_pika.IncomingMessage.ack, [aiormq.exceptions.ChannelInvalidStateError("closed")] * 3

    async def sometimes(message: aio_pika.IncomingMessage, multiple: bool = False) -> None:
        if failures:
            raise failures.pop()
        await acknowledge(message, multiple)

    monkeypatch.setattr(aio_pika.IncomingMessage, "ack", sometimes)
    envelopes = [created() for _ in range(30)]
    await bench.publish(*envelopes)
    await counted(working, *envelopes)
    await eventually(lambda: is_empty(bench, COUNTING))
    assert failures == []


async def test_an_event_that_cannot_be_moved_aside_is_delivered_again(
    working: Serving, bench: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, poisoned = [created() for _ in range(20)], created(POISON)
    with monkeypatch.context() as too_short:
        too_short.setattr(consumer_module, "PUBLISH_SECONDS", 0.0)
        await bench.publish(poisoned)
        await bench.publish(*good)
        await counted(working, *good)
    # What timed out may have arrived all the same: at least once, and always the same event.
    await eventually(lambda: bench.depth(GRAVE), timeout=30)
    await eventually(lambda: is_empty(bench, COUNTING))
    assert {message.message_id for message in await bench.drain(GRAVE)} == {str(poisoned.id)}


async def test_a_queue_listens_to_its_own_events_only(working: Serving, bench: Wire) -> None:
    await fill(working.as_("staff"), jars=3, marbles=2)
    await everything_counted_once(working)
    assert await bench.depth("jars.people") == 0


def test_a_subscription_that_listens_to_nothing_stops_the_start() -> None:
    with pytest.raises(ValueError, match="listens to nothing"):
        Subscription("jars.idle")


def test_an_event_is_reacted_to_or_consumed_but_not_both() -> None:
    async def both(*_: object) -> None: ...

    with pytest.raises(ValueError, match=r"learning\.CourseCreated\.v1"):
        Subscription("jars.both", reactions={CourseCreated: both}, consume={CourseCreated: both})
