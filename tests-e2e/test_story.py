"""The story that `make demo` tells: every step asserts what the services answered and which events followed."""

import io
from typing import Any

from rich.console import Console

from babyowl_demo.__main__ import stage_of
from babyowl_demo.performance import play

STEPS = 65


async def test_one_class_from_sign_in_to_leaderboard_and_once_more(platform: dict[str, Any]) -> None:
    for _ in range(2):
        assert await play(stage_of(platform), Console(file=io.StringIO(), soft_wrap=True)) > STEPS
