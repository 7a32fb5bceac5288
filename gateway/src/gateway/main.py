"""From the environment to a running gateway, and back to nothing."""

import asyncio
import signal

import structlog
import uvloop

from babyowl_chassis import telemetry
from gateway.app import opened
from gateway.routes import RouteTable
from gateway.server import server
from gateway.settings import GatewaySettings

log = structlog.get_logger(__name__)


def run(table: RouteTable | None = None) -> None:
    """Run until SIGTERM or SIGINT; then take nothing new, and finish what is under way within the grace period."""
    settings = GatewaySettings()
    telemetry.start_logging("gateway", settings.log_level)
    endpoint = settings.otel_exporter_otlp_endpoint
    telemetry.start_tracing("gateway", endpoint=str(endpoint) if endpoint else None)
    try:
        uvloop.run(_run(settings, table))
    finally:
        telemetry.stop_tracing()


async def _run(settings: GatewaySettings, table: RouteTable | None) -> None:
    async with opened(settings, table) as gateway:
        front = server(gateway, settings)

        def stop() -> None:
            gateway.drain()
            front.should_exit = True

        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop)
        log.info("starting", port=settings.port)
        await front.serve()
        log.info("stopping")
