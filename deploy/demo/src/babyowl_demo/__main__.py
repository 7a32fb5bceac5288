"""`make demo`: plays the story on the platform that runs, or on one that is started for it and stopped afterwards."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from rich.console import Console

from babyowl_demo.academy import Account, StoryError
from babyowl_demo.performance import play
from babyowl_demo.story import Stage


def main() -> int:
    """Play it; the exit code says whether everything happened as told."""
    console = Console(soft_wrap=True)
    began = time.monotonic()
    try:
        with _platform(console) as status:
            steps = asyncio.run(play(stage_of(status), console))
    except (StoryError, httpx.HTTPError) as failure:
        console.print(f"\n[red bold]The story went wrong:[/red bold] {failure}", highlight=False)
        return 1
    console.print(f"\n[green bold]{steps} steps, all as told, in {time.monotonic() - began:.1f} s.[/green bold]")
    return 0


def stage_of(status: dict[str, Any]) -> Stage:
    """The stage that `make status FORMAT=json` describes."""
    logins = {login["role"]: Account(login["email"], login["password"]) for login in status["logins"]}
    return Stage(status["gateway"], status["mailbox"], admin=logins["super_admin"], staff=logins["staff"])


@contextmanager
def _platform(console: Console) -> Iterator[dict[str, Any]]:
    """A platform elsewhere (GATEWAY_URL, MAILBOX_URL), the one that runs here, or one started for the story."""
    status = _local("status", "--format", "json")
    if "GATEWAY_URL" in os.environ:
        from babyowl_local.environment import LOGINS  # noqa: PLC0415  only then

        logins = [{"role": login.role, "email": login.email, "password": login.password} for login in LOGINS]
        yield {"gateway": os.environ["GATEWAY_URL"], "mailbox": os.environ["MAILBOX_URL"], "logins": logins}
    elif status["state"] == "running":
        yield status
    else:
        console.print("No platform runs here yet: starting one for the story.")
        subprocess.run([sys.executable, "-m", "babyowl_local", "start"], check=True)
        try:
            yield _local("status", "--format", "json")
        finally:
            subprocess.run([sys.executable, "-m", "babyowl_local", "stop"], check=True)


def _local(*arguments: str) -> Any:
    asked = subprocess.run([sys.executable, "-m", "babyowl_local", *arguments], check=True, stdout=subprocess.PIPE)
    return json.loads(asked.stdout)


if __name__ == "__main__":
    sys.exit(main())
