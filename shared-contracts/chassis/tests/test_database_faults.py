"""Postgres cuts connections, refuses them, restarts: writers are told so, consumers wait, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import httpx
import jars
import pytest
import structlog
from jars import COUNTING
from shelves import JARS, counts, created, everything_counted_once, fill, make_jar, published
from wire import Wire, assert_told_in_order, wire

from babyowl_chassis.ids import new_id
from babyowl_chassis.messaging.topology import dead_letter_queue
from babyowl_chassis.testing import Serving, eventually, serving
from babyowl_local.postgres import PostgresServer

OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"


class Operator:
    """Somebody with power over the database server."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", url: str) -> None:
        self._connection = connection
        self._database = url.rpartition("/")[2]

    async def cut_all_connections(self) -> None:
        await self._connection.execute(OTHERS, self._database)

    async def close_the_doors(self) -> None:
        await self._connection.execute(f'ALTER DATABASE "{self._database}" ALLOW_CONNECTIONS false')
        await self.cut_all_connections()

    async def open_the_doors(self) -> None:
        await self._connection.execute(f'ALTER DATABASE "{self._database}" ALLOW_CONNECTIONS true')


@pytest.fixture
async def operator(working: Serving, postgres_admin_url: str) -> AsyncIterator[Operator]:
    connection = await asyncpg.connect(postgres_admin_url)
    found = Operator(connection, working.database_url)
    yield found
    await found.open_the_doors()
    await connection.close()


async def insist(client: httpx.AsyncClient, jar: str) -> None:
    """Put one marble in, trying again for as long as the service says that it may."""
    path = f"{JARS}/{jar}/marbles/{new_id()}"

    async def put() -> bool:
        answer = await client.put(path)
        assert answer.status_code in (204, 503), answer.text
        return answer.status_code == 204

    await eventually(put, timeout=30)


@pytest.mark.parametrize("cuts", [3, pytest.param(50, marks=pytest.mark.chaos)])
async def test_connections_cut_under_load_cost_no_event_and_nothing_counts_twice(
    working: Serving, operator: Operator, cuts: int
) -> None:
    amqp_url = working.resources.settings.amqp_url.get_secret_value()
    staff = working.as_("staff")
    async with wire(amqp_url) as own:
        await own.audit()
        shelf = [await make_jar(staff) for _ in range(4)]
        writing = asyncio.gather(*(insist_often(staff, jar, 5 * cuts) for jar in shelf))
        for _ in range(cuts):
            await asyncio.wait([writing], timeout=0.1)
            await operator.cut_all_connections()
        await writing
        await everything_counted_once(working)
        assert_told_in_order(await own.audited(), expected=await published(working))
        assert await own.depth(dead_letter_queue(COUNTING)) == 0


async def insist_often(client: httpx.AsyncClient, jar: str, times: int) -> None:
    for _ in range(times):
        await insist(client, jar)


async def test_while_the_database_is_away_events_wait_and_no_try_is_counted(
    working: Serving, operator: Operator
) -> None:
    envelopes = [created() for _ in range(40)]
    async with wire(working.resources.settings.amqp_url.get_secret_value()) as own:
        await eventually(lambda: own.is_consumed(COUNTING))
        with structlog.testing.capture_logs() as lines:
            await operator.close_the_doors()
            await own.publish(*envelopes)
            answer = await working.as_("staff").post(JARS, json={"label": "blue", "capacity": 1})
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert (await working.client.get("/readyz")).json()["failing"] == ["database"]
            await eventually(lambda: is_held(own, len(envelopes)))
            await eventually(lambda: [line["event"] for line in lines].count("holding") > len(envelopes))
            assert not any(line.get("task") == COUNTING for line in lines), "the consumer has given up"
        await operator.open_the_doors()

        async def all_counted() -> bool:
            return await counts(working) == {envelope.id: 1 for envelope in envelopes}

        await eventually(all_counted, timeout=30)
        assert await own.depth(dead_letter_queue(COUNTING)) == 0
    assert (await working.client.get("/readyz")).status_code == 200


async def is_held(own: Wire, events: int) -> bool:
    """Nothing is counted, retried or buried: what is not in hands waits in its queue."""
    waiting = await own.depth(COUNTING)
    assert await own.depth(dead_letter_queue(COUNTING)) == 0
    return 0 < waiting < events


@pytest.mark.chaos
async def test_a_database_that_restarts_under_load_is_survived(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, fresh_vhost: Callable[[], str], short_ladder: None
) -> None:
    server = PostgresServer(private(tmp_path_factory.mktemp("postgres")), durable=True)
    await asyncio.to_thread(start, server)
    try:
        amqp_url = fresh_vhost()
        async with serving(jars.service, admin_url=server.url, redis_url=redis_url, amqp_url=amqp_url) as shelf:
            async with wire(amqp_url) as own:
                await own.audit()
            staff = shelf.as_("staff")
            await fill(staff, jars=2, marbles=2)
            made = [await make_jar(staff) for _ in range(4)]
            writing = asyncio.gather(*(insist_often(staff, jar, 200) for jar in made))
            for _ in range(3):
                await asyncio.wait([writing], timeout=1)
                await asyncio.to_thread(server.stop)
                await asyncio.to_thread(start, server)
            await writing
            await everything_counted_once(shelf, timeout=60)
            async with wire(amqp_url) as own:
                assert_told_in_order(await own.audited(), expected=await published(shelf))
    finally:
        await asyncio.to_thread(server.stop)
        server.erase()


def private(directory: Path) -> Path:
    directory.parent.chmod(0o711)
    return directory


def start(server: PostgresServer) -> None:
    server.launch()
    server.await_ready()
