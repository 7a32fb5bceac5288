"""The relay: one at a time, nothing skipped, nothing lost, each aggregate in its order."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
import pytest
from jars import COUNTING
from prometheus_client import REGISTRY
from shelves import counts, fill, outgoing, published
from wire import AUDIT, Wire, assert_told_in_order, wire

from babyowl_chassis import outbox
from babyowl_chassis.ids import utc_now
from babyowl_chassis.messaging import relay as relay_module
from babyowl_chassis.messaging.messages import REPLAY
from babyowl_chassis.messaging.operations import replay
from babyowl_chassis.messaging.relay import Relay
from babyowl_chassis.messaging.supervision import supervised
from babyowl_chassis.messaging.topology import declare_topology
from babyowl_chassis.testing import Serving, eventually
from babyowl_contracts import Envelope
from babyowl_contracts.learning import CourseCreated

RELAYS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%-relay'"
LEADERS = f"{RELAYS} AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"


class Replicas:
    """Relays of one service, as if in as many processes."""

    def __init__(self, served: Serving, amqp_url: str) -> None:
        self._served = served
        self._amqp_url = amqp_url
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, number: int) -> None:
        for _ in range(number):
            relay = Relay("learning", database_url=self._served.database_url, amqp_url=self._amqp_url)
            self._tasks.append(asyncio.create_task(supervised("relay", relay.run)))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def leaders(self) -> list[int]:
        """The backends of those that are elected."""
        return [row["pid"] for row in await self._served.resources.database.fetch(LEADERS)]

    async def nothing_waits(self) -> bool:
        return bool(await self._served.resources.database.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"))

    async def cut_off(self) -> None:
        """Terminate the backends of all of them."""
        await self._served.resources.database.execute(f"SELECT pg_terminate_backend(pid) FROM ({RELAYS}) AS relays")


@pytest.fixture
async def vhost(fresh_vhost: Callable[[], str]) -> str:
    url = fresh_vhost()
    await declare_topology(url, "learning", [])
    return url


@pytest.fixture
async def replicas(served: Serving, vhost: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Replicas]:
    monkeypatch.setattr(relay_module, "STANDBY_SECONDS", 0.05)
    found = Replicas(served, vhost)
    yield found
    await found.stop()


@pytest.fixture
async def audit(vhost: str) -> AsyncIterator[Wire]:
    async with wire(vhost) as opened:
        await opened.audit()
        yield opened


async def test_of_three_relays_one_works_and_tells_all_once_and_in_order(
    served: Serving, replicas: Replicas, audit: Wire
) -> None:
    replicas.start(3)
    await fill(served.as_("staff"), jars=5, marbles=10)
    await eventually(replicas.nothing_waits)
    told = await audit.audited()
    assert len(told) == 5 * 11
    assert_told_in_order(told, expected=await published(served))
    assert len(await replicas.leaders()) == 1


async def test_an_event_that_the_broker_refuses_holds_back_those_of_its_aggregate_and_no_others(
    served: Serving, replicas: Replicas, audit: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(served.as_("staff"), jars=3, marbles=5)
    refused = (await served.events())[0]
    publish, refusals = aio_pika.Exchange.publish, 3

    async def refusing(exchange: aio_pika.Exchange, message: aio_pika.Message, **options: Any) -> Any:
        nonlocal refusals
        if message.message_id == str(refused.id) and refusals:
            refusals -= 1
            raise TimeoutError("not confirmed")
        return await publish(exchange, message, **options)

    monkeypatch.setattr(aio_pika.Exchange, "publish", refusing)
    replicas.start(1)
    await eventually(replicas.nothing_waits)
    told = await audit.audited()
    assert_told_in_order(told, expected=await published(served))
    assert [envelope.subject for envelope in told[-6:]] == [refused.subject] * 6
    assert refusals == 0


async def test_what_commits_late_is_not_skipped(served: Serving, replicas: Replicas, audit: Wire) -> None:
    replicas.start(1)
    database = served.resources.database
    late, early = outgoing(), [outgoing() for _ in range(10)]
    async with database.acquire() as connection, connection.transaction():
        await outbox.post(connection, [late])
        for event in early:
            await outbox.post(database, [event])
        await eventually(lambda: has_told(audit, 10))
        assert {envelope.id for envelope in await audit.audited()} == {event.id for event in early}
    await eventually(lambda: has_told(audit, 1))
    assert [envelope.id for envelope in await audit.audited()] == [late.id]
    assert await database.fetchval("SELECT seq FROM event_log WHERE id = $1", late.id) == 1


async def has_told(audit: Wire, events: int) -> bool:
    return await audit.depth(AUDIT) == events


async def test_what_was_rolled_back_is_never_told(served: Serving, replicas: Replicas, audit: Wire) -> None:
    replicas.start(1)
    database = served.resources.database
    async with database.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await outbox.post(connection, [outgoing()])
        await transaction.rollback()
    await outbox.post(database, [kept := outgoing()])
    await eventually(lambda: has_told(audit, 1))
    assert [envelope.id for envelope in await audit.audited()] == [kept.id]


async def test_a_relay_whose_connection_is_cut_is_succeeded_and_nothing_is_lost(
    served: Serving, replicas: Replicas, audit: Wire
) -> None:
    replicas.start(2)
    [first] = await eventually(replicas.leaders)
    filling = asyncio.create_task(fill(served.as_("staff"), jars=5, marbles=20))
    for _ in range(3):
        await asyncio.wait([filling], timeout=0.1)
        await replicas.cut_off()
    await filling
    await eventually(replicas.nothing_waits, timeout=30)
    assert_told_in_order(await audit.audited(), expected=await published(served))
    [last] = await eventually(replicas.leaders)
    assert last != first


async def test_an_event_that_nobody_announces_is_found_all_the_same(
    served: Serving, replicas: Replicas, audit: Wire
) -> None:
    replicas.start(1)
    await eventually(replicas.leaders)
    async with served.resources.database.acquire() as connection, connection.transaction():
        await connection.execute("CREATE FUNCTION public.pg_notify(text, text) RETURNS text RETURN 'not a word'")
        await connection.execute("SET LOCAL search_path = public, pg_catalog")
        await outbox.post(connection, [silent := outgoing()])
    await eventually(lambda: has_told(audit, 1), timeout=5)
    assert [envelope.id for envelope in await audit.audited()] == [silent.id]


async def test_a_relay_that_is_stopped_first_forgets_what_the_broker_has(
    served: Serving, replicas: Replicas, audit: Wire
) -> None:
    for event in (events := [outgoing() for _ in range(200)]):
        await outbox.post(served.resources.database, [event])
    replicas.start(1)
    await eventually(lambda: audit.depth(AUDIT))
    await replicas.stop()
    waiting = await served.resources.database.fetchval("SELECT count(*) FROM outbox")
    assert len(await audit.audited()) + waiting == len(events), "told and deleted, or neither"


async def test_only_the_elected_one_says_that_it_leads(served: Serving, replicas: Replicas) -> None:
    replicas.start(1)
    await eventually(lambda: leading() == 1)
    await replicas.stop()
    assert leading() == 0


def leading() -> float | None:
    return REGISTRY.get_sample_value("babyowl_relay_leading", {"service": "learning"})


class TestReplay:
    async def test_it_goes_to_one_queue_alone_with_the_same_ids(
        self, served: Serving, replicas: Replicas, audit: Wire
    ) -> None:
        replicas.start(1)
        await fill(served.as_("staff"), jars=2, marbles=3)
        await eventually(replicas.nothing_waits)
        told = {envelope.id: envelope for envelope in await audit.audited()}
        await audit.channel.declare_queue("tests.late", durable=True)

        sent = await replay(served.resources.database, audit.channel, "tests.late", since=long_ago())
        messages = await audit.drain("tests.late")
        assert sent == len(messages) == 8
        assert all(message.headers[REPLAY] is True for message in messages)
        assert {envelope.id: envelope for envelope in map(read, messages)} == told
        assert await audit.depth(AUDIT) == 0

    async def test_only_what_was_asked_for(self, served: Serving, audit: Wire) -> None:
        await fill(served.as_("staff"), jars=2, marbles=3)
        await audit.channel.declare_queue("tests.late", durable=True)
        database, channel = served.resources.database, audit.channel
        types = [CourseCreated.type]
        assert await replay(database, channel, "tests.late", since=long_ago(), types=types) == 2
        assert await replay(database, channel, "tests.late", since=utc_now() + timedelta(days=1)) == 0

    async def test_what_had_its_effect_has_none_again(self, working: Serving) -> None:
        await fill(working.as_("staff"), jars=2, marbles=3)
        await eventually(lambda: all_counted(working, 8))
        async with wire(working.resources.settings.amqp_url.get_secret_value()) as own:
            assert await replay(working.resources.database, own.channel, COUNTING, since=long_ago()) == 8
            await eventually(lambda: is_empty(own))
        assert set((await counts(working)).values()) == {1}


def long_ago() -> datetime:
    return datetime(2000, 1, 1, tzinfo=UTC)


def read(message: object) -> Envelope:
    return Envelope.from_json(message.body)  # type: ignore[attr-defined]


async def all_counted(working: Serving, events: int) -> bool:
    return len(await counts(working)) == events


async def is_empty(own: Wire) -> bool:
    return await own.depth(COUNTING) == 0


async def test_the_message_is_what_integrators_were_promised(
    served: Serving, replicas: Replicas, audit: Wire
) -> None:
    replicas.start(1)
    await outbox.post(served.resources.database, [event := outgoing()])
    await eventually(lambda: has_told(audit, 1))
    [message] = await audit.drain(AUDIT)
    document = json.loads(message.body)
    assert message.message_id == document["id"] == str(event.id)
    assert message.type == message.routing_key == document["type"] == "learning.CourseCreated.v1"
    assert message.content_type == "application/cloudevents+json"
    assert message.delivery_mode == 2
    assert (document["source"], document["subject"]) == ("/babyowl/learning", str(event.aggregate_id))
    assert document["aggregateseq"] == 1
