"""One platform for all journeys of a worker: the real thing, started as a user starts it, on ports of its own."""

import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from babyowl_demo.__main__ import stage_of
from babyowl_demo.story import Story, beginning
from babyowl_local.paths import free_port

Status = dict[str, Any]

SERVERS = ("DATABASE_URL", "REDIS_URL", "AMQP_URL")
UNLIMITED = {"RATE_LIMIT_PER_MINUTE": "100000", "RATE_LIMIT_LOGIN_PER_MINUTE": "100000"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.infra)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def command_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Runs a command of a running platform, as its owner does, and gives what it prints. It is gone at the end."""
    home = tmp_path_factory.mktemp("platform")
    ours = {name: value for name, value in os.environ.items() if name not in SERVERS}
    environment = ours | UNLIMITED | {"GATEWAY_PORT": str(free_port())}

    def local(*arguments: str) -> str:
        command = [sys.executable, "-m", "babyowl_local", "--home", str(home), *arguments]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=250)
        return done.stdout

    try:
        local("start")
        yield local
    finally:
        local("reset")


@pytest.fixture(scope="session")
def ask_platform(command_platform: Callable[..., str]) -> Callable[[], Status]:
    """Asks the running platform for its status, as `make status FORMAT=json` does."""

    def status() -> Status:
        found: Status = json.loads(command_platform("status", "--format", "json"))
        return found

    return status


@pytest.fixture(scope="session")
def platform(ask_platform: Callable[[], Status]) -> Status:
    """The platform's status after its start."""
    return ask_platform()


@pytest.fixture
async def story(platform: Status) -> AsyncIterator[Story]:
    """A story of its own, with the office open."""
    async with beginning(stage_of(platform), Console(file=io.StringIO(), soft_wrap=True)) as begun:
        await begun.the_office_opens()
        yield begun
