"""Pytest fixtures: real Postgres, Redis and RabbitMQ, shared by all workers of a run and started on demand.

A server is taken from, in this order: TEST_DATABASE_URL, TEST_REDIS_URL or TEST_AMQP_URL; the servers that
`python -m babyowl_local servers start` left running; else it is started for this run, and is gone with it,
even if the run is killed.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from babyowl_local import servers
from babyowl_local.catalogue import CHECKOUT
from babyowl_local.paths import LocalPlatformError
from babyowl_local.provision import drop_database, provision
from babyowl_local.rabbitmq import RabbitControl, RabbitServer
from babyowl_local.redis import DATABASES

SHARED_SERVERS = CHECKOUT / ".local" / "servers"
_SERVER_FIXTURES = frozenset({"postgres_admin_url", "fresh_redis", "broker", "_private_server", "command_platform"})
_RUN = pytest.StashKey[tuple[Path, int]]()


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", None)
    if given is not None:
        config.stash[_RUN] = (Path(given["babyowl_servers"]), given["babyowl_owner"])
    else:
        home = Path(tempfile.gettempdir()) / f"babyowl-tests-{uuid.uuid4().hex[:8]}"
        config.stash[_RUN] = (home, os.getpid())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a real server, however indirectly, is an `infra` test; nobody has to remember it."""
    for item in items:
        if _SERVER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("infra")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each xdist worker where the run's servers are kept and whose life they share."""
    home, owner = node.config.stash[_RUN]
    node.workerinput["babyowl_servers"] = str(home)
    node.workerinput["babyowl_owner"] = owner


def pytest_unconfigure(config: pytest.Config) -> None:
    if _RUN not in config.stash:  # pytest gave up before it was configured
        return
    home, owner = config.stash[_RUN]
    if owner == os.getpid() and home.exists():
        servers.release_all(home)
        shutil.rmtree(home, ignore_errors=True)


class Broker:
    """A running broker in which tests make virtual hosts of their own."""

    def __init__(self, url: str, control: RabbitControl | None) -> None:
        self.url = url
        self._control = control
        self._made: list[str] = []

    def fresh_vhost(self) -> str:
        """The AMQP URL of an empty virtual host; it goes with the run."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        self._made.append(name)
        return self.control.new_vhost(name)

    def drop_vhosts(self) -> None:
        while self._made:
            self.control.drop_vhost(self._made.pop())

    @property
    def control(self) -> RabbitControl:
        if self._control is None:
            raise LocalPlatformError("TEST_AMQP_URL names a broker in which virtual hosts can't be made here")
        return self._control


class PrivateBroker:
    """A broker of one test's own, to be paused, stopped, killed and started again; data and port stay."""

    def __init__(self, server: RabbitServer, url: str, control: RabbitControl) -> None:
        self._server = server
        self.url = url
        self.control = control

    def pause(self) -> None:
        """It hangs: connections stay open, nothing is answered."""
        self._server.pause()

    def resume(self) -> None:
        self._server.resume()

    def stop(self) -> None:
        """It goes down in good order; nobody listens on its port."""
        self._server.stop()

    def kill(self) -> None:
        """It dies without a goodbye."""
        self._server.kill()

    def start(self) -> None:
        """It comes back on the same port with the same data; returns when it takes connections."""
        self._server.launch()
        self._server.await_ready()


@pytest.fixture(scope="session")
def postgres_admin_url(request: pytest.FixtureRequest) -> str:
    """A superuser's URL; make a database of your own there (`fresh_databases`)."""
    return os.environ.get("TEST_DATABASE_URL") or _server_of(request, "postgres")[0].url


@pytest.fixture(scope="session")
def fresh_databases(postgres_admin_url: str) -> Iterator[Callable[[], dict[str, str]]]:
    """Makes a new, provisioned database at every call; returns each service's URL for it."""
    made: list[str] = []

    def make() -> dict[str, str]:
        made.append(f"test_{uuid.uuid4().hex[:12]}")
        return provision(postgres_admin_url, made[-1])

    yield make
    for database in made:
        drop_database(postgres_admin_url, database)


@pytest.fixture(scope="session")
def service_databases(fresh_databases: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Each service's URL in one database of this worker's own."""
    return fresh_databases()


@pytest.fixture(scope="session")
def fresh_redis(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives an empty Redis database at every call; with TEST_REDIS_URL always that one, as it is."""
    given = os.environ.get("TEST_REDIS_URL")
    server = given or _server_of(request, "redis")[0].url

    def make() -> str:
        if given:
            return given
        with redis.Redis.from_url(server) as counter:
            number = 1 + int(counter.incr("babyowl:databases-given")) % (DATABASES - 1)
        own = server.rsplit("/", 1)[0] + f"/{number}"
        with redis.Redis.from_url(own) as database:
            database.flushdb()
        return own

    return make


@pytest.fixture(scope="session")
def redis_url(fresh_redis: Callable[[], str]) -> str:
    """A Redis database of this worker's own."""
    return fresh_redis()


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """The broker all tests share; take a `fresh_vhost` in it."""
    if given := os.environ.get("TEST_AMQP_URL"):
        yield Broker(given, None)
        return
    held, home = _server_of(request, "rabbitmq")
    shared = Broker(held.url, RabbitControl(home / "rabbitmq", held.url))
    yield shared
    shared.drop_vhosts()


@pytest.fixture(scope="session")
def fresh_vhost(broker: Broker) -> Callable[[], str]:
    """Makes a new virtual host at every call; returns its AMQP URL."""
    return broker.fresh_vhost


@pytest.fixture(scope="session")
def amqp_url(broker: Broker) -> str:
    """A virtual host of this worker's own."""
    return os.environ.get("TEST_AMQP_URL") or broker.fresh_vhost()


@pytest.fixture(scope="session")
def _private_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    server = RabbitServer(tmp_path_factory.mktemp("private-broker"))
    server.launch()
    try:
        server.await_ready()
        yield server
    finally:
        server.stop()


@pytest.fixture
def private_broker(_private_server: RabbitServer) -> Iterator[PrivateBroker]:
    """Yours to torture; whatever state you leave it in, the next test finds it running and empty."""
    control = RabbitControl(_private_server.data_dir, _private_server.url)
    name = f"test-{uuid.uuid4().hex[:12]}"
    private = PrivateBroker(_private_server, control.new_vhost(name), control)
    yield private
    if _private_server.is_running:
        private.resume()
    if not _private_server.is_running:
        private.start()
    control.drop_vhost(name)


def _server_of(request: pytest.FixtureRequest, kind: str) -> tuple[servers.Held, Path]:
    """The running server of a kind and the directory it is kept in."""
    shared = SHARED_SERVERS / kind
    if found := servers.held(shared):
        return found, shared
    home, owner = request.config.stash[_RUN]
    home.mkdir(mode=0o711, exist_ok=True)
    return servers.ensure_held(kind, home / kind, owner=owner), home / kind
