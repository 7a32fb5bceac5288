"""A fact and a draw at the same time: one comes first, and the other knows of it."""

from asyncio import Event as Signal
from asyncio import gather, wait_for
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import eventually
from gamification.infrastructure.curriculum import SqlCurriculum

from .game import NOON, Game, InMemory, InPostgres
from .school import School

pytestmark = pytest.mark.infra

LAST_WEEK = NOON - timedelta(days=7)
late_or_first = pytest.mark.parametrize(
    "unlocked_at", [LAST_WEEK, NOON], ids=["late", "the first there is to do today"]
)


@dataclass
class Pause:
    """Stops whoever comes by first, until told to go on."""

    reached: Signal
    go_on: Signal
    used: bool = False

    async def here(self) -> None:
        if not self.used:
            self.used = True
            self.reached.set()
            await wait_for(self.go_on.wait(), 10)


@pytest.fixture
def pause() -> Pause:
    return Pause(Signal(), Signal())


def pausing_after(method: Callable[..., Awaitable[Any]], pause: Pause) -> Callable[..., Awaitable[Any]]:
    async def paused(*given: Any, **named: Any) -> Any:
        answer = await method(*given, **named)
        await pause.here()
        return answer

    return paused


def pausing_before(method: Callable[..., Awaitable[Any]], pause: Pause) -> Callable[..., Awaitable[Any]]:
    async def paused(*given: Any, **named: Any) -> Any:
        await pause.here()
        return await method(*given, **named)

    return paused


@late_or_first
async def test_an_unlocking_that_is_noted_while_quests_are_drawn_without_it_has_them_drawn_again(
    pool: Pool, pause: Pause, monkeypatch: pytest.MonkeyPatch, unlocked_at: datetime
) -> None:
    """The draw has read its facts and is not committed yet: it is not to be seen by whoever notes the next one."""
    game, school, ada = Game(InPostgres(pool)), School(), new_id()
    lesson = school.lesson("reading", "reading")
    await game.receive(school.published(LAST_WEEK), school.enrolled(ada, LAST_WEEK))
    monkeypatch.setattr(SqlCurriculum, "opportunities", pausing_after(SqlCurriculum.opportunities, pause))

    async def unlock() -> None:
        await wait_for(pause.reached.wait(), 10)
        await gather(game.receive(school.unlocked(unlocked_at, lesson)), release())

    async def release() -> None:
        waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"

        async def somebody_waits() -> bool:
            return bool(await pool.fetchval(waiting))

        await eventually(somebody_waits)
        pause.go_on.set()

    await gather(game.receive(school.done(ada, school.exercises(lesson)[0], NOON)), unlock())
    await game.settle()
    assert await drawn(game, ada) == await drawn_straight(school, ada, lesson, unlocked_at)


@late_or_first
async def test_quests_that_are_drawn_while_an_unlocking_is_noted_are_drawn_with_it(
    pool: Pool, pause: Pause, monkeypatch: pytest.MonkeyPatch, unlocked_at: datetime
) -> None:
    """The deed began to be counted before the unlocking was committed, and would not see it by itself."""
    game, school, ada = Game(InPostgres(pool)), School(), new_id()
    lesson = school.lesson("reading", "reading")
    await game.receive(school.published(LAST_WEEK), school.enrolled(ada, LAST_WEEK))
    monkeypatch.setattr(SqlCurriculum, "opportunities", pausing_before(SqlCurriculum.opportunities, pause))

    async def unlock() -> None:
        await wait_for(pause.reached.wait(), 10)
        await game.receive(school.unlocked(unlocked_at, lesson))
        pause.go_on.set()

    await gather(game.receive(school.done(ada, school.exercises(lesson)[0], NOON)), unlock())
    await game.settle()
    assert await drawn(game, ada) == await drawn_straight(school, ada, lesson, unlocked_at)


async def test_facts_and_deeds_of_many_at_once_end_as_one_after_the_other(pool: Pool) -> None:
    game, straight, school = Game(InPostgres(pool)), Game(InMemory()), School()
    lessons = [school.lesson("reading", "quiz", "coding") for _ in range(4)]
    learners = [new_id() for _ in range(8)]
    facts = [
        school.published(LAST_WEEK),
        *(school.enrolled(learner, LAST_WEEK) for learner in learners),
        *(school.unlocked(LAST_WEEK + timedelta(days=day), lesson) for day, lesson in enumerate(lessons)),
    ]
    deeds = [
        school.done(learner, exercise, NOON - timedelta(days=day, minutes=number))
        for number, learner in enumerate(learners)
        for day, lesson in enumerate(lessons)
        for exercise in school.exercises(lesson)
    ]
    await gather(*(game.receive(envelope) for pair in zip(deeds, facts * 8, strict=False) for envelope in pair))
    await game.settle()
    await straight.receive(*facts, *reversed(deeds))
    await straight.settle()
    for learner in learners:
        assert await game.standing(learner) == await straight.standing(learner)
        assert (await game.standing(learner)).quests


async def drawn(game: Game, learner_id: Any) -> set[str]:
    return {quest.quest for quest in (await game.player(learner_id)).quests.values()}


async def drawn_straight(school: School, learner_id: Any, lesson: Any, unlocked_at: datetime) -> set[str]:
    """What is drawn if nothing happens at the same time."""
    game = Game(InMemory())
    await game.receive(
        school.published(LAST_WEEK), school.enrolled(learner_id, LAST_WEEK), school.unlocked(unlocked_at, lesson)
    )
    await game.receive(school.done(learner_id, school.exercises(lesson)[0], NOON))
    found = await drawn(game, learner_id)
    assert found
    return found
