"""Many deliveries at once, on real Postgres."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.bus import SqlTransactions
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_contracts import Event
from babyowl_contracts.class_ import AttendanceStatus
from babyowl_contracts.gamification import BadgeUnlocked, LevelUp, XpEarned
from gamification.infrastructure.rules import read_rules
from gamification.infrastructure.unit_of_work import GamificationUnitOfWork

from .game import NOON, RULES_ALONE, Game, InMemory, InPostgres
from .reports import attendance, exercise

pytestmark = pytest.mark.infra


@pytest.fixture
def game(pool: Pool) -> Game:
    return Game(InPostgres(pool), catalogue=RULES_ALONE)


async def race(game: Game, *events: Event, event_id: UUID | None = None) -> None:
    """Let events arrive at once, each at a replica of its own: within one, those of a learner wait in their lane."""
    replicas = [Game(game.store, catalogue=game.catalogue) for _ in events]
    await asyncio.gather(
        *(replica.hear(event, event_id=event_id) for replica, event in zip(replicas, events, strict=True))
    )


async def test_the_same_event_delivered_five_times_at_once_counts_once(game: Game) -> None:
    ada, event_id = new_id(), new_id()
    event = exercise(ada, NOON)
    await race(game, *[event] * 5, event_id=event_id)
    assert (await game.player(ada)).total_xp == 20
    assert len(await game.heard_of(ada, XpEarned)) == 1


async def test_the_same_deed_told_by_five_events_at_once_counts_once(game: Game) -> None:
    ada, exercise_id = new_id(), new_id()
    await race(game, *(exercise(ada, NOON, exercise_id) for _ in range(5)))
    assert (await game.player(ada)).total_xp == 20


async def test_twenty_deeds_of_a_new_learner_at_once_all_count(game: Game) -> None:
    ada = new_id()
    deeds = [exercise(ada, NOON + timedelta(minutes=minute)) for minute in range(20)]
    await race(game, *deeds)
    player = await game.player(ada)
    assert player.total_xp == 400
    assert (await game.standing(ada)).reached_at == deeds[-1].completed_at
    assert [event.total_xp for event in await game.heard_of(ada, XpEarned)] == list(range(20, 401, 20))
    assert [event.level for event in await game.heard_of(ada, LevelUp)] == [2, 3]


async def test_revisions_that_race_end_with_the_greatest(game: Game) -> None:
    ada, meeting, straight = new_id(), new_id(), Game(InMemory(), catalogue=RULES_ALONE)
    course_id = new_id()
    marks: list[AttendanceStatus] = ["present", "absent", "late", "excused", "present", "late"]
    revisions = [
        attendance(ada, NOON, status, meeting_id=meeting, course_id=course_id, revision=number)
        for number, status in enumerate(marks, start=1)
    ]
    await race(game, *revisions)
    await straight.hear(revisions[-1])
    assert await game.standing(ada) == await straight.standing(ada)


async def test_deeds_that_race_for_what_is_left_of_a_cap_get_no_more_than_that(pool: Pool) -> None:
    """However they arrive, those that happened first have the points."""
    words = {"title": "Done", "text": "You have done it."}
    rule = {**words, "name": "done", "kind": "exercise", "outcomes": ["completed"], "xp": 20, "daily_cap": 50}
    rulebook = read_rules({"rules": [rule]})
    game = Game(InPostgres(pool), catalogue=replace(RULES_ALONE, rulebook=rulebook))
    ada = new_id()
    deeds = [exercise(ada, NOON + timedelta(minutes=minute)) for minute in range(6)]
    await race(game, *reversed(deeds))
    player = await game.player(ada)
    assert player.total_xp == 50
    granted = {deed.happened_at: deed.xp for deed in player.deeds.values()}
    assert [granted[deed.completed_at] for deed in deeds] == [20, 20, 10, 0, 0, 0]


async def test_a_badge_that_several_deeds_earn_at_once_is_given_and_rewarded_once(pool: Pool) -> None:
    game, ada = Game(InPostgres(pool)), new_id()
    await race(game, *(exercise(ada, NOON + timedelta(minutes=minute)) for minute in range(10)))
    unlocked = Counter(event.badge for event in await game.heard_of(ada, BadgeUnlocked))
    assert unlocked["first_exercise"] == unlocked["exercises_10"] == 1
    assert set(unlocked) == set((await game.player(ada)).badges)
    rewarded = Counter(event.rule for event in await game.heard_of(ada, XpEarned) if event.rule.startswith("badge_"))
    assert set(rewarded.values()) == {1}


class Interrupted:
    """A connection on which, right after players are first read, something else happens."""

    def __init__(self, connection: Any, interruption: Callable[[], Awaitable[None]]) -> None:
        self._connection = connection
        self._interruption: Callable[[], Awaitable[None]] | None = interruption

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetchrow(self, query: str, *args: Any) -> Any:
        row = await self._connection.fetchrow(query, *args)
        if "players" in query and self._interruption is not None:
            interruption, self._interruption = self._interruption, None
            await interruption()
        return row


async def test_a_deed_is_not_counted_on_a_player_read_half_before_and_half_after_another(pool: Pool) -> None:
    """Once, the root was read before a deed was counted and the ledger after: taking it back fell below zero."""
    ada, meeting, game = new_id(), new_id(), Game(InPostgres(pool), catalogue=RULES_ALONE)
    await game.hear(attendance(ada, NOON, "absent", meeting_id=new_id()))
    interruptions = iter([lambda: game.hear(attendance(ada, NOON, "present", meeting_id=meeting))])

    def interrupted(connection: Any, *, locking: bool) -> GamificationUnitOfWork:
        happens_now = next(interruptions, None)
        return GamificationUnitOfWork(
            Interrupted(connection, happens_now) if happens_now else connection, locking=locking
        )

    store = InPostgres(pool)
    store.transactions = SqlTransactions(pool, interrupted)
    await Game(store, catalogue=RULES_ALONE).hear(attendance(ada, NOON, "absent", meeting_id=meeting, revision=2))
    assert (await game.standing(ada)).total_xp == 0
    assert [event.amount for event in await game.heard_of(ada, XpEarned)] == [30, -30]
