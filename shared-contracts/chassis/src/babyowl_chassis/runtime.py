"""From a service to a process: started, ready, and stopped without losing what is under way."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Literal, TypeAlias

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.types import ASGIApp

from babyowl_chassis import telemetry
from babyowl_chassis.health import Readiness
from babyowl_chassis.http.operations import probes
from babyowl_chassis.messaging.topology import declare_topology
from babyowl_chassis.migrations import migrate
from babyowl_chassis.service import Service, opened
from babyowl_chassis.settings import ServiceSettings, Settings
from babyowl_chassis.worker import working

log = structlog.get_logger(__name__)

Role: TypeAlias = Literal["all", "web", "worker"]

KEEP_ALIVE_SECONDS = 75
"""Longer than the gateway keeps an idle connection, so that the gateway is the one who closes."""


def run(service: Service, role: Role = "all") -> None:
    """Run until SIGTERM or SIGINT. Settings come from the environment; a wrong one raises ValidationError.

    `web` answers requests, `worker` relays and consumes events, `all` does both in one process.
    """
    settings = service.settings()
    telemetry.start_logging(service.name, settings.log_level)
    endpoint = settings.otel_exporter_otlp_endpoint
    telemetry.start_tracing(service.name, endpoint=str(endpoint) if endpoint else None)
    try:
        uvloop.run(_run(service, settings, role))
    finally:
        telemetry.stop_tracing()


def prepare(service: Service) -> None:
    """Bring the schema to the newest revision and declare what the service has in the broker."""
    settings = service.settings()
    telemetry.start_logging(service.name, settings.log_level)
    asyncio.run(_prepare(service, settings))


async def _prepare(service: Service, settings: ServiceSettings) -> None:
    await migrate(service, settings.database_url.get_secret_value())
    async with opened(service, settings) as running:
        amqp_url = settings.amqp_url.get_secret_value()
        await declare_topology(amqp_url, service.name, running.parts.subscriptions)


async def _run(service: Service, settings: ServiceSettings, role: Role) -> None:
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(opened(service, settings))
        if role != "web":
            await stack.enter_async_context(working(running))
        web = running.web if role != "worker" else _only_operations(running.readiness)
        log.info("starting", role=role, port=settings.port)
        await serve(web, settings, running.readiness)
        log.info("stopping")


def _only_operations(readiness: Readiness) -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.state.readiness = readiness
    app.include_router(probes)
    return app


class _Server(uvicorn.Server):
    """Leaves signals to `serve`: uvicorn's own handling raises them again before our resources are closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(app: ASGIApp, settings: Settings, readiness: Readiness) -> None:
    """Answer requests until SIGTERM or SIGINT; then none new, and those under way get the grace period."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="none",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
    )
    server = _Server(config)

    def stop() -> None:
        readiness.stopping = True
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop)
    await server.serve()
