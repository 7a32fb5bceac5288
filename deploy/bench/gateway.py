"""What a request costs in the gateway, beside nginx and beside the same service called directly.

CPU time of the process in question, user and system, divided by the requests it answered: that number holds also
where the machine is shared. 32 connections, a 921-byte JSON answer, every request with an access token that is
verified (from the cache, as usual), looked up in the deny-list and charged to its person.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import gateway_load
import gateway_nginx
import psutil

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import tokens
from babyowl_local.paths import free_port
from babyowl_local.processes import spawn, stop
from babyowl_local.redis import RedisServer

HERE = Path(__file__).parent
CONNECTIONS = 32
PATH = "/api/v1/courses/0192d3a4-0000-7000-8000-000000000000"
NGINX = "nginx (one worker)"


@dataclass(frozen=True)
class Target:
    """A server to be measured; its children count with it."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """CPU time used so far."""
        parent = psutil.Process(self.process.pid)
        times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
        return sum(time.user + time.system for time in times)


@dataclass(frozen=True)
class Measured:
    """One round against one target."""

    microseconds: float
    load: gateway_load.Load


@contextmanager
def running(command: list[str], home: Path, name: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    process = spawn(command, log=home / f"{name}.log", cwd=home, env=os.environ | env)
    try:
        yield process
    finally:
        stop(process, signal.SIGTERM, within=20)


def targets(stack: ExitStack, home: Path) -> list[Target]:
    """Everything that is measured, started and ready."""
    redis = RedisServer(home / "redis", durable=False)
    redis.launch()
    stack.callback(redis.stop)
    redis.await_ready()
    service_port = free_port()
    command = [sys.executable, "-c", "import gateway_service; gateway_service.main()", str(service_port)]
    service = stack.enter_context(
        running(command, home, "service", JWKS=json.dumps(tokens.jwks()), PYTHONPATH=str(HERE))
    )
    found = [Target("the service itself, directly", service_port, service)]
    if (binary := gateway_nginx.find(home)) is not None:
        port = free_port()
        command = gateway_nginx.command(binary, home, port=port, service_port=service_port)
        found.append(Target(NGINX, port, stack.enter_context(running(command, home, "nginx"))))
    told = {
        "ENVIRONMENT": "test",
        "REDIS_URL": redis.url,
        "RATE_LIMIT_PER_MINUTE": "1000000",
        **{f"{name}_URL": f"http://127.0.0.1:{service_port}" for name in ("IDENTITY", "LEARNING", "CLASS")},
    }
    for name, log in (("gateway", "true"), ("gateway, without its access log", "false")):
        port = free_port()
        env = told | {"PORT": str(port), "ACCESS_LOG": log}
        gateway = running([sys.executable, "-m", "gateway"], home, f"gateway-{log}", **env)
        found.append(Target(name, port, stack.enter_context(gateway)))
    return found


async def measure(target: Target, seconds: float, request: bytes) -> Measured:
    before = target.cpu_seconds()
    load = await gateway_load.in_another_process(target.port, CONNECTIONS, seconds, request)
    return Measured((target.cpu_seconds() - before) / load.answers * 1_000_000, load)


async def main(seconds: float, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        measured = targets(stack, Path(folder))
        token = tokens.access_token(new_id(), "student")
        request = (
            f"GET {PATH} HTTP/1.1\r\nHost: babyowl\r\nAccept: */*\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()
        for target in measured:
            await gateway_load.await_answer(target.port, request)
            await measure(target, 1.0, request)
        # In turns, so that a busy neighbour troubles all alike.
        results: dict[str, list[Measured]] = {target.name: [] for target in measured}
        for _ in range(rounds):
            for target in measured:
                results[target.name].append(await measure(target, seconds, request))
    report(results)


def report(results: dict[str, list[Measured]]) -> None:
    """A small table; medians of the rounds."""
    costs = {name: statistics.median(one.microseconds for one in all_) for name, all_ in results.items()}
    if NGINX not in results:
        print("nginx: not available (neither installed nor to be fetched with apt-get)")
    print(f"{'CPU per request':34} {'µs':>7} {'÷ nginx':>8} {'requests/s':>11} {'median':>9} {'p99':>9}")
    for name, all_ in results.items():
        ratio = f"{costs[name] / costs[NGINX]:.1f}" if NGINX in costs else "-"
        loads = [one.load for one in all_]
        print(
            f"{name:34} {costs[name]:7.0f} {ratio:>8}"
            f" {statistics.median(load.per_second for load in loads):11.0f}"
            f" {statistics.median(load.median_ms for load in loads):6.1f} ms"
            f" {statistics.median(load.p99_ms for load in loads):6.1f} ms"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long a round takes for each")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, in turn")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.seconds, chosen.rounds))
