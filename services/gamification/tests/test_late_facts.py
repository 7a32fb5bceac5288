"""Zones and holidays that become known late, or in any order: the end is that of having known them from the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_contracts import Event
from babyowl_contracts.class_ import HolidayDeclared, HolidayWithdrawn
from babyowl_contracts.gamification import StreakUpdated
from babyowl_contracts.identity import ProfileUpdated, UserRegistered
from gamification.bootstrap import HOLIDAYS, ZONES

from .game import NOON, Game, InMemory, InPostgres
from .reports import attendance, exercise, lesson

TODAY = NOON.date()


def declared(first: date, last: date, holiday_id: UUID | None = None) -> HolidayDeclared:
    return HolidayDeclared(holiday_id=holiday_id or new_id(), first_date=first, last_date=last)


def withdrawn(holiday: HolidayDeclared) -> HolidayWithdrawn:
    return HolidayWithdrawn(holiday_id=holiday.holiday_id, first_date=holiday.first_date, last_date=holiday.last_date)


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


async def practise(game: Game, learner_id: UUID, *offsets: int) -> None:
    """The learner completes an exercise on these days, at noon in Greenwich."""
    await game.hear(*(exercise(learner_id, NOON + timedelta(days=offset)) for offset in offsets))


async def last_told(game: Game, learner_id: UUID) -> StreakUpdated:
    told: list[StreakUpdated] = await game.heard_of(learner_id, StreakUpdated)
    return told[-1]


async def test_a_holiday_that_is_declared_late_mends_the_streak_that_broke_over_it(game: Game) -> None:
    ada = new_id()
    await practise(game, ada, -4, -3, 0)
    assert (await game.standing(ada)).streak.current_days == 1
    await game.hear(declared(day(-2), day(-1)))
    await game.settle()
    assert (await game.standing(ada)).streak.current_days == 3
    assert (await last_told(game, ada)).current_days == 3


async def test_a_holiday_that_is_withdrawn_breaks_the_streak_that_held_over_it(game: Game) -> None:
    ada, holiday = new_id(), declared(day(-1), day(-1))
    await game.hear(holiday)
    await practise(game, ada, -3, -2, 0)
    assert (await game.standing(ada)).streak.current_days == 3
    await game.hear(withdrawn(holiday), sequence=2)
    await game.settle()
    streak = (await game.standing(ada)).streak
    assert (streak.current_days, streak.longest_days) == (1, 2)


async def test_a_holiday_whose_withdrawal_is_heard_of_first_never_was(game: Game) -> None:
    ada, holiday = new_id(), declared(day(-1), day(-1))
    await practise(game, ada, -2, 0)
    await game.hear(withdrawn(holiday), sequence=2)
    await game.hear(holiday, sequence=1)
    await game.settle()
    assert (await game.standing(ada)).streak.current_days == 1


async def test_others_hear_of_a_streak_that_a_holiday_mends_before_anything_more_is_done(game: Game) -> None:
    """Nothing was done since: no day is to be folded anew, and still the run of then goes on."""
    ada = new_id()
    await practise(game, ada, -4, -3)
    game.now = NOON + timedelta(seconds=1)
    await practise(game, ada, -20)  # whatever is counted now tells that the run has ended
    assert (await last_told(game, ada)).current_days == 0
    await game.hear(declared(day(-2), day(-1)))
    await game.settle()
    assert (await last_told(game, ada)).current_days == 2


async def test_a_move_that_is_heard_of_late_takes_along_the_deeds_after_it_and_none_before(game: Game) -> None:
    """At eight in the evening in Greenwich it is the next day in Jakarta."""
    ada, evening = new_id(), NOON + timedelta(hours=8)
    game.now = evening - timedelta(days=30)
    await game.hear(UserRegistered(user_id=ada, role="student", time_zone="UTC"))
    await game.hear(*(exercise(ada, evening - timedelta(days=before)) for before in (4, 2)))
    game.now = evening - timedelta(days=3)
    await game.hear(ProfileUpdated(user_id=ada, time_zone="Asia/Jakarta"), sequence=2)
    game.now = evening
    await game.settle()
    assert (await game.standing(ada)).active_days == [day(-4), day(-1)]


async def test_a_later_move_does_not_rewrite_the_past(game: Game) -> None:
    ada, evening = new_id(), NOON + timedelta(hours=8)
    game.now = evening - timedelta(days=30)
    await game.hear(UserRegistered(user_id=ada, role="student", time_zone="Asia/Jakarta"))
    await game.hear(exercise(ada, evening - timedelta(days=4)))
    before = await game.standing(ada)
    game.now = evening
    await game.hear(ProfileUpdated(user_id=ada, time_zone="UTC"), sequence=2)
    await game.settle()
    assert (await game.standing(ada)).days == before.days


async def test_who_is_first_heard_of_late_has_lived_there_all_the_time(game: Game) -> None:
    ada, evening = new_id(), NOON + timedelta(hours=8)
    game.now = evening
    await game.hear(exercise(ada, evening - timedelta(days=4)))
    assert (await game.standing(ada)).active_days == [day(-4)]
    await game.hear(UserRegistered(user_id=ada, role="student", time_zone="Asia/Jakarta"))
    await game.settle()
    assert (await game.standing(ada)).active_days == [day(-3)]


async def test_news_without_a_zone_moves_nobody(game: Game) -> None:
    ada = new_id()
    await practise(game, ada, 0)
    await game.hear(UserRegistered(user_id=ada, role="student"), ProfileUpdated(user_id=ada))
    await game.settle()
    assert (await game.standing(ada)).active_days == [TODAY]


@dataclass(frozen=True)
class Story:
    """What became known of one learner, in its true order, and in the order in which it was heard."""

    learner_id: UUID
    facts: tuple[tuple[datetime, int, Event], ...]
    arrivals: tuple[tuple[datetime, int, Event], ...]


ZONE_NAMES = ["UTC", "Europe/Berlin", "Asia/Jakarta", "Pacific/Kiritimati", "Pacific/Niue"]
hours = st.integers(-40 * 24, 0).map(lambda hours: NOON + timedelta(hours=hours))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    learner = new_id()
    moves = sorted(draw(st.lists(hours, max_size=4, unique=True)))
    facts: list[tuple[datetime, int, Event]] = [
        (at, number, ProfileUpdated(user_id=learner, time_zone=draw(st.sampled_from(ZONE_NAMES))))
        for number, at in enumerate(moves, start=1)
    ]
    for _ in range(draw(st.integers(0, 3))):
        first = draw(hours).date()
        holiday = declared(first, first + timedelta(days=draw(st.integers(0, 5))))
        facts.append((NOON, 1, holiday))
        if draw(st.integers(0, 3)) == 0:
            facts.append((NOON, 2, withdrawn(holiday)))
    kinds: list[Callable[[UUID, datetime], Event]] = [exercise, lesson]
    deeds: list[tuple[datetime, int, Event]] = [
        (at, 1, draw(st.sampled_from(kinds))(learner, at)) for at in draw(st.lists(hours, max_size=25))
    ]
    for at in draw(st.lists(hours, max_size=3)):
        # The class may date its meeting otherwise than the learner.
        on = at.date() + timedelta(days=draw(st.integers(-1, 1)))
        deeds.append((at, 1, attendance(learner, at, "present", meeting_id=new_id(), on=on)))
    known = (*facts, *sorted(deeds, key=lambda deed: deed[0]))
    return Story(learner, known, tuple(draw(st.permutations(known))))


async def hear_all(game: Game, told: Sequence[tuple[datetime, int, Event]]) -> None:
    for at, sequence, event in told:
        # A move holds from when Identity told it; everything else is heard of now.
        game.now = at if type(event) in ZONES.events else NOON
        await game.hear(event, sequence=sequence)
    game.now = NOON


async def comes_to_the_same(played: Game, straight: Game, story: Story) -> None:
    await hear_all(played, story.arrivals)
    await played.settle()
    await hear_all(straight, story.facts)
    if not any(type(event) not in (*ZONES.events, *HOLIDAYS.events) for _, _, event in story.facts):
        return
    assert await played.standing(story.learner_id) == await straight.standing(story.learner_id)
    told = await last_told(played, story.learner_id)
    player = await played.player(story.learner_id)
    assert player.told_streak is not None
    assert (told.current_days, told.freezes) == (player.told_streak.current_days, player.told_streak.freezes)


@settings(deadline=None)
@given(stories())
async def test_in_memory(story: Story) -> None:
    await comes_to_the_same(Game(InMemory()), Game(InMemory()), story)


@pytest.mark.infra
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
async def test_in_postgres_too(pool: Pool, story: Story) -> None:
    await pool.execute("DELETE FROM holidays")
    await comes_to_the_same(Game(InPostgres(pool)), Game(InMemory()), story)
