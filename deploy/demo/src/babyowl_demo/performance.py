"""The whole performance: the story of a class, the game behind it, and the rest of its term."""

from rich.console import Console

from babyowl_demo.game import Game
from babyowl_demo.story import Stage, beginning
from babyowl_demo.term import Term


async def play(stage: Stage, console: Console) -> int:
    """Play every act; the number of steps told. Raises StoryError where the academy departs from the story."""
    async with beginning(stage, console) as story:
        await story.the_office_opens()
        await story.people_arrive()
        await story.a_course_is_written()
        await story.a_class_fills()
        await story.the_first_meeting()
        await story.a_lesson_is_learnt()
        await story.a_correction()
        game = Game(story)
        await game.play()
        await Term(story).play()
        await game.a_league()
        return story.teller.steps
