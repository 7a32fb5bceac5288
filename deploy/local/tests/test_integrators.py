"""What the how-to says of integrators is true: its commands make a user who can listen, and do nothing else."""

import asyncio
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import AMQPError, DeliveryError
from aiormq.exceptions import ChannelAccessRefused
from pamqp.common import FieldTable

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.messaging.messages import message_of
from babyowl_chassis.messaging.topology import declare_exchange
from babyowl_contracts import Envelope
from babyowl_contracts.class_ import AttendanceMarked, ClassActivated
from babyowl_local.catalogue import CHECKOUT
from babyowl_local.testing import Broker

HOW_TO = (CHECKOUT / "docs" / "how-to" / "subscribe.md").read_text(encoding="utf-8")
PASSWORD = "hoots-at-dawn"
LISTENED = "class.AttendanceMarked.v1"
CONTEXTS = ("class", "learning")
OUR_QUEUE = "class.courses"
THEIR_QUEUES = ("acme.attendance", "acme.all", "acme.full")
FULL: FieldTable = {"x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish"}


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", HOW_TO, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def operate(broker: Broker) -> Callable[[str], None]:
    """Types commands as an operator of the broker does; whoever asks for a password is told acme's."""
    command, environment = broker.control.rabbitmqctl()
    shim = f'rabbitmqctl() {{ {shlex.join(command)} "$@"; }}\n'

    def run(commands: str) -> None:
        done = subprocess.run(
            ["bash", "-euc", shim + commands],
            env=environment,
            input=f"{PASSWORD}\n",
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run


@pytest.fixture(scope="module")
def acme(broker: Broker, operate: Callable[[str], None]) -> Iterator[str]:
    """The URL of a user whom the how-to's commands have made."""
    operate(block("sh"))
    yield f"amqp://acme:{PASSWORD}@{urlsplit(broker.url).netloc.rpartition('@')[2]}/"
    operate("rabbitmqctl delete_user acme; rabbitmqctl clear_policy acme")


@pytest.fixture
async def ours(broker: Broker) -> AsyncIterator[AbstractConnection]:
    """A service's connection, to a broker in which our exchanges stand."""
    async with await aio_pika.connect(broker.url) as connection:
        channel = await connection.channel()
        for context in CONTEXTS:
            await declare_exchange(channel, context)
        await channel.declare_queue(OUR_QUEUE, durable=True)
        yield connection
        for queue in (OUR_QUEUE, *THEIR_QUEUES, *(f"{context}.log" for context in CONTEXTS)):
            await channel.queue_delete(queue)
        for context in CONTEXTS:
            await channel.exchange_delete(f"{context}.events")


def attendance() -> Envelope:
    event = AttendanceMarked(
        class_id=UUID(int=1),
        course_id=UUID(int=2),
        meeting_id=UUID(int=3),
        student_id=UUID(int=4),
        status="present",
        previous_status=None,
        revision=1,
        meeting_date=utc_now().date(),
        meeting_starts_at=utc_now(),
        marked_by=UUID(int=5),
    )
    return Envelope(id=new_id(), subject=UUID(int=6), time=utc_now(), aggregateseq=1, data=event)


async def publish_five(exchange: AbstractExchange) -> None:
    for _ in range(5):
        await exchange.publish(message_of(attendance()), routing_key=LISTENED, timeout=10)


async def listen(channel: AbstractChannel) -> None:
    queue = await channel.declare_queue("acme.attendance", durable=True, arguments={"x-queue-type": "quorum"})
    await queue.bind("class.events", LISTENED)


async def bind_everything(channel: AbstractChannel) -> None:
    queue = await channel.declare_queue("acme.all", durable=True)
    await queue.bind("class.events", "#")


async def bind_another_event(channel: AbstractChannel) -> None:
    queue = await channel.declare_queue("acme.all", durable=True)
    await queue.bind("class.events", ClassActivated.type)


async def bind_another_context(channel: AbstractChannel) -> None:
    queue = await channel.declare_queue("acme.all", durable=True)
    await queue.bind("learning.events", "learning.CoursePublished.v1")


async def declare_a_queue_of_ours(channel: AbstractChannel) -> None:
    await channel.declare_queue(OUR_QUEUE, durable=True)


async def take_from_a_queue_of_ours(channel: AbstractChannel) -> None:
    await (await channel.get_queue(OUR_QUEUE, ensure=False)).get(fail=False)


async def empty_a_queue_of_ours(channel: AbstractChannel) -> None:
    await (await channel.get_queue(OUR_QUEUE, ensure=False)).purge()


async def delete_our_exchange(channel: AbstractChannel) -> None:
    await channel.exchange_delete("class.events")


async def read_our_log(channel: AbstractChannel) -> None:
    await channel.set_qos(prefetch_count=1)
    await (await channel.get_queue("class.log", ensure=False)).consume(ignore, arguments={"x-stream-offset": "first"})


async def tell_a_lie(channel: AbstractChannel) -> None:
    exchange = await channel.get_exchange("class.events", ensure=False)
    await exchange.publish(message_of(attendance()), routing_key=LISTENED)


async def whisper_to_a_queue_of_ours(channel: AbstractChannel) -> None:
    await channel.default_exchange.publish(message_of(attendance()), routing_key=OUR_QUEUE)


async def ignore(_: object) -> None: ...


@pytest.mark.parametrize(
    "attempt",
    [
        bind_everything,
        bind_another_event,
        bind_another_context,
        declare_a_queue_of_ours,
        take_from_a_queue_of_ours,
        empty_a_queue_of_ours,
        delete_our_exchange,
        read_our_log,
        tell_a_lie,
        whisper_to_a_queue_of_ours,
    ],
)
async def test_whatever_else_they_try_is_refused(
    ours: AbstractConnection, acme: str, attempt: Callable[[AbstractChannel], Awaitable[None]]
) -> None:
    async with await aio_pika.connect(acme) as theirs:
        with pytest.raises(ChannelAccessRefused):
            await attempt(await theirs.channel())


async def test_the_snippet_prints_what_happens(ours: AbstractConnection, acme: str, tmp_path: Path) -> None:
    async with await aio_pika.connect(acme) as theirs:
        await listen(await theirs.channel())
    exchange = await (await ours.channel()).get_exchange("class.events", ensure=False)
    sent = attendance()
    await exchange.publish(message_of(sent), routing_key=LISTENED)
    (tmp_path / "listen.py").write_text(block("python"), encoding="utf-8")
    listener = await asyncio.create_subprocess_exec(
        sys.executable, tmp_path / "listen.py", acme, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert listener.stdout is not None
        said = (await asyncio.wait_for(listener.stdout.readline(), 30)).decode()
        assert str(sent.id) in said
        assert "status='present'" in said
    finally:
        listener.kill()
        await listener.wait()


async def test_a_full_queue_of_theirs_does_not_stop_us(ours: AbstractConnection, acme: str) -> None:
    """One that asked to reject what it can't hold had every event refused, which waited in the outbox for all."""
    async with await aio_pika.connect(acme) as theirs:
        queue = await (await theirs.channel()).declare_queue("acme.full", durable=True, arguments=FULL)
        await queue.bind("class.events", LISTENED)
    exchange = await (await ours.channel()).get_exchange("class.events", ensure=False)
    await publish_five(exchange)


async def test_without_the_policy_it_would(
    ours: AbstractConnection, acme: str, operate: Callable[[str], None]
) -> None:
    operate("rabbitmqctl clear_policy acme")
    async with await aio_pika.connect(acme) as theirs:
        queue = await (await theirs.channel()).declare_queue("acme.full", durable=True, arguments=FULL)
        await queue.bind("class.events", LISTENED)
    exchange = await (await ours.channel()).get_exchange("class.events", ensure=False)
    try:
        with pytest.raises(DeliveryError):
            await publish_five(exchange)
    finally:
        operate(next(line for line in block("sh").splitlines() if "set_policy" in line))


async def test_the_fourth_connection_is_refused(acme: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(await aio_pika.connect(acme))
        with pytest.raises(AMQPError):
            await aio_pika.connect(acme)
