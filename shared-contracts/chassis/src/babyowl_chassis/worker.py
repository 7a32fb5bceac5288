"""The worker of a service: its relay, its consumers, and what it does from time to time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog

from babyowl_chassis import idempotency, inbox
from babyowl_chassis.database import Pool
from babyowl_chassis.messaging.consumer import Consumer
from babyowl_chassis.messaging.relay import Relay
from babyowl_chassis.messaging.supervision import heed_cancellation, supervised
from babyowl_chassis.messaging.topology import declare_topology
from babyowl_chassis.service import Periodic, Running
from babyowl_chassis.subscriptions import Dispatcher

log = structlog.get_logger(__name__)

HOUSEKEEPING_SECONDS = 3600.0


@asynccontextmanager
async def working(running: Running) -> AsyncIterator[None]:
    """Run the worker while the block lasts; what is under way at its end is finished first."""
    settings, parts = running.resources.settings, running.parts
    amqp_url = settings.amqp_url.get_secret_value()
    name = running.service.name

    async def declare() -> None:
        await declare_topology(amqp_url, name, parts.subscriptions)

    async def after_declaring(task: str, work: Callable[[], Awaitable[None]]) -> None:
        # Shielded: a cancellation is for this task. Handed on, it is lost when the declaring succeeds all the same.
        await asyncio.shield(declared)
        await supervised(task, work)

    declared = asyncio.create_task(supervised(f"{name} topology", declare, once=True))
    relay = Relay(name, database_url=settings.database_url.get_secret_value(), amqp_url=amqp_url)
    tasks = [declared, asyncio.create_task(after_declaring(f"{name} relay", relay.run))]
    for subscription in parts.subscriptions:
        dispatcher = Dispatcher(subscription, parts.bus)
        consumer = Consumer(subscription, dispatcher, amqp_url=amqp_url, prefetch=settings.consumer_prefetch)
        tasks.append(asyncio.create_task(after_declaring(subscription.queue, consumer.run)))
    database = running.resources.database
    tasks += [
        asyncio.create_task(_from_time_to_time(f"{name} {periodic.name}", periodic, database))
        for periodic in (*parts.periodic, _housekeeping(database))
    ]
    try:
        yield
    finally:
        await _end(tasks, grace=settings.shutdown_grace_seconds)


async def _end(tasks: Sequence[asyncio.Task[None]], *, grace: float) -> None:
    for task in tasks:
        task.cancel()
    _, torn = await asyncio.wait(tasks, timeout=grace)
    for task in torn:
        log.error("torn", task=task.get_name(), reason="not finished within the grace period")
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _housekeeping(database: Pool) -> Periodic:
    async def forget() -> None:
        notes, answers = await inbox.forget_old(database), await idempotency.forget_old(database)
        log.info("housekeeping", inbox_rows=notes, idempotency_keys=answers)

    return Periodic("housekeeping", every=HOUSEKEEPING_SECONDS, run=forget)


async def _from_time_to_time(name: str, periodic: Periodic, database: Pool) -> None:
    while True:
        heed_cancellation()
        await asyncio.sleep(periodic.every)
        try:
            await on_one_replica(name, periodic, database)
        except Exception:
            log.exception("periodic_failed", name=name)


async def on_one_replica(name: str, periodic: Periodic, database: Pool) -> None:
    """Do the work now, unless another replica is at it."""
    async with database.acquire() as connection:
        try:
            if await connection.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", name):
                await periodic.run()
        finally:
            # Also when cancelled while asking: a session that goes back to the pool must hold no lock.
            await connection.execute("SELECT pg_advisory_unlock_all()")
