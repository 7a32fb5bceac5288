"""The game is built again from what the other services have published, while an evening goes on."""

import asyncio
from collections.abc import Callable

from babyowl_demo.academy import expect
from babyowl_demo.story import MARKS, Story

SAME = "the serving game is what the logs say"


async def test_the_game_is_built_anew_while_it_goes_on(story: Story, command_platform: Callable[..., str]) -> None:
    await story.people_arrive()
    await story.a_course_is_written()
    await story.a_class_fills()
    rebuilding = asyncio.create_task(asyncio.to_thread(command_platform, "as", "gamification", "rebuild"))
    while not rebuilding.done():
        for name, status in MARKS.items():
            expect(await story.mark(name, status), 200)
    assert SAME in await rebuilding
    assert SAME in await asyncio.to_thread(command_platform, "as", "gamification", "rebuild", "--check")
