"""Scores: in which week and month, of the academy and of which course, points count, and when they were reached."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from babyowl_chassis.ids import new_id
from gamification.domain.scores import ACADEMY_ID, ALL_TIME, BEFORE_ALL, Scope, ScoreKey, ScorePeriod
from gamification.infrastructure.catalogue import load_catalogue
from gamification.infrastructure.rules import read_rules

from .game import NOON, RULES_ALONE, Game, ScoresByKey, Store
from .reports import attendance, exercise, lesson

MONDAY = date(2026, 3, 2)
MARCH = date(2026, 3, 1)
HOUR = timedelta(hours=1)


@pytest.fixture
def game(store: Store) -> Game:
    return Game(store, catalogue=RULES_ALONE)


@pytest.fixture
def ada() -> UUID:
    return new_id()


def of_academy(scores: ScoresByKey) -> dict[tuple[str, date], tuple[int, datetime]]:
    return {(key.period.value, key.starts_on): score for key, score in scores.items() if key.scope is Scope.ACADEMY}


def of_course(scores: ScoresByKey, course_id: UUID) -> dict[tuple[str, date], tuple[int, datetime]]:
    return {(key.period.value, key.starts_on): score for key, score in scores.items() if key.scope_id == course_id}


async def test_points_count_in_week_month_and_all_time_of_the_academy_and_of_their_course(
    game: Game, ada: UUID
) -> None:
    first, second, course_id = lesson(ada, NOON), lesson(ada, NOON + HOUR), new_id()
    present = attendance(ada, NOON + 2 * HOUR, "present", meeting_id=new_id(), course_id=course_id)
    await game.hear(first, second, present)
    scores = await game.store.scores(ada)
    whole = (130, NOON + 2 * HOUR)
    assert of_academy(scores) == {("week", MONDAY): whole, ("month", MARCH): whole, ("all", ALL_TIME): whole}
    own = (30, NOON + 2 * HOUR)
    assert of_course(scores, course_id) == {("week", MONDAY): own, ("month", MARCH): own, ("all", ALL_TIME): own}
    assert len(scores) == 12


async def test_a_score_that_a_correction_empties_is_gone(game: Game, ada: UUID) -> None:
    meeting, course_id = new_id(), new_id()
    await game.hear(lesson(ada, NOON))
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting, course_id=course_id))
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, course_id=course_id, revision=2))
    scores = await game.store.scores(ada)
    assert of_course(scores, course_id) == {}
    assert of_academy(scores)["all", ALL_TIME] == (50, NOON)


@pytest.mark.parametrize(
    ("zone", "week", "month"),
    [("UTC", date(2026, 2, 23), date(2026, 2, 1)), ("Asia/Jakarta", date(2026, 2, 23), date(2026, 3, 1))],
)
async def test_a_month_begins_by_the_academys_clock(
    store: Store, ada: UUID, zone: str, week: date, month: date
) -> None:
    """An hour before the first of March in Greenwich, a Sunday, it is March in Jakarta."""
    game = Game(store, catalogue=RULES_ALONE, academy_zone=ZoneInfo(zone))
    await game.live_in(ada, "Pacific/Niue")
    await game.hear(lesson(ada, datetime(2026, 2, 28, 23, tzinfo=UTC)))
    assert {key for key in of_academy(await game.store.scores(ada)) if key[0] != "all"} == {
        ("week", week),
        ("month", month),
    }


async def test_what_was_reached_later_is_so_whatever_is_heard_of_after_it(game: Game, ada: UUID) -> None:
    await game.hear(lesson(ada, NOON), lesson(ada, NOON - HOUR))
    assert of_academy(await game.store.scores(ada))["week", MONDAY] == (100, NOON)


async def test_when_the_latest_deed_is_taken_back_the_one_before_it_says_when_points_were_reached(
    game: Game, ada: UUID
) -> None:
    """Also one of a day that the correction does not touch."""
    meeting, course_id = new_id(), new_id()
    await game.hear(attendance(ada, NOON - 24 * HOUR, "late", meeting_id=new_id(), course_id=course_id))
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting, course_id=course_id))
    await game.hear(lesson(ada, NOON - 25 * HOUR))
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, course_id=course_id, revision=2))
    scores = await game.store.scores(ada)
    assert of_academy(scores)["week", MONDAY] == (65, NOON - 24 * HOUR)
    assert of_course(scores, course_id)["all", ALL_TIME] == (15, NOON - 24 * HOUR)


async def test_seconds_are_as_exact_as_it_gets(game: Game, ada: UUID) -> None:
    await game.hear(lesson(ada, NOON + timedelta(microseconds=999_999)))
    assert of_academy(await game.store.scores(ada))["week", MONDAY] == (50, NOON)


async def test_rewards_count_but_do_not_say_when_points_were_reached(store: Store, ada: UUID) -> None:
    game = Game(store)
    await game.hear(lesson(ada, NOON))
    player = await game.player(ada)
    assert player.total_xp > 50
    assert of_academy(await game.store.scores(ada))["all", ALL_TIME] == (player.total_xp, NOON)
    course = ScoreKey(
        Scope.COURSE, next(iter(player.deeds.values())).course_id or ACADEMY_ID, ScorePeriod.ALL, ALL_TIME
    )
    assert (await game.store.scores(ada))[course] == (50, NOON)


async def test_points_from_rewards_alone_were_reached_before_all_others(store: Store, ada: UUID) -> None:
    words = {"title": "Lesson completed", "text": "You completed a lesson."}
    rule = {"name": "lesson", "kind": "lesson", "outcomes": ["completed"], "xp": 50, **words}
    lessons_only = read_rules({"rules": [rule]})
    game = Game(store, catalogue=replace(load_catalogue(), rulebook=lessons_only))
    await game.hear(exercise(ada, NOON))
    rewarded, reached_at = of_academy(await game.store.scores(ada))["all", ALL_TIME]
    assert (rewarded > 0, reached_at) == (True, BEFORE_ALL)
    await game.hear(lesson(ada, NOON - HOUR))
    assert of_academy(await game.store.scores(ada))["all", ALL_TIME][1] == NOON - HOUR
