"""One platform for all journeys of a worker: the real thing, started as a user would start it, on ports of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babyowl_local.paths import free_port


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What `make status FORMAT=json` prints of it. It is stopped at the end, whatever happened."""
    home = tmp_path_factory.mktemp("platform")
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "AMQP_URL")
    } | {"GATEWAY_PORT": str(free_port()), "RATE_LIMIT_PER_MINUTE": "100000", "RATE_LIMIT_LOGIN_PER_MINUTE": "100000"}
    try:
        local(home, "start", env=environment)
        yield json.loads(local(home, "status", "--format", "json", env=environment))
    finally:
        local(home, "stop", env=environment)


def local(home: Path, *arguments: str, env: dict[str, str]) -> str:
    """Run a command of the local platform; its standard output."""
    command = [sys.executable, "-m", "babyowl_local", "--home", str(home), *arguments]
    return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True, timeout=600).stdout
