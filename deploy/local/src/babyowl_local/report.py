"""What a running platform tells of itself, and how it is known that one runs."""

import fcntl
import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

from babyowl_local.environment import Addresses
from babyowl_local.paths import LocalPlatformError

STOPPED: dict[str, Any] = {"state": "stopped", "services": {}}


def checkout_lock(home: Path) -> IO[str]:
    """Held as long as the platform runs; who comes second is told how to reach the first."""
    lock = (home / "platform.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        running = report_of(home)
        where = running.get("gateway", "it is still starting")
        raise LocalPlatformError(
            f"Baby Owl already runs from this checkout ({where}); see `make status`, or `make stop` it"
        ) from None
    return lock


def report_of(home: Path) -> dict[str, Any]:
    """What the running platform says of itself; `STOPPED` if none runs, whatever a crash left behind."""
    try:
        with (home / "platform.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return STOPPED
    except FileNotFoundError:
        return STOPPED
    except BlockingIOError:
        try:
            report: dict[str, Any] = json.loads((home / "platform.json").read_text())
        except FileNotFoundError:
            return STOPPED | {"state": "starting"}
        return report


def addresses_of(report: Mapping[str, Any]) -> Addresses:
    """Where the parts of a running platform listen, by its report."""
    services = report["services"]
    return Addresses(
        gateway=report["gateway"],
        mailbox=report["mailbox"],
        smtp=report["smtp_url"],
        services={name: service["url"] for name, service in services.items()},
        databases={name: service["database_url"] for name, service in services.items()},
        redis=report["redis_url"],
        amqp=report["amqp_url"],
    )


def welcome(report: dict[str, Any]) -> str:
    def shown(url: str) -> str:
        parts = urlsplit(url)
        return urlunsplit(parts._replace(netloc=f"localhost:{parts.port}"))

    logins = "\n".join(
        f"    {login['email']:24} {login['password']}   ({login['role']})" for login in report["logins"]
    )
    return (
        f"\n  Gateway    {shown(report['gateway'])}\n  API docs   {shown(report['docs'])}\n"
        f"  Mailbox    {shown(report['mailbox'])}\n\n  Sign in as\n{logins}\n"
    )
