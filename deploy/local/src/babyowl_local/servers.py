"""Servers in the background, shared by several processes: each is held by a small process of its own."""

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from babyowl_local.paths import LocalPlatformError, private_dir
from babyowl_local.postgres import PostgresServer
from babyowl_local.private_server import PrivateServer
from babyowl_local.processes import tail
from babyowl_local.rabbitmq import RabbitServer
from babyowl_local.redis import RedisServer

KINDS: dict[str, type[PrivateServer]] = {
    "rabbitmq": RabbitServer,
    "postgres": PostgresServer,
    "redis": RedisServer,
}
URL_KEYS = {"postgres": "admin_database_url", "redis": "redis_url", "rabbitmq": "amqp_url"}


@dataclass(frozen=True, slots=True)
class Held:
    """A server that runs in the background, and the process that holds it."""

    url: str
    pid: int


def hold(kind: str, home: Path, *, owner: int | None) -> None:
    """Run a server until SIGTERM, until it ends by itself, or until the process `owner` is gone.

    It is for tests: fast rather than safe, and its data is deleted when it stops.
    """
    private_dir(home)
    asked_to_stop = _signal_pipe()
    with _lock(home / "held"):
        server = KINDS[kind](home, durable=False)
        try:
            server.launch()
            server.await_ready()
            _write(home, Held(server.url, os.getpid()))
            watched = [asked_to_stop, os.pidfd_open(server.process.pid)]
            if owner is not None:
                watched.append(os.pidfd_open(owner))
            select.select(watched, [], [])
        except ProcessLookupError:
            pass  # the owner had gone before it could be watched
        finally:
            (home / "held.json").unlink(missing_ok=True)
            server.stop()
            server.erase()
            if owner is not None:
                shutil.rmtree(home, ignore_errors=True)


def ensure_held(kind: str, home: Path, *, owner: int | None = None) -> Held:
    """The server held in `home`, started if there is none; safe to call from many processes at once."""
    private_dir(home)
    with _lock(home / "starting"):
        if found := held(home):
            return found
        return _await_held(kind, home, start_holding(kind, home, owner=owner))


def ensure_all_held(homes: Path) -> dict[str, Held]:
    """All kinds, booting side by side, each in its own directory below `homes`."""
    private_dir(homes)
    with _lock(homes / "starting"):
        starting = {
            kind: start_holding(kind, private_dir(homes / kind), owner=None)
            for kind in KINDS
            if not held(homes / kind)
        }
        for kind, holder in starting.items():
            _await_held(kind, homes / kind, holder)
    return all_held(homes)


def start_holding(kind: str, home: Path, *, owner: int | None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "babyowl_local", "hold", kind, str(home)]
    if owner is not None:
        command += ["--owner", str(owner)]
    with (home / "holder.log").open("wb") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
        )


def held(home: Path) -> Held | None:
    """The server that is held in `home` now; a file left by a crash does not count."""
    try:
        kept = json.loads((home / "held.json").read_text())
        with (home / "held").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return Held(**kept)
    except FileNotFoundError:
        return None
    return None


def all_held(homes: Path) -> dict[str, Held]:
    return {kind: found for kind in KINDS if (found := held(homes / kind))}


def release(home: Path) -> None:
    """Stop what is held in `home` and wait until it has gone."""
    if found := held(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGTERM)
        while held(home) or _is_locked(home / "held"):
            time.sleep(0.02)


def release_all(homes: Path) -> None:
    for found in all_held(homes).values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGTERM)
    for kind in KINDS:
        while _is_locked(homes / kind / "held"):
            time.sleep(0.02)


def _await_held(kind: str, home: Path, holder: subprocess.Popen[bytes]) -> Held:
    deadline = time.monotonic() + 300  # the first time, the server has to be fetched
    while not (found := held(home)):
        if holder.poll() is not None:
            raise LocalPlatformError(f"{kind} could not be started:\n{tail(home / 'holder.log')}")
        if time.monotonic() > deadline:
            raise LocalPlatformError(f"{kind} took too long to start:\n{tail(home / 'holder.log')}")
        time.sleep(0.02)
    return found


def _write(home: Path, found: Held) -> None:
    unfinished = home / "held.json.unfinished"
    unfinished.write_text(json.dumps(asdict(found)))
    unfinished.chmod(0o600)
    unfinished.rename(home / "held.json")


def _signal_pipe() -> int:
    """A descriptor that becomes readable once SIGTERM or SIGINT has arrived."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writable)
    return readable


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_locked(path: Path) -> bool:
    try:
        with path.open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
