"""The command line behind the Makefile's targets."""

import argparse
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from babyowl_local import servers
from babyowl_local.catalogue import CATALOGUE, CHECKOUT, SERVICES
from babyowl_local.environment import kept_secrets, service_environment
from babyowl_local.paths import LocalPlatformError, free_port, private_dir
from babyowl_local.platform import run_platform, say
from babyowl_local.postgres import PostgresServer
from babyowl_local.rabbitmq import RabbitControl, RabbitServer
from babyowl_local.report import addresses_of, report_of, welcome

_START_WITHIN = 600  # the first time, servers may have to be fetched
_STOP_WITHIN = 90


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    return told(lambda: int(chosen.run(chosen)))


def told(work: Callable[[], int]) -> int:
    """A problem that the user can solve is told in a line, without a traceback."""
    try:
        return work()
    except BrokenPipeError:  # whoever read along, `head` say, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except LocalPlatformError as problem:
        print(f"babyowl: {problem}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m babyowl_local", description=__doc__)
    parser.add_argument("--home", type=Path, default=CHECKOUT / ".local", help="where data and logs are kept")
    commands = parser.add_subparsers(required=True)

    for name, command, help_text in (
        ("run", _run, "the platform in the foreground"),
        ("start", _start, "the platform in the background"),
        ("stop", _stop, "stop it"),
        ("logs", _logs, "follow the logs of all services"),
        ("reset", _reset, "stop it and delete all its data"),
    ):
        commands.add_parser(name, help=help_text).set_defaults(run=command)
    status = commands.add_parser("status", help="what runs, and where")
    status.add_argument("--format", choices=("text", "json"), default="text")
    status.set_defaults(run=_status)

    inside = commands.add_parser("as", help="a service's own command line, beside the running platform")
    inside.add_argument("service", choices=SERVICES)
    inside.add_argument("arguments", nargs=argparse.REMAINDER, help="`redrive …`, `replay …`, `all` for a replica")
    inside.set_defaults(run=_as)

    broker = commands.add_parser("rabbitmqctl", help="RabbitMQ's own command line, for the running platform's broker")
    broker.add_argument("arguments", nargs=argparse.REMAINDER)
    broker.set_defaults(run=_rabbitmqctl)

    shared = commands.add_parser("servers", help="private Postgres, Redis and RabbitMQ that test runs share")
    shared.add_argument("action", choices=("start", "stop", "status"))
    shared.set_defaults(run=_servers)

    hold = commands.add_parser("hold", help="run one server in the foreground (used by the other commands)")
    hold.add_argument("kind", choices=tuple(servers.KINDS))
    hold.add_argument("directory", type=Path)
    hold.add_argument("--owner", type=int, help="stop, and delete everything, when this process has gone")
    hold.set_defaults(run=_hold)
    return parser


def _run(chosen: argparse.Namespace) -> int:
    return run_platform(chosen.home)


def _start(chosen: argparse.Namespace) -> int:
    """Show what the background process says until it stands or gives up."""
    home = private_dir(chosen.home.absolute())
    if report_of(home)["state"] != "stopped":
        raise LocalPlatformError("Baby Owl already runs from this checkout; see `make status`")
    log = private_dir(home / "log") / "platform.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "babyowl_local", "--home", str(home), "run"]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    with log.open() as shown:
        deadline = time.monotonic() + _START_WITHIN
        while process.poll() is None and time.monotonic() < deadline:
            state = report_of(home)["state"]
            print(shown.read(), end="", flush=True)
            if state == "running":
                return 0
            time.sleep(0.1)
        print(shown.read(), end="", flush=True)
    raise LocalPlatformError(f"the platform did not start; its log is {log}")


def _stop(chosen: argparse.Namespace) -> int:
    """Return once the platform's process, and with it all others, has gone."""
    report = report_of(chosen.home.absolute())
    if "pid" not in report:
        say("Baby Owl is not running.")
        return 0
    with contextlib.suppress(ProcessLookupError):
        running = os.pidfd_open(report["pid"])
        signal.pidfd_send_signal(running, signal.SIGTERM)
        if not select.select([running], [], [], _STOP_WITHIN)[0]:
            raise LocalPlatformError(f"process {report['pid']} did not stop within {_STOP_WITHIN} s")
    say("Baby Owl has stopped.")
    return 0


def _status(chosen: argparse.Namespace) -> int:
    """Exit code 0 if it runs, 3 if not, as with init scripts; JSON is for programs and always 0."""
    report = report_of(chosen.home.absolute())
    if chosen.format == "json":
        print(json.dumps(report, indent=2))
        return 0
    say(f"Baby Owl: {report['state']}")
    for name, service in report["services"].items():
        say(f"  {name:14} {'ready' if service['ready'] else 'not ready':10} {service['url']}")
    if report["state"] == "running":
        say(welcome(report))
    return 0 if report["state"] == "running" else 3


def _logs(chosen: argparse.Namespace) -> int:
    logs = sorted((chosen.home.absolute() / "log").glob("*.log"))
    if not logs:
        raise LocalPlatformError("there are no logs yet")
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(["tail", "-n", "20", "-F", *map(str, logs)], check=False)
    return 0


def _reset(chosen: argparse.Namespace) -> int:
    home: Path = chosen.home.absolute()
    _stop(chosen)
    servers.release_all(home / "servers")
    PostgresServer(home).erase()  # which as root may lie elsewhere
    shutil.rmtree(home, ignore_errors=True)
    say("All data deleted.")
    return 0


def _as(chosen: argparse.Namespace) -> int:
    """Become the service's command line, told what its running process was told, but for the port.

    PORT chooses that; otherwise it is any free one.
    """
    home = chosen.home.absolute()
    report = report_of(home)
    if report["state"] != "running":
        raise LocalPlatformError("Baby Owl is not running from this checkout; `make start` it")
    package = next(service.package for service in CATALOGUE if service.name == chosen.service)
    environment = service_environment(chosen.service, addresses_of(report), kept_secrets(home / "secrets.json"))
    environment["PORT"] = os.environ.get("PORT") or str(free_port())
    os.execve(sys.executable, [sys.executable, "-m", package, *chosen.arguments], environment)  # noqa: S606


def _rabbitmqctl(chosen: argparse.Namespace) -> int:
    home = chosen.home.absolute()
    report = report_of(home)
    if "rabbitmq" not in report.get("servers", {}):
        raise LocalPlatformError("no broker of this checkout's own is running")
    control = RabbitControl(RabbitServer(home).data_dir, report["amqp_url"])
    command, environment = control.rabbitmqctl(*chosen.arguments)
    os.execve(command[0], command, environment)  # noqa: S606


def _servers(chosen: argparse.Namespace) -> int:
    home = chosen.home.absolute() / "servers"
    if chosen.action == "stop":
        servers.release_all(home)
    running = servers.ensure_all_held(home) if chosen.action == "start" else servers.all_held(home)
    urls: dict[str, Any] = {servers.URL_KEYS[kind]: held.url for kind, held in running.items()}
    print(json.dumps(urls, indent=2))
    return 0


def _hold(chosen: argparse.Namespace) -> int:
    servers.hold(chosen.kind, chosen.directory, owner=chosen.owner)
    return 0
