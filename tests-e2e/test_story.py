"""The story that `make demo` tells, told to a test: every step asserts what the services answered and what followed."""

import io
from typing import Any

import pytest
from babyowl_demo.__main__ import stage_of
from babyowl_demo.story import play
from rich.console import Console

pytestmark = [pytest.mark.infra, pytest.mark.timeout(300)]


async def test_one_class_from_sign_in_to_leaderboard(platform: dict[str, Any]) -> None:
    told = Console(file=io.StringIO(), soft_wrap=True)
    steps = await play(stage_of(platform), told)
    assert steps > 40


async def test_the_story_can_be_played_again_on_the_same_platform(platform: dict[str, Any]) -> None:
    told = Console(file=io.StringIO(), soft_wrap=True)
    assert await play(stage_of(platform), told) > 40
