"""Each learner's day begins at their own midnight, once, however many look after it."""

from asyncio import gather
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_contracts.gamification import StreakUpdated
from gamification.application.commands.roll_over import RollOver
from gamification.domain.calendar import day_of
from gamification.domain.player import PLAYS_STILL
from gamification.domain.quests import Cadence
from gamification.infrastructure.midnights import Midnights

from .game import NOON, Game, InPostgres
from .reports import exercise
from .school import School
from .test_late_facts import declared

MIDNIGHT = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture
def ada() -> UUID:
    return new_id()


async def pass_midnight(game: Game, learner_id: UUID) -> bool:
    """What the job does for a learner whose day is due."""
    due_at = (await game.player(learner_id)).rolls_over_at
    return due_at is not None and due_at <= game.now and await begin_day(game, learner_id, due_at)


async def begin_day(game: Game, learner_id: UUID, due_at: datetime) -> bool:
    return (await game.bus.execute(RollOver(learner_id, due_at))).value


async def drawn_for(game: Game, learner_id: UUID, cadence: Cadence) -> set[date]:
    return {quest.starts_on for quest in (await game.player(learner_id)).quests.values() if quest.cadence is cadence}


async def last_told(game: Game, learner_id: UUID) -> StreakUpdated:
    told: StreakUpdated = (await game.heard_of(learner_id, StreakUpdated))[-1]
    return told


async def test_a_new_day_has_quests_of_its_own_and_those_nobody_tried_are_let_go(game: Game, ada: UUID) -> None:
    school = School()
    exercises = school.exercises(school.lesson("reading", "quiz", times=15))
    await game.receive(school.published(NOON - timedelta(days=9), is_open=True), school.done(ada, exercises[0], NOON))
    assert (await game.player(ada)).rolls_over_at == MIDNIGHT
    for day in range(1, 6):
        game.now = MIDNIGHT + timedelta(days=day - 1, seconds=2)
        assert await pass_midnight(game, ada)
        assert await drawn_for(game, ada, Cadence.DAILY) == {date(2026, 3, 4), date(2026, 3, 4) + timedelta(days=day)}
    assert await drawn_for(game, ada, Cadence.WEEKLY) == {date(2026, 3, 2), date(2026, 3, 9)}


async def test_a_day_does_not_begin_before_its_midnight_nor_twice(game: Game, ada: UUID) -> None:
    await game.hear(exercise(ada, NOON))
    game.now = MIDNIGHT - timedelta(microseconds=1)
    assert not await begin_day(game, ada, MIDNIGHT)
    game.now = MIDNIGHT
    version = (await game.player(ada)).version
    assert await begin_day(game, ada, MIDNIGHT)
    assert not await begin_day(game, ada, MIDNIGHT)
    player = await game.player(ada)
    assert (player.version, player.rolls_over_at) == (version + 1, MIDNIGHT + timedelta(days=1))


async def test_at_midnight_a_missed_day_ends_the_streak_or_spends_a_freeze(game: Game, ada: UUID) -> None:
    await game.hear(*(exercise(ada, NOON - timedelta(days=days)) for days in range(6, -1, -1)))
    assert ((await last_told(game, ada)).current_days, (await last_told(game, ada)).freezes) == (7, 1)
    told = []
    for day in range(4):
        game.now = MIDNIGHT + timedelta(days=day)
        assert await pass_midnight(game, ada)
        told.append(((await last_told(game, ada)).current_days, (await last_told(game, ada)).freezes))
    assert told == [(7, 1), (7, 0), (0, 0), (0, 0)]


async def test_a_deed_right_after_midnight_does_not_swallow_the_new_day(game: Game, ada: UUID) -> None:
    school = School()
    exercises = school.exercises(school.lesson("quiz", times=9))
    await game.receive(school.published(NOON - timedelta(days=9), is_open=True), school.done(ada, exercises[0], NOON))
    game.now = MIDNIGHT + timedelta(seconds=1)
    # It was done yesterday, and is heard of today.
    await game.receive(school.done(ada, exercises[1], MIDNIGHT - timedelta(seconds=1)))
    assert await drawn_for(game, ada, Cadence.DAILY) == {date(2026, 3, 4)}
    assert await pass_midnight(game, ada)
    assert await drawn_for(game, ada, Cadence.DAILY) == {date(2026, 3, 4), date(2026, 3, 5)}


async def test_nobody_waits_for_the_midnights_of_who_plays_no_more(game: Game, ada: UUID) -> None:
    await game.hear(exercise(ada, NOON))
    nights = 0
    while await game.player(ada) and (await game.player(ada)).rolls_over_at is not None:
        game.now += timedelta(days=1)
        nights += await pass_midnight(game, ada)
    assert nights == PLAYS_STILL.days + 1
    await game.hear(exercise(ada, game.now))
    assert (await game.player(ada)).rolls_over_at == MIDNIGHT + PLAYS_STILL + timedelta(days=1)


async def test_the_end_of_a_run_that_a_long_holiday_held_is_told(game: Game, ada: UUID) -> None:
    """Runs of days end sooner than those of weeks: both are waited for."""
    first = NOON.date() + timedelta(days=1)
    await game.hear(declared(first, first + PLAYS_STILL + timedelta(days=15)))
    await game.hear(exercise(ada, NOON))
    told = []
    while (await game.player(ada)).rolls_over_at is not None:
        game.now += timedelta(days=1)
        await pass_midnight(game, ada)
        streak = await last_told(game, ada)
        told.append((streak.current_days, streak.current_weeks))
    held = PLAYS_STILL.days + 16
    assert told[: held + 1] == [(1, 1)] * (held + 1)
    assert told[-1] == (0, 0)
    assert (0, 1) in told


async def test_after_days_without_a_worker_the_day_that_it_is_begins(game: Game, ada: UUID) -> None:
    await game.hear(exercise(ada, NOON))
    game.now = MIDNIGHT + timedelta(days=4, hours=5)
    assert await pass_midnight(game, ada)
    assert (await game.player(ada)).rolls_over_at == MIDNIGHT + timedelta(days=5)


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", "2026-03-28T12:00"),
        ("Europe/Berlin", "2026-10-24T12:00"),
        ("America/Los_Angeles", "2026-03-07T12:00"),
        ("Africa/Cairo", "2026-04-22T12:00"),
        ("Africa/Cairo", "2026-10-28T12:00"),
        ("America/Havana", "2026-10-31T12:00"),
        ("Australia/Lord_Howe", "2026-04-03T12:00"),
        ("Asia/Jakarta", "2026-03-28T12:00"),
        ("Pacific/Apia", "2011-12-28T12:00"),
    ],
    ids=[
        "a day of 23 hours",
        "a day of 25 hours",
        "where the day begins eight hours later",
        "a midnight that is skipped",
        "an hour before midnight comes twice",
        "a midnight that comes twice",
        "half an hour of summer time",
        "no summer time",
        "a date that is skipped",
    ],
)
async def test_every_date_of_the_learners_own_begins_once(game: Game, zone: str, first: str) -> None:
    ada, here = new_id(), ZoneInfo(zone)
    start = datetime.fromisoformat(first).replace(tzinfo=UTC)
    await game.live_in(ada, zone)
    game.now = start
    await game.hear(exercise(ada, start))
    begun, dates = [], [day_of(start, here)]
    while game.now < start + timedelta(days=4):
        game.now += timedelta(minutes=30)
        dates.append(day_of(game.now, here))
        if await pass_midnight(game, ada):
            begun.append(dates[-1])
            # Nobody has to wait longer than until the next look at the clock.
            assert dates[-2] < dates[-1]
    assert begun == sorted(set(dates))[1:]


async def test_who_flies_to_another_zone_has_the_midnights_of_where_they_are(game: Game, ada: UUID) -> None:
    await game.hear(exercise(ada, NOON))
    await game.live_in(ada, "Asia/Jakarta", since=NOON + timedelta(hours=1))
    game.now = NOON + timedelta(hours=2)
    await game.hear(exercise(ada, game.now))
    assert (await game.player(ada)).rolls_over_at == datetime(2026, 3, 4, 17, tzinfo=UTC)
    await game.live_in(ada, "America/Los_Angeles", since=NOON + timedelta(hours=6))
    game.now = datetime(2026, 3, 4, 19, tzinfo=UTC)
    assert await pass_midnight(game, ada)
    assert (await game.player(ada)).rolls_over_at == datetime(2026, 3, 5, 8, tzinfo=UTC)


@pytest.mark.infra
async def test_many_replicas_at_the_same_midnight_begin_each_day_once(pool: Pool) -> None:
    game, school = Game(InPostgres(pool)), School()
    exercises = school.exercises(school.lesson("quiz", times=20))
    await game.receive(school.published(NOON - timedelta(days=9), is_open=True))
    learners = [new_id() for _ in range(25)]
    for learner_id in learners:
        await game.receive(school.done(learner_id, exercises[0], NOON))
    for night in range(3):
        game.now = MIDNIGHT + timedelta(days=night, seconds=1)
        replicas = [Midnights(pool, game.bus, lambda: game.now) for _ in range(5)]
        begun = await gather(*(replica.run() for replica in replicas))
        assert sum(begun) == len(learners)
    for learner_id in learners:
        player = await game.player(learner_id)
        assert player.version == 1 + 3
        assert await drawn_for(game, learner_id, Cadence.DAILY) == {date(2026, 3, 4), date(2026, 3, 7)}
        told = [(event.current_days, event.freezes) for event in await game.heard_of(learner_id, StreakUpdated)]
        assert told == [(1, 0), (0, 0)]


@pytest.mark.infra
async def test_what_fails_for_one_learner_keeps_nobody_else_waiting(pool: Pool) -> None:
    game = Game(InPostgres(pool))
    ada, bob = sorted([new_id(), new_id()])
    await game.hear(exercise(ada, NOON), exercise(bob, NOON))
    game.now = MIDNIGHT

    class Faulty:
        async def execute(self, command: RollOver) -> object:
            if command.player_id == ada:
                raise RuntimeError("no day for Ada")
            return await game.bus.execute(command)

    faulty: Bus = Faulty()  # type: ignore[assignment]
    assert await Midnights(pool, faulty, lambda: game.now).run() == 1
    assert (await game.player(bob)).rolls_over_at == MIDNIGHT + timedelta(days=1)
    assert await Midnights(pool, game.bus, lambda: game.now).run() == 1
