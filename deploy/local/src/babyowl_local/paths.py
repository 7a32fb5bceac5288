"""Where things are kept on this machine, and which ports are free."""

import os
import secrets
import socket
from pathlib import Path

# Below the range Linux hands out for outgoing connections, so that none of those takes a port first.
_PORTS = range(20_000, 32_000)


class LocalPlatformError(Exception):
    """Something on this machine keeps the platform from running; the message says what to do about it."""


def cache_dir() -> Path:
    """Servers that were fetched, shared by all checkouts of this user.

    Root's home is closed to the user that Postgres has to run as, hence /var/cache there.
    """
    if chosen := os.environ.get("BABYOWL_CACHE_DIR"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/cache/babyowl")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "babyowl"


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port nobody listens on now; picked at random, so that two callers hardly ever get the same."""
    for _ in range(200):
        port = _PORTS[secrets.randbelow(len(_PORTS))]
        if is_free(port, host):
            return port
    raise LocalPlatformError(f"no free TCP port found on {host} between {_PORTS.start} and {_PORTS.stop}")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def private_dir(path: Path) -> Path:
    """The directory, made where it is missing, closed to everybody else."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def kept_secret(path: Path) -> str:
    """A random text, made at the first call and kept in `path`, readable to its owner only."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(16))
    return path.read_text()
