"""The broker stops, hangs and dies under writes: no write fails, no event is lost, none counts twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TypeAlias

import jars
import pytest
import structlog
from shelves import counts, everything_counted_once, fill, published
from wire import assert_told_in_order, wire

from babyowl_chassis.messaging import broker, consumer, relay
from babyowl_chassis.testing import Serving, eventually, serving
from babyowl_local.testing import PrivateBroker

Fault: TypeAlias = Callable[[PrivateBroker], None]
ROUNDS = [1, pytest.param(5, marks=pytest.mark.chaos)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, short_ladder: None) -> None:
    """Notice a dead link within a second or two, and not within twenty."""
    monkeypatch.setattr(relay, "PUBLISH_SECONDS", 0.5)
    monkeypatch.setattr(consumer, "PUBLISH_SECONDS", 0.5)
    monkeypatch.setattr(broker, "CONNECT_SECONDS", 1)
    monkeypatch.setattr(broker, "HEARTBEAT_SECONDS", 1)
    monkeypatch.setattr(broker, "CLOSE_SECONDS", 0.2)


@pytest.fixture
async def shelf(
    impatient: None, postgres_admin_url: str, redis_url: str, private_broker: PrivateBroker
) -> AsyncIterator[Serving]:
    async with serving(
        jars.service, admin_url=postgres_admin_url, redis_url=redis_url, amqp_url=private_broker.url
    ) as running:
        async with wire(private_broker.url) as own:
            await own.audit()
        await fill(running.as_("staff"), jars=2, marbles=2)
        await everything_counted_once(running)
        yield running


async def all_told_and_counted(shelf: Serving, broker: PrivateBroker) -> None:
    await everything_counted_once(shelf, timeout=60)
    async with wire(broker.url) as own:
        assert_told_in_order(await own.audited(), expected=await published(shelf))


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("down", [PrivateBroker.stop, PrivateBroker.kill], ids=["stopped", "killed"])
async def test_a_broker_that_is_down_for_a_while_costs_no_write_and_no_event(
    shelf: Serving, private_broker: PrivateBroker, down: Fault, rounds: int
) -> None:
    staff = shelf.as_("staff")
    for _ in range(rounds):
        under_way = asyncio.create_task(fill(staff, jars=4, marbles=20))
        await asyncio.wait([under_way], timeout=0.2)
        await asyncio.to_thread(down, private_broker)
        await fill(staff, jars=4, marbles=5)
        await under_way
        before = len(await counts(shelf))
        assert before < len(await published(shelf))
        await asyncio.to_thread(private_broker.start)
        await all_told_and_counted_so_far(shelf)
    await all_told_and_counted(shelf, private_broker)


async def all_told_and_counted_so_far(shelf: Serving) -> None:
    await everything_counted_once(shelf, timeout=60)


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_a_broker_that_hangs_is_noticed_and_survived(
    shelf: Serving, private_broker: PrivateBroker, rounds: int
) -> None:
    staff = shelf.as_("staff")
    for _ in range(rounds):
        under_way = asyncio.create_task(fill(staff, jars=4, marbles=20))
        await asyncio.wait([under_way], timeout=0.2)
        with structlog.testing.capture_logs() as lines:
            private_broker.pause()
            await fill(staff, jars=4, marbles=5)
            await under_way
            for task in ("learning relay", jars.COUNTING):
                await eventually(partial(has_restarted, lines, task), timeout=20)
        private_broker.resume()
        await everything_counted_once(shelf, timeout=60)
    await all_told_and_counted(shelf, private_broker)


def has_restarted(lines: "list[structlog.typing.EventDict]", task: str) -> bool:
    return any(line["event"] == "restarting" and line["task"] == task for line in lines)


async def test_a_service_starts_without_a_broker_and_catches_up(
    postgres_admin_url: str, redis_url: str, private_broker: PrivateBroker
) -> None:
    await asyncio.to_thread(private_broker.stop)
    async with serving(
        jars.service, admin_url=postgres_admin_url, redis_url=redis_url, amqp_url=private_broker.url
    ) as shelf:
        await fill(shelf.as_("staff"), jars=2, marbles=2)
        assert await counts(shelf) == {}
        await asyncio.to_thread(private_broker.start)
        await everything_counted_once(shelf, timeout=60)


async def test_a_service_stops_in_time_though_the_broker_hangs(
    postgres_admin_url: str, redis_url: str, private_broker: PrivateBroker
) -> None:
    async with (
        asyncio.timeout(30),
        serving(
            jars.service, admin_url=postgres_admin_url, redis_url=redis_url, amqp_url=private_broker.url
        ) as shelf,
    ):
        await fill(shelf.as_("staff"), jars=2, marbles=2)
        await everything_counted_once(shelf)
        private_broker.pause()
        await fill(shelf.as_("staff"), jars=2, marbles=2)
    private_broker.resume()
