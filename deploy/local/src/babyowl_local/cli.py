"""The command line behind the Makefile's targets."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from babyowl_local import servers
from babyowl_local.catalogue import CHECKOUT
from babyowl_local.paths import LocalPlatformError

SHARED_SERVERS = CHECKOUT / ".local" / "servers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a problem the user can solve is told in a line, without a traceback."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except LocalPlatformError as problem:
        print(f"babyowl: {problem}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m babyowl_local", description=__doc__)
    commands = parser.add_subparsers(required=True)

    shared = commands.add_parser("servers", help="private Postgres, Redis and RabbitMQ that test runs share")
    shared.add_argument("action", choices=("start", "stop", "status"))
    shared.add_argument("--home", type=Path, default=SHARED_SERVERS)
    shared.set_defaults(run=_servers)

    hold = commands.add_parser("hold", help="run one server in the foreground (used by the other commands)")
    hold.add_argument("kind", choices=tuple(servers.KINDS))
    hold.add_argument("home", type=Path)
    hold.add_argument("--owner", type=int, help="stop, and delete everything, when this process has gone")
    hold.set_defaults(run=_hold)
    return parser


def _servers(chosen: argparse.Namespace) -> int:
    home: Path = chosen.home.absolute()
    if chosen.action == "stop":
        servers.release_all(home)
    running = servers.ensure_all_held(home) if chosen.action == "start" else servers.all_held(home)
    print(json.dumps({servers.URL_KEYS[kind]: held.url for kind, held in running.items()}, indent=2))
    return 0


def _hold(chosen: argparse.Namespace) -> int:
    servers.hold(chosen.kind, chosen.home, owner=chosen.owner)
    return 0
