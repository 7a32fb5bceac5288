"""What tests of the messaging do to the sample service, and look at afterwards."""

import asyncio
from uuid import UUID

import httpx

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.outbox import Outgoing
from babyowl_chassis.testing import Serving, eventually
from babyowl_contracts import Envelope
from babyowl_contracts.learning import CourseCreated

JARS = "/api/v1/jars"


def created(instructor_id: UUID | None = None) -> Envelope:
    """An event as another replica might have published it."""
    event = CourseCreated(course_id=new_id(), instructor_id=instructor_id or new_id())
    return Envelope(id=new_id(), subject=event.course_id, time=utc_now(), aggregateseq=1, data=event)


def outgoing(aggregate_id: UUID | None = None) -> Outgoing:
    """An event on its way into the outbox."""
    aggregate = aggregate_id or new_id()
    return Outgoing(
        id=new_id(),
        aggregate_id=aggregate,
        time=utc_now(),
        data=CourseCreated(course_id=aggregate, instructor_id=new_id()),
        correlation_id=None,
        causation_id=None,
        traceparent=None,
    )


async def make_jar(client: httpx.AsyncClient) -> str:
    answer = await client.post(JARS, json={"label": str(new_id()), "capacity": 1000})
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def fill(client: httpx.AsyncClient, *, jars: int, marbles: int) -> None:
    """Make jars and put marbles into all of them at once; (1 + marbles) events for each jar."""
    made = await asyncio.gather(*(make_jar(client) for _ in range(jars)))
    for _ in range(marbles):
        answers = await asyncio.gather(*(client.put(f"{JARS}/{jar}/marbles/{new_id()}") for jar in made))
        assert [answer.status_code for answer in answers] == [204] * jars


async def counts(served: Serving) -> dict[UUID, int]:
    """How often each event had its effect."""
    rows = await served.resources.database.fetch("SELECT event_id, times FROM counts")
    return {row["event_id"]: row["times"] for row in rows}


async def published(served: Serving) -> set[UUID]:
    return {envelope.id for envelope in await served.events()}


async def everything_counted_once(served: Serving, *, timeout: float = 30) -> None:
    """Wait until every event of the log has had its effect, exactly once, and the outbox is empty."""

    async def settled() -> bool:
        assert await counts(served) == dict.fromkeys(await published(served), 1)
        assert await served.resources.database.fetchval("SELECT count(*) FROM outbox") == 0
        return True

    await eventually(settled, timeout=timeout, every=0.1)
