"""Many deliveries at once, on real Postgres."""

import asyncio
from datetime import timedelta

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_contracts.class_ import AttendanceStatus
from babyowl_contracts.gamification import LevelUp, XpEarned

from .games import NOON, Game, InMemory, InPostgres
from .reports import attendance, exercise

pytestmark = pytest.mark.infra


@pytest.fixture
def game(pool: Pool) -> Game:
    return Game(InPostgres(pool))


async def test_the_same_event_delivered_five_times_at_once_counts_once(game: Game) -> None:
    ada, event_id = new_id(), new_id()
    event = exercise(ada, NOON)
    await asyncio.gather(*(game.hear(event, event_id=event_id) for _ in range(5)))
    assert (await game.player(ada)).total_xp == 20
    assert len(await game.heard_of(ada, XpEarned)) == 1


async def test_the_same_deed_told_by_five_events_at_once_counts_once(game: Game) -> None:
    ada, exercise_id = new_id(), new_id()
    await asyncio.gather(*(game.hear(exercise(ada, NOON, exercise_id)) for _ in range(5)))
    assert (await game.player(ada)).total_xp == 20


async def test_twenty_deeds_of_a_new_learner_at_once_all_count(game: Game) -> None:
    ada = new_id()
    deeds = [exercise(ada, NOON + timedelta(minutes=minute)) for minute in range(20)]
    await asyncio.gather(*(game.hear(deed) for deed in deeds))
    player = await game.player(ada)
    assert player.total_xp == 400
    assert player.reached_at == deeds[-1].completed_at
    assert [event.total_xp for event in await game.heard_of(ada, XpEarned)] == list(range(20, 401, 20))
    assert [event.level for event in await game.heard_of(ada, LevelUp)] == [2, 3]


async def test_revisions_that_race_end_with_the_greatest(game: Game) -> None:
    ada, meeting, straight = new_id(), new_id(), Game(InMemory())
    marks: list[AttendanceStatus] = ["present", "absent", "late", "excused", "present", "late"]
    revisions = [
        attendance(ada, NOON, status, meeting_id=meeting, revision=number)
        for number, status in enumerate(marks, start=1)
    ]
    await asyncio.gather(*(game.hear(revision) for revision in revisions))
    await straight.hear(revisions[-1])
    assert await game.standing(ada) == await straight.standing(ada)
