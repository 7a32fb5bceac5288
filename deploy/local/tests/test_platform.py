"""The supervised platform as a user of `make run`, `make status` and Ctrl-C sees it."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from babyowl_local.environment import kept_secrets, service_environment
from babyowl_local.paths import free_port
from babyowl_local.report import addresses_of

pytestmark = pytest.mark.infra

FAKE = Path(__file__).with_name("fake_platform.py")


class Checkout:
    """One checkout with a fake platform, driven through its command line."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.home = folder / ".local"
        self.port = free_port()
        self.said = folder / "said"
        self._environment = os.environ | {"PYTHONPATH": str(folder), "HOME": str(folder)}
        for name in ("DATABASE_URL", "REDIS_URL", "AMQP_URL"):
            self._environment.pop(name, None)
        self.process: subprocess.Popen[bytes] | None = None

    def run(self) -> subprocess.Popen[bytes]:
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, FAKE, self.home, "run", str(self.port)],
                env=self._environment,
                stdout=said,
                stderr=said,
            )
        return self.process

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, FAKE, self.home, *arguments],
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=100,
        )

    def status(self) -> dict[str, Any]:
        return dict(json.loads(self.ask("status", "--format", "json").stdout))

    def report(self) -> dict[str, Any]:
        """What is published, without a process's start for each look."""
        try:
            return dict(json.loads((self.home / "platform.json").read_text()))
        except FileNotFoundError:
            return {"state": "stopped"}

    def await_running(self) -> dict[str, Any]:
        assert self.process is not None
        process = self.process
        until(lambda: self.report()["state"] == "running" or process.poll() is not None)
        assert process.poll() is None, self.said.read_text()
        return self.report()

    def processes(self) -> set[str]:
        """Command lines of all processes that mention this checkout, or were forked from it."""
        mine = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if str(self.folder) in command and state != "Z":
                mine.add(f"{folder.name} {command}")
        return mine


def until(condition: Callable[[], object], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.02)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path)
    yield made
    if made.process is not None:
        made.process.terminate()
        made.process.wait(60)
    made.ask("reset")


def pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def environment_of(url: str) -> dict[str, str]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return dict(json.load(answer))


def test_a_platform_starts_reports_revives_what_dies_and_leaves_nothing(checkout: Checkout) -> None:
    process = checkout.run()
    report = checkout.await_running()
    status = checkout.status()
    assert status == report
    assert status["gateway"] == f"http://127.0.0.1:{checkout.port}"
    assert set(status["services"]) == {"identity", "class"}
    assert all(service["ready"] for service in status["services"].values())
    assert [login["role"] for login in status["logins"]] == ["super_admin", "staff", "instructor", "student"]

    told = environment_of(status["services"]["class"]["url"])
    assert told["DATABASE_URL"] == status["services"]["class"]["database_url"]
    assert told["AMQP_URL"] == status["amqp_url"]
    assert told["IDENTITY_URL"] == status["services"]["identity"]["url"]
    assert "PASSWORD_PEPPER" not in told

    beside = service_environment("class", addresses_of(status), kept_secrets(checkout.home / "secrets.json"))
    assert (beside | {"HOME": told["HOME"]}).items() <= told.items()
    assert "redrive" in checkout.ask("as", "class", "--help").stdout

    notes = (checkout.folder / "notes").read_text().split("\n")
    assert max(notes.index("fake_identity prepare"), notes.index("fake_class prepare")) < notes.index(
        "fake_identity seed"
    )
    assert notes.index("fake_identity seed") < notes.index("fake_identity all")

    os.kill(status["services"]["class"]["pid"], signal.SIGKILL)
    until(lambda: checkout.report()["services"]["class"]["pid"] not in (None, status["services"]["class"]["pid"]))
    until(lambda: checkout.report()["services"]["class"]["ready"])

    os.kill(status["servers"]["redis"], signal.SIGKILL)
    until(lambda: checkout.report()["servers"]["redis"] != status["servers"]["redis"])
    with redis.Redis.from_url(status["redis_url"]) as client:
        until(lambda: pings(client))

    again = checkout.ask("run", str(checkout.port))
    assert again.returncode == 1
    assert "already runs from this checkout" in again.stderr

    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert checkout.processes() == set()
    assert checkout.status() == {"state": "stopped", "services": {}}

    said = checkout.said.read_text()
    assert "class        | ended with -9; starting it again in 0.2 s" in said
    assert "identity     | said by fake_identity" in said
    assert "ERROR important" in said
    assert "unimportant" not in said
    assert "unimportant" in (checkout.home / "log" / "identity.log").read_text()
    assert stat.S_IMODE((checkout.home / "secrets.json").stat().st_mode) == 0o600


def test_two_checkouts_run_side_by_side(tmp_path: Path) -> None:
    checkouts = [Checkout(tmp_path / name) for name in ("one", "two")]
    try:
        for checkout in checkouts:
            checkout.run()
        first, second = (checkout.await_running() for checkout in checkouts)
        urls = [
            {report["gateway"], report["mailbox"], report["amqp_url"], report["redis_url"]}
            for report in (first, second)
        ]
        assert urls[0].isdisjoint(urls[1])
        assert checkouts[0].ask("stop").returncode == 0
        assert checkouts[0].processes() == set()
        assert environment_of(second["services"]["class"]["url"])["PORT"]
    finally:
        for checkout in checkouts:
            checkout.ask("reset")


def test_data_and_secrets_outlast_a_restart_and_reset_deletes_them(checkout: Checkout) -> None:
    secrets = []
    for _ in range(2):
        checkout.run()
        checkout.await_running()
        secrets.append((checkout.home / "secrets.json").read_text())
        stopped = checkout.ask("stop")
        assert stopped.stdout == "Baby Owl has stopped.\n"
    assert secrets[0] == secrets[1]
    assert checkout.ask("reset").returncode == 0
    assert not checkout.home.exists()


def test_nothing_outlives_a_killed_supervisor(checkout: Checkout) -> None:
    process = checkout.run()
    report = checkout.await_running()
    process.kill()
    process.wait(10)
    until(lambda: checkout.processes() == set())
    with pytest.raises(OSError, match="refused"):
        environment_of(report["services"]["class"]["url"])
    assert checkout.status()["state"] == "stopped"


def test_a_second_ctrl_c_ends_what_ignores_the_first(checkout: Checkout) -> None:
    (checkout.folder / "stubborn").touch()
    process = checkout.run()
    checkout.await_running()
    process.send_signal(signal.SIGINT)
    until(lambda: "Stopping" in checkout.said.read_text())
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert checkout.processes() == set()


def test_a_failing_migration_stops_the_start_with_its_words(checkout: Checkout) -> None:
    (checkout.folder / "migration-fails").touch()
    assert checkout.run().wait(60) == 1
    assert "column does not exist" in checkout.said.read_text()
    assert checkout.processes() == set()


def test_a_service_that_cannot_start_stops_the_start(checkout: Checkout) -> None:
    (checkout.folder / "start-fails").touch()
    assert checkout.run().wait(60) == 1
    said = checkout.said.read_text()
    assert "cannot start" in said
    assert "identity ended with 1 while starting" in said
    assert checkout.processes() == set()


def test_a_taken_port_is_told_together_with_the_way_out(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", checkout.port)):
        assert checkout.run().wait(30) == 1
    assert "GATEWAY_PORT=" in checkout.said.read_text()


def test_asking_a_stopped_platform_is_no_error(checkout: Checkout) -> None:
    assert checkout.status()["state"] == "stopped"
    assert checkout.ask("stop").stdout == "Baby Owl is not running.\n"
    assert checkout.ask("status").returncode == 3
