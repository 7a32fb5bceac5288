import asyncio

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.testing import granted
from learning.application.commands.edit_lessons import RewriteLesson
from learning.infrastructure.housekeeping import forget_unused_texts

from .school import InPostgres, School, lesson

pytestmark = pytest.mark.infra

AGE = "UPDATE texts SET kept_at = kept_at - interval '25 hours'"
BODIES = "SELECT array_agg(body ORDER BY body) FROM texts"


@pytest.fixture
def school(pool: Pool) -> School:
    return School(InPostgres(pool))


async def test_texts_that_nobody_refers_to_are_forgotten_after_a_day(school: School, pool: Pool) -> None:
    course = await school.course((1,))
    for words in ("second", "third"):
        granted(await school.execute(RewriteLesson(school.editor, course.lessons[0].id, lesson(text=words))))
    assert await forget_unused_texts(pool) == 0
    await pool.execute(AGE)
    assert await forget_unused_texts(pool) == 1
    # The first is published, the third is the draft's.
    assert await pool.fetchval(BODIES) == ["Read.", "Text of 1.1", "third"]


async def test_a_text_that_is_written_again_while_it_is_swept_is_there_afterwards(school: School, pool: Pool) -> None:
    course = await school.course((1,), publish=False)
    rewrite = [RewriteLesson(school.editor, course.lessons[0].id, lesson(text=words)) for words in ("old", "new")]
    for command in rewrite:
        granted(await school.execute(command))
    for _ in range(20):
        await pool.execute(AGE)
        outcome, _ = await asyncio.gather(school.execute(rewrite[0]), forget_unused_texts(pool))
        text = granted(outcome).part.text
        assert await school.store.text(course.id, text.digest) == "old"
        granted(await school.execute(rewrite[1]))
