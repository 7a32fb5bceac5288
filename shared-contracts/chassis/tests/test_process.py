"""A service as a real process: what is under way when it is told to stop is finished first."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest
from processes import identity, process
from shelves import JARS, counts, everything_counted_once, fill
from wire import wire

from babyowl_chassis.messaging.topology import declare_topology
from babyowl_chassis.testing import Serving, eventually

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
async def vhost(short_ladder: None, served: Serving, fresh_vhost: Callable[[], str]) -> str:
    url = fresh_vhost()
    await declare_topology(url, "learning", served.running.parts.subscriptions)
    return url


@asynccontextmanager
async def locked(served: Serving, table: str) -> AsyncIterator[None]:
    """Whoever writes to the table has to wait."""
    connection = await asyncpg.connect(served.database_url)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def somebody_waits(served: Serving) -> bool:
    return bool(await served.resources.database.fetchval(WAITING))


async def nobody_waits(served: Serving) -> bool:
    return not await somebody_waits(served)


async def refuses_connections(client: httpx.AsyncClient) -> bool:
    try:
        async with httpx.AsyncClient(base_url=client.base_url) as other:
            await other.get("/healthz")
    except httpx.ConnectError:
        return True
    return False


async def test_a_request_under_way_at_sigterm_is_answered(served: Serving, vhost: str, tmp_path: Path) -> None:
    async with (
        identity() as url,
        process("all", served, amqp_url=vhost, log=tmp_path / "log", identity_url=url) as replica,
    ):
        await replica.ready()
        async with locked(served, "jars"):
            request = asyncio.create_task(replica.client.post(JARS, json={"label": "blue", "capacity": 1}))
            await eventually(lambda: somebody_waits(served))
            replica.terminate()
            await eventually(lambda: refuses_connections(replica.client))
            assert not request.done()
        assert (await request).status_code == 201
        assert await replica.ended() == 0, replica.log
    assert len(await served.events()) == 1


async def test_a_reaction_under_way_at_sigterm_is_committed_and_acknowledged(
    served: Serving, vhost: str, tmp_path: Path
) -> None:
    async with process("worker", served, amqp_url=vhost, log=tmp_path / "log") as replica:
        await replica.ready()
        async with locked(served, "counts"):
            await fill(served.as_("staff"), jars=1, marbles=0)
            await eventually(lambda: somebody_waits(served))
            replica.terminate()
            await eventually(lambda: '"event": "stopping"' in replica.log)
            with pytest.raises(AssertionError):
                await eventually(lambda: nobody_waits(served), timeout=0.5)
        assert await replica.ended() == 0, replica.log
    assert set((await counts(served)).values()) == {1}
    async with wire(vhost) as own:
        assert await own.depth("jars.counting") == 0


async def test_without_anything_to_do_it_ends_at_once_and_in_order(
    served: Serving, vhost: str, tmp_path: Path
) -> None:
    async with process("all", served, amqp_url=vhost, log=tmp_path / "log") as replica:
        await replica.ready()
        replica.terminate()
        async with asyncio.timeout(10):
            assert await replica.ended() == 0, replica.log
    assert "Traceback" not in replica.log
    assert '"event": "stopping"' in replica.log


async def test_it_ends_in_time_though_its_database_is_away(served: Serving, vhost: str, tmp_path: Path) -> None:
    async with process("worker", served, amqp_url=vhost, log=tmp_path / "log") as replica:
        await replica.ready()
        name = served.database_url.rpartition("/")[2]
        admin = await asyncpg.connect(f"{served.database_url.rpartition('/')[0]}/postgres")
        try:
            await fill(served.as_("staff"), jars=1, marbles=5)
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            replica.terminate()
            async with asyncio.timeout(15):
                assert await replica.ended() == 0, replica.log
        finally:
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            await admin.close()


async def test_web_and_worker_may_be_processes_of_their_own(served: Serving, vhost: str, tmp_path: Path) -> None:
    async with (
        identity() as url,
        process("web", served, amqp_url=vhost, log=tmp_path / "web", identity_url=url) as web,
        process("worker", served, amqp_url=vhost, log=tmp_path / "worker") as worker,
    ):
        await asyncio.gather(web.ready(), worker.ready())
        await fill(web.client, jars=2, marbles=2)
        await everything_counted_once(served)
        assert (await worker.client.get(JARS)).status_code == 404
        assert (await worker.client.get("/metrics")).status_code == 200


async def test_a_wrong_setting_stops_the_start_and_is_named(served: Serving, vhost: str, tmp_path: Path) -> None:
    async with process("all", served, amqp_url=vhost, log=tmp_path / "log", ENVIRONMENT="production") as replica:
        assert await replica.ended() == 1
    assert "SERVICE_CLIENT_SECRET" in replica.log
    assert served.database_url not in replica.log
