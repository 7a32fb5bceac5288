"""The event log as other services read it: nothing twice, nothing left out, whoever commits when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest

from babyowl_chassis import event_log, outbox
from babyowl_chassis.event_log import PATH, SCOPE, EventLog, settled_page
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.internal import InternalApi, ServiceTokens
from babyowl_chassis.outbox import Outgoing
from babyowl_chassis.testing import Serving, eventually
from babyowl_chassis.testing.tokens import service_token
from babyowl_contracts import Envelope, Event
from babyowl_contracts.identity import UserReactivated, UserVerified

pytestmark = pytest.mark.infra

VERIFIED = UserVerified.type


def told(event: Event | None = None) -> Outgoing:
    return Outgoing(
        id=new_id(),
        aggregate_id=new_id(),
        time=utc_now(),
        data=event or UserVerified(user_id=new_id()),
        correlation_id=None,
        causation_id=None,
        traceparent=None,
    )


async def tell(served: Serving, *outgoing: Outgoing) -> list[UUID]:
    async with served.resources.database.acquire() as connection, connection.transaction():
        await outbox.post(connection, outgoing)
    return [event.id for event in outgoing]


@asynccontextmanager
async def writing(served: Serving, outgoing: Outgoing) -> AsyncIterator[None]:
    """Somebody has written an event, and commits when the block ends."""
    async with served.resources.database.acquire() as connection, connection.transaction():
        await outbox.post(connection, [outgoing])
        yield


def asking(served: Serving, transport: httpx.AsyncBaseTransport | None = None) -> InternalApi:
    """How another service asks: its token comes from an Identity that gives this one to everybody."""

    async def identity(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"access_token": service_token("tests", SCOPE), "expires_in": 300})

    tokens = ServiceTokens(
        "http://identity", "tests", "secret", httpx.AsyncClient(transport=httpx.MockTransport(identity))
    )
    web = transport or httpx.ASGITransport(served.running.web)
    return InternalApi("http://service", httpx.AsyncClient(transport=web), tokens)


async def read(log: EventLog, limit: int = 100) -> list[Envelope]:
    page = await log.read_on(limit)
    envelopes = list(page.events)
    while not page.is_last:
        page = await log.read_on(limit)
        envelopes += page.events
    return envelopes


async def test_a_log_is_read_page_by_page_as_it_went_to_the_broker(served: Serving) -> None:
    ids = [(await tell(served, told()))[0] for _ in range(5)]
    await tell(served, told(UserReactivated(user_id=new_id())))
    log = EventLog(asking(served), [UserVerified])
    envelopes = await read(log, limit=2)
    assert [envelope.id for envelope in envelopes] == ids
    assert envelopes == await served.events(UserVerified)
    assert (log.after, log.newest) == (6, 6)


async def test_reading_goes_on_where_it_ended(served: Serving) -> None:
    log = EventLog(asking(served), [UserVerified])
    assert await read(log) == []
    first = await tell(served, told(), told())
    assert [envelope.id for envelope in await read(log)] == first
    then = await tell(served, told())
    assert [envelope.id for envelope in await read(log)] == then
    assert await read(log) == []


async def test_without_types_the_whole_log_is_told(served: Serving) -> None:
    await tell(served, told(), told(UserReactivated(user_id=new_id())))
    page = (await served.as_service(SCOPE).get(PATH)).json()
    assert [item["type"] for item in page["items"]] == [VERIFIED, UserReactivated.type]
    assert (page["after"], page["newest"]) == (2, 2)


async def test_an_event_that_commits_late_is_not_left_out(served: Serving) -> None:
    """A cursor that went past the place of a transaction still open lost half the events in a measurement."""
    late, early = told(), told()
    log = EventLog(asking(served), [UserVerified])
    async with writing(served, late):
        await tell(served, early)
        reading = asyncio.create_task(read(log))
        waiting = (
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_locks%' AND pid <> pg_backend_pid()"
        )
        await eventually(lambda: served.resources.database.fetchval(waiting))
        assert not reading.done()
    assert [envelope.id for envelope in await reading] == [late.id, early.id]


async def test_who_writes_and_thinks_better_of_it_holds_nobody_up(served: Serving) -> None:
    connection = await served.resources.database.acquire()
    transaction = connection.transaction()
    await transaction.start()
    await outbox.post(connection, [told()])
    await transaction.rollback()
    await served.resources.database.release(connection)
    stays = await tell(served, told())
    assert [envelope.id for envelope in await read(EventLog(asking(served), [UserVerified]))] == stays


async def test_a_writer_that_does_not_end_is_not_waited_for_for_ever(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "SETTLE_SECONDS", 0.05)
    await tell(served, told())
    async with writing(served, told()):
        with pytest.raises(TimeoutError):
            await settled_page(served.resources.database, [VERIFIED], after=0, limit=10)
        answer = await served.as_service(SCOPE).get(PATH)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_a_reader_beside_many_writers_gets_every_event_once(served: Serving) -> None:
    log, found = EventLog(asking(served), [UserVerified]), []
    done = asyncio.Event()

    async def write() -> list[UUID]:
        ids = []
        for _ in range(40):
            async with served.resources.database.acquire() as connection, connection.transaction():
                outgoing = told()
                await outbox.post(connection, [outgoing])
                await connection.execute("SELECT pg_sleep(random() * 0.01)")
                ids.append(outgoing.id)
        return ids

    async def follow() -> None:
        while not done.is_set():
            found.extend(await read(log, limit=7))
        found.extend(await read(log))

    following = asyncio.create_task(follow())
    written = [event_id for ids in await asyncio.gather(*(write() for _ in range(6))) for event_id in ids]
    done.set()
    await following
    assert sorted(envelope.id for envelope in found) == sorted(written)


async def test_a_service_that_is_away_for_a_moment_is_asked_again(served: Serving) -> None:
    [told_id] = await tell(served, told())
    answers: list[httpx.Response | Exception] = [httpx.ConnectError("away"), httpx.Response(503)]
    web = httpx.ASGITransport(served.running.web)

    async def answer(request: httpx.Request) -> httpx.Response:
        match answers.pop() if answers else None:
            case httpx.Response() as refused:
                return refused
            case Exception() as failure:
                raise failure
        return await web.handle_async_request(request)

    log = EventLog(asking(served, httpx.MockTransport(answer)), [UserVerified])
    assert [envelope.id for envelope in await read(log)] == [told_id]
    assert not answers


async def test_a_refusal_is_not_asked_again(served: Serving) -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(403)

    with pytest.raises(httpx.HTTPStatusError):
        await read(EventLog(asking(served, httpx.MockTransport(answer)), [UserVerified]))


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=1001", f"type={'x' * 101}"])
async def test_what_makes_no_sense_is_refused(served: Serving, query: str) -> None:
    assert (await served.as_service(SCOPE).get(f"{PATH}?{query}")).status_code == 422


async def test_only_a_service_with_the_scope_reads_the_log(served: Serving) -> None:
    assert (await served.client.get(PATH)).status_code == 401
    assert (await served.as_("super_admin").get(PATH)).status_code == 403
    assert (await served.as_service("people:read").get(PATH)).status_code == 403
    assert (await served.as_service(SCOPE).get(PATH)).status_code == 200
