"""The whole platform in the foreground: servers, database, migrations, services, gateway, mailbox."""

import importlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from babyowl_local import child
from babyowl_local.catalogue import CATALOGUE, Service
from babyowl_local.child import Program
from babyowl_local.environment import (
    LOGINS,
    Addresses,
    gateway_environment,
    kept_secrets,
    seed_environment,
    service_environment,
)
from babyowl_local.logs import Logs
from babyowl_local.paths import LocalPlatformError, free_port, is_free, private_dir
from babyowl_local.postgres import PostgresServer
from babyowl_local.private_server import PrivateServer
from babyowl_local.provision import provision
from babyowl_local.rabbitmq import RabbitServer
from babyowl_local.redis import RedisServer
from babyowl_local.report import checkout_lock, welcome
from babyowl_local.supervisor import StopAskedError, Supervisor


def _build_ahead(service: Any) -> None:
    from babyowl_chassis.service import build_ahead  # noqa: PLC0415  slow to import, and `make status` is quick

    build_ahead(service)


@dataclass(frozen=True)
class Parts:
    """What the platform is made of; tests make theirs of smaller things."""

    services: Sequence[Service] = CATALOGUE
    gateway: str = "gateway"
    mailbox: str = "babyowl_local.mailbox"
    build_ahead: Callable[[Any], None] = _build_ahead
    # What every service loads only when it runs; loaded before the forks, it is in memory once.
    shared: Sequence[str] = (
        "babyowl_chassis.cli",
        "h11",
        "httpcore",
        "certifi",
        "encodings.idna",
        "uvicorn.lifespan.on",
        "uvicorn.protocols.websockets.auto",
    )


class Platform:
    """One checkout's platform; everything it keeps is in `home` (the checkout's `.local`)."""

    def __init__(self, home: Path, gateway_port: int, parts: Parts | None = None) -> None:
        self._home = private_dir(home.absolute())
        self._parts = parts or Parts()
        self._gateway_port = gateway_port
        self._logs = Logs(private_dir(self._home / "log"))
        self._supervisor = Supervisor(self._logs.write, self._publish)
        self._state = "starting"
        self._addresses: Addresses | None = None

    def run(self) -> int:
        """Start all, keep it running until Ctrl-C or SIGTERM, stop all; returns the exit code."""
        with ExitStack() as stack:
            stack.enter_context(checkout_lock(self._home))
            if not is_free(self._gateway_port):
                raise LocalPlatformError(
                    f"port {self._gateway_port} is taken by another program; choose one for the gateway: "
                    "make run GATEWAY_PORT=8090"
                )
            stack.callback((self._home / "platform.json").unlink, missing_ok=True)
            stack.enter_context(self._logs)
            supervisor = stack.enter_context(self._supervisor)
            stack.callback(self._say_stopping)
            try:
                self._start(supervisor)
            except StopAskedError:
                return 130
            supervisor.run()
        say("Stopped.")
        return 0

    def _start(self, supervisor: Supervisor) -> None:
        began = time.monotonic()
        say(f"Baby Owl starts (its data and logs are in {self._home})")
        self._publish()

        admin_url, redis_url, amqp_url = self._start_servers(supervisor)
        step(began, f"{'  '.join(server.name for server in self._servers) or 'your own servers'}")

        databases = provision(admin_url)
        services = {service.name: f"http://127.0.0.1:{free_port()}" for service in self._parts.services}
        self._addresses = addresses = Addresses(
            gateway=f"http://127.0.0.1:{self._gateway_port}",
            mailbox=f"http://127.0.0.1:{free_port()}",
            smtp=f"smtp://127.0.0.1:{free_port()}",
            services=services,
            databases=databases,
            redis=redis_url,
            amqp=amqp_url,
        )
        known = kept_secrets(self._home / "secrets.json")
        preparing = [
            Program(f"{name} prepare", package, ("prepare",), service_environment(name, addresses, known))
            for name, package in ((service.name, service.package) for service in self._parts.services)
        ]
        self._keep(supervisor.finish(*preparing))
        step(began, "database migrated, queues declared")
        identity = self._parts.services[0]
        seeding = Program("identity seed", identity.package, ("seed",), seed_environment(addresses, known))
        self._keep(supervisor.finish(seeding))
        step(began, "demo logins ready")

        programs = self._programs(addresses, known)
        supervisor.start(*programs)
        for program in programs:
            supervisor.await_ready(program.name)
            step(began, program.name)
        self._state = "running"
        self._publish()
        say(welcome(self._report()))

    def _start_servers(self, supervisor: Supervisor) -> tuple[str, str, str]:
        """URLs from the environment win; the rest boots while this process imports the services."""
        given = {name: os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL", "AMQP_URL")}
        rabbit, postgres, redis = RabbitServer(self._home), PostgresServer(self._home), RedisServer(self._home)
        wanted = (("AMQP_URL", rabbit), ("DATABASE_URL", postgres), ("REDIS_URL", redis))
        self._servers: list[PrivateServer] = [server for name, server in wanted if not given[name]]
        for server in self._servers:
            supervisor.watch([server])
            server.launch()
        self._import_all()
        for server in self._servers:
            server.await_ready()
        return (
            given["DATABASE_URL"] or postgres.url,
            given["REDIS_URL"] or redis.url,
            given["AMQP_URL"] or rabbit.url,
        )

    def _import_all(self) -> None:
        """Once, here: the forks share the memory, and start in no time."""
        for service in self._parts.services:
            bootstrap = importlib.import_module(f"{service.package}.bootstrap")
            self._parts.build_ahead(bootstrap.service)
        for module in self._parts.shared:
            importlib.import_module(module)
        importlib.import_module(f"{self._parts.gateway}.main")
        importlib.import_module(f"{self._parts.mailbox}.main")
        child.freeze()

    def _programs(self, addresses: Addresses, known: dict[str, str]) -> list[Program]:
        mailbox_env = gateway_environment(addresses) | {
            "PORT": addresses.mailbox.rsplit(":", 1)[1],
            "SMTP_PORT": addresses.smtp.rsplit(":", 1)[1],
            "MAILBOX_DIR": str(self._home / "mailbox"),
        }
        services = [
            Program(
                service.name,
                service.package,
                ("all",),
                service_environment(service.name, addresses, known),
                f"{addresses.services[service.name]}/readyz",
            )
            for service in self._parts.services
        ]
        gateway = Program(
            "gateway",
            self._parts.gateway,
            (),
            gateway_environment(addresses),
            f"{addresses.gateway}/readyz",
        )
        mailbox = Program("mailbox", self._parts.mailbox, (), mailbox_env, f"{addresses.mailbox}/readyz")
        return [mailbox, *services, gateway]

    def _keep(self, printed: Mapping[str, list[str]]) -> None:
        for program, lines in printed.items():
            for line in lines:
                self._logs.keep(program.split()[0], line)

    def _publish(self) -> None:
        """Write the report for `make status`; replaced in one step, so that no reader sees half of it."""
        unfinished = self._home / "platform.json.unfinished"
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(self._report()))
        unfinished.rename(self._home / "platform.json")

    def _report(self) -> dict[str, Any]:
        report: dict[str, Any] = {"state": self._state, "pid": os.getpid(), "services": {}}
        addresses = self._addresses
        if addresses is None:
            return report
        children = {child.program.name: child for child in self._supervisor.children}
        for name, url in addresses.services.items():
            running = children.get(name)
            report["services"][name] = {
                "url": url,
                "database_url": addresses.databases[name],
                "pid": running.pid if running else None,
                "ready": bool(running and running.ready),
            }
        return report | {
            "servers": {server.name: server.process.pid for server in self._servers},
            "gateway": addresses.gateway,
            "docs": f"{addresses.gateway}/docs",
            "mailbox": addresses.mailbox,
            "smtp_url": addresses.smtp,
            "amqp_url": addresses.amqp,
            "redis_url": addresses.redis,
            "logins": [asdict(login) for login in LOGINS],
        }

    def _say_stopping(self) -> None:
        self._state = "stopping"
        self._publish()
        say("Stopping …")


def step(began: float, what: str) -> None:
    say(f"  {time.monotonic() - began:5.1f} s  {what}")


def say(text: str) -> None:
    print(text, flush=True)


def run_platform(home: Path) -> int:
    """`make run`, after everything is installed; the gateway's port comes from GATEWAY_PORT."""
    text = os.environ.get("GATEWAY_PORT", "8080")
    if not text.isdecimal() or not 0 < int(text) < 65_536:  # noqa: PLR2004 (the end of the port range)
        raise LocalPlatformError(f"GATEWAY_PORT must be a port number, not {text!r}")
    return Platform(home, int(text)).run()
