"""The command line of a service, on real servers."""

import asyncio
from collections.abc import Callable, Iterator

import asyncpg
import jars
import pytest
from typer.testing import CliRunner, Result

from babyowl_chassis import telemetry
from babyowl_chassis.cli import command_line
from babyowl_chassis.ids import new_id
from babyowl_chassis.messaging.topology import dead_letter_queue
from babyowl_contracts.learning import CourseCreated


@pytest.fixture
def run(
    postgres_admin_url: str,
    redis_url: str,
    fresh_vhost: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Result]]:
    """Run a command on an empty database and an empty broker."""
    name = f"test_cli_{new_id().hex}"
    asyncio.run(on(postgres_admin_url, f'CREATE DATABASE "{name}"'))
    monkeypatch.setattr(telemetry, "start_logging", lambda *_: None)
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("DATABASE_URL", f"{postgres_admin_url.rpartition('/')[0]}/{name}")
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("AMQP_URL", fresh_vhost())
    yield lambda *arguments: CliRunner().invoke(command_line(jars.service), list(arguments))
    asyncio.run(on(postgres_admin_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def on(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def test_a_new_place_is_prepared_and_preparing_it_again_does_no_harm(run: Callable[..., Result]) -> None:
    for _ in range(2):
        assert run("prepare").exit_code == 0
    redriven = run("redrive", jars.COUNTING)
    assert (redriven.exit_code, redriven.output) == (0, f"0 events put back into {jars.COUNTING}\n")
    replayed = run("replay", dead_letter_queue(jars.COUNTING), "--type", CourseCreated.type)
    assert (replayed.exit_code, replayed.output) == (0, f"0 events sent to {jars.COUNTING}.dlq\n")


def test_an_unknown_queue_is_an_error(run: Callable[..., Result]) -> None:
    assert run("redrive", "nobody.listens").exit_code != 0


def test_help_names_every_command(run: Callable[..., Result]) -> None:
    shown = run("--help").output
    for command in ("count", "all", "web", "worker", "migrate", "prepare", "revision", "redrive", "replay"):
        assert command in shown


def test_a_command_of_the_service_is_given_what_it_asks_for(run: Callable[..., Result]) -> None:
    assert run("migrate").exit_code == 0
    assert run("count").output == "0 marbles\n"
    assert run("count", "--loudly").output == "0 MARBLES\n"
    assert run("count", "--quietly").exit_code != 0
    assert "How they are said." in run("count", "--help").output
