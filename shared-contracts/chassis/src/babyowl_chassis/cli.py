"""The command line of a service: `python -m class_management all`."""

import asyncio
import inspect
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from babyowl_chassis import runtime
from babyowl_chassis.messaging.broker import link
from babyowl_chassis.messaging.operations import redrive as redrive_queue
from babyowl_chassis.messaging.operations import replay as replay_log
from babyowl_chassis.migrations import migrate as migrate_schema
from babyowl_chassis.migrations import write_revision
from babyowl_chassis.service import Service, ServiceCommand, opened


def main(service: Service) -> None:
    """Run the service's command line."""
    command_line(service)()


def command_line(service: Service) -> typer.Typer:
    """All commands of a service; its settings come from the environment."""
    cli = typer.Typer(help=f"Baby Owl · {service.title}", no_args_is_help=True, add_completion=False)

    def url() -> str:
        return service.settings().database_url.get_secret_value()

    @cli.command("all")
    def all_() -> None:
        """Answer requests and handle events, in one process."""
        runtime.run(service, "all")

    @cli.command()
    def web() -> None:
        """Only answer requests."""
        runtime.run(service, "web")

    @cli.command()
    def worker() -> None:
        """Only handle events."""
        runtime.run(service, "worker")

    @cli.command()
    def migrate() -> None:
        """Bring the schema to the newest revision."""
        asyncio.run(migrate_schema(service, url()))

    @cli.command()
    def prepare() -> None:
        """Migrate, and declare exchange and queues: before the first of all services starts."""
        runtime.prepare(service)

    @cli.command()
    def revision(message: Annotated[str, typer.Option("-m", help="What changes.")]) -> None:
        """Write a migration with what the tables declare and the database lacks."""
        asyncio.run(write_revision(service, url(), message))

    @cli.command()
    def redrive(queue: str, at_most: Annotated[int | None, typer.Option(help="Stop after so many.")] = None) -> None:
        """Put dead-lettered events of a queue back to work."""

        async def work() -> int:
            async with link(service.settings().amqp_url.get_secret_value(), name="redrive") as channel:
                return await redrive_queue(channel, queue, at_most=at_most)

        typer.echo(f"{asyncio.run(work())} events put back into {queue}")

    @cli.command()
    def replay(
        queue: str,
        event_type: Annotated[list[str], typer.Option("--type", help="A type that the queue's owner listens to.")],
        since: Annotated[datetime, typer.Option(help="UTC.")] = datetime(2000, 1, 1),  # noqa: DTZ001
    ) -> None:
        """Send events of these types from the event log to one queue, with the same ids."""

        async def work() -> int:
            settings = service.settings()
            async with (
                opened(service, settings) as running,
                link(settings.amqp_url.get_secret_value(), name="replay") as channel,
            ):
                start = since.replace(tzinfo=UTC)
                return await replay_log(running.resources.database, channel, queue, since=start, types=event_type)

        typer.echo(f"{asyncio.run(work())} events sent to {queue}")

    for name, command in service.commands.items():
        _add(cli, service, name, command)
    return cli


def _add(cli: typer.Typer, service: Service, name: str, command: ServiceCommand) -> None:
    async def work(**options: Any) -> None:
        async with opened(service, service.settings()) as running:
            await command(running.resources, running.parts, **options)

    def run(**options: Any) -> None:
        asyncio.run(work(**options))

    # What a command asks for beyond resources and parts is given on the command line.
    signature = inspect.signature(command, eval_str=True)
    options = list(signature.parameters.values())[2:]
    run.__signature__ = signature.replace(parameters=options)  # type: ignore[attr-defined]
    run.__annotations__ = {option.name: option.annotation for option in options}
    cli.command(name, help=command.__doc__)(run)
