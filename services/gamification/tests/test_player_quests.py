"""Quests as they are played: drawn with the first deed, rewarded, corrected, and drawn anew after late facts."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_contracts.gamification import QuestCompleted, QuestReopened, XpEarned
from gamification.domain.badges import BadgeCatalogue
from gamification.domain.catalogue import Catalogue
from gamification.domain.facts import Fact
from gamification.domain.quests import Cadence, PlayerQuest, Quest, QuestCatalogue
from gamification.domain.rules import SourceKind
from gamification.infrastructure.catalogue import load_catalogue

from .game import NOON, Game, Store
from .reports import attendance
from .school import School, planned

LAST_WEEK = NOON - timedelta(days=7)
TODAY = date(2026, 3, 4)
MONDAY = date(2026, 3, 2)


def quest(name: str, fact: Fact, target: int, *, cadence: Cadence = Cadence.DAILY, xp: int = 10) -> Quest:
    return Quest(id=name, cadence=cadence, fact=fact, target=target, xp=xp, title=name, text=name, at_least=target)


QUESTS = (
    quest("read_one", Fact.READINGS, 1),
    quest("do_two", Fact.EXERCISES, 2, xp=15),
    quest("be_there", Fact.MEETINGS, 1, xp=20),
    quest("do_three_a_week", Fact.EXERCISES, 3, cadence=Cadence.WEEKLY, xp=50),
    quest("be_there_a_week", Fact.MEETINGS, 1, cadence=Cadence.WEEKLY, xp=30),
)


@pytest.fixture
def game(store: Store) -> Game:
    return Game(store, catalogue=Catalogue(load_catalogue().rulebook, BadgeCatalogue(()), QuestCatalogue(QUESTS)))


@pytest.fixture
def school() -> School:
    return School()


@pytest.fixture
def ada() -> UUID:
    return new_id()


async def quests(game: Game, learner_id: UUID) -> dict[str, PlayerQuest]:
    """The quests that are kept, by day and name where a name alone does not tell."""
    player = await game.player(learner_id)
    return {
        quest.quest if quest.starts_on in (TODAY, MONDAY) else f"{quest.quest} {quest.starts_on}": quest
        for quest in player.quests.values()
    }


async def progress(game: Game, learner_id: UUID) -> dict[str, int]:
    return {name: quest.progress for name, quest in (await quests(game, learner_id)).items()}


async def rewards(game: Game, learner_id: UUID) -> dict[str, int]:
    """What quests brought, by name."""
    found: dict[str, int] = {}
    for line in (await game.player(learner_id)).transactions:
        if line.source.kind is SourceKind.QUEST:
            found[line.rule] = found.get(line.rule, 0) + line.amount
    return {rule: amount for rule, amount in found.items() if amount}


async def test_the_first_deed_of_a_day_draws_the_quests_of_the_day_and_the_week(
    game: Game, school: School, ada: UUID
) -> None:
    exercises = school.exercises(school.lesson("reading", "quiz", "quiz"))
    await game.receive(school.published(LAST_WEEK, is_open=True))
    await game.receive(school.done(ada, exercises[1], NOON))
    assert await progress(game, ada) == {"read_one": 0, "do_two": 1, "do_three_a_week": 1}
    assert await rewards(game, ada) == {}
    await game.receive(school.done(ada, exercises[0], NOON))
    assert await rewards(game, ada) == {"read_one": 10, "do_two": 15}
    await game.receive(school.done(ada, exercises[2], NOON))
    assert await progress(game, ada) == {"read_one": 1, "do_two": 2, "do_three_a_week": 3}
    assert await rewards(game, ada) == {"read_one": 10, "do_two": 15, "do_three_a_week": 50}


async def test_a_completed_quest_is_told_and_its_points_are_points_like_others(
    game: Game, school: School, ada: UUID
) -> None:
    [reading] = school.exercises(school.lesson("reading"))
    await game.receive(school.published(LAST_WEEK, is_open=True), school.done(ada, reading, NOON))
    assert await game.heard_of(ada, QuestCompleted) == [
        QuestCompleted(student_id=ada, quest="read_one", cadence="daily", starts_on=TODAY, completed_on=TODAY, xp=10)
    ]
    assert (await game.player(ada)).total_xp == 20 + 10
    assert [line.rule for line in await game.heard_of(ada, XpEarned)][-1] == "read_one"
    assert (await game.player(ada)).standing.value(Fact.QUESTS) == 1


async def test_a_correction_reopens_a_quest_and_takes_its_points_back(game: Game, school: School, ada: UUID) -> None:
    meeting = planned(NOON)
    await game.receive(school.created(LAST_WEEK, [meeting]), school.enrolled(ada, LAST_WEEK))
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting.meeting_id))
    assert await rewards(game, ada) == {"be_there": 20, "be_there_a_week": 30}
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting.meeting_id, revision=2))
    assert await rewards(game, ada) == {}
    assert {event.quest for event in await game.heard_of(ada, QuestReopened)} == {"be_there", "be_there_a_week"}
    await game.hear(attendance(ada, NOON, "late", meeting_id=meeting.meeting_id, revision=3))
    assert await rewards(game, ada) == {"be_there": 20, "be_there_a_week": 30}
    assert (await game.player(ada)).total_xp == 15 + 50


async def test_who_has_nothing_to_do_has_no_quests(game: Game, school: School, ada: UUID) -> None:
    [reading] = school.exercises(school.lesson("reading"))
    await game.receive(school.published(LAST_WEEK), school.done(ada, reading, NOON))
    assert await quests(game, ada) == {}


async def test_what_is_unlocked_today_is_a_quest_from_tomorrow_on(game: Game, school: School, ada: UUID) -> None:
    first, second = school.lesson("reading"), school.lesson("quiz", "quiz", "quiz")
    await game.receive(school.published(LAST_WEEK), school.enrolled(ada, LAST_WEEK))
    await game.receive(school.unlocked(LAST_WEEK, first), school.unlocked(NOON, second))
    await game.receive(school.done(ada, school.exercises(first)[0], NOON + timedelta(minutes=1)))
    assert set(await quests(game, ada)) == {"read_one"}
    game.now = NOON + timedelta(days=1)
    await game.receive(school.done(ada, school.exercises(second)[0], game.now))
    assert set(await quests(game, ada)) == {"read_one", "do_two 2026-03-05"}


async def test_a_lesson_whose_unlocking_is_heard_of_late_is_a_quest_of_the_day_after_it_all_the_same(
    game: Game, school: School, ada: UUID
) -> None:
    lesson = school.lesson("reading", "quiz")
    await game.receive(school.published(LAST_WEEK), school.enrolled(ada, LAST_WEEK))
    await game.receive(school.done(ada, school.exercises(lesson)[0], NOON))
    assert await quests(game, ada) == {}
    await game.receive(school.unlocked(LAST_WEEK, lesson))
    await game.settle()
    assert await progress(game, ada) == {"read_one": 1, "do_two": 1}
    assert await rewards(game, ada) == {"read_one": 10}


async def test_a_seat_that_was_given_up_yesterday_takes_a_quest_back_that_was_drawn_for_it(
    game: Game, school: School, ada: UUID
) -> None:
    lesson = school.lesson("reading")
    await game.receive(
        school.published(LAST_WEEK), school.enrolled(ada, LAST_WEEK), school.unlocked(LAST_WEEK, lesson)
    )
    await game.receive(school.done(ada, school.exercises(lesson)[0], NOON))
    assert await rewards(game, ada) == {"read_one": 10}
    await game.receive(school.withdrawn(ada, NOON - timedelta(days=1)))
    await game.settle()
    assert (await rewards(game, ada), await quests(game, ada)) == ({}, {})
    assert (await game.player(ada)).total_xp == 20


async def test_a_meeting_that_is_called_off_is_no_quest_any_more(game: Game, school: School, ada: UUID) -> None:
    meeting = planned(NOON + timedelta(hours=2))
    [quiz] = school.exercises(school.lesson("quiz"))
    await game.receive(school.created(LAST_WEEK, [meeting]), school.enrolled(ada, LAST_WEEK))
    await game.receive(school.done(ada, quiz, NOON))
    assert set(await quests(game, ada)) == {"be_there", "be_there_a_week"}
    await game.receive(school.called_off(NOON, meeting))
    await game.settle()
    assert await quests(game, ada) == {}


async def test_a_deed_that_is_heard_of_late_is_not_asked_for_again_on_the_days_after_it(
    game: Game, school: School, ada: UUID
) -> None:
    reading, quiz = school.exercises(school.lesson("reading", "quiz"))
    await game.receive(school.published(LAST_WEEK, is_open=True), school.done(ada, quiz, NOON))
    assert set(await quests(game, ada)) == {"read_one", "do_two"}
    await game.receive(school.done(ada, reading, NOON - timedelta(days=1)))
    await game.settle()
    assert {name for name, each in (await quests(game, ada)).items() if each.starts_on == TODAY} == set()
    assert await rewards(game, ada) == {"read_one": 10}


async def test_a_quest_of_the_week_is_completed_on_the_day_the_target_was_reached_whatever_comes_when(
    game: Game, school: School, ada: UUID
) -> None:
    exercises = school.exercises(school.lesson("quiz", "quiz", "quiz", "quiz"))
    await game.receive(school.published(LAST_WEEK, is_open=True))
    days = [NOON, NOON - timedelta(days=2), NOON - timedelta(days=1), NOON - timedelta(days=2)]
    for exercise_id, at in zip(exercises, days, strict=True):
        await game.receive(school.done(ada, exercise_id, at))
    await game.settle()
    weekly = (await quests(game, ada))["do_three_a_week"]
    assert (weekly.progress, weekly.completed_on) == (3, date(2026, 3, 3))
    assert (await rewards(game, ada))["do_three_a_week"] == 50
    told = await game.heard_of(ada, QuestCompleted)
    assert [event.completed_on for event in told if event.quest == "do_three_a_week"][-1] == date(2026, 3, 3)


async def test_a_quest_ends_at_the_midnight_of_its_learner(game: Game, school: School, ada: UUID) -> None:
    await game.live_in(ada, "Asia/Jakarta")
    first, second = school.exercises(school.lesson("quiz", "quiz"))
    before = datetime(2026, 3, 4, 16, 59, tzinfo=UTC)
    await game.receive(school.published(LAST_WEEK, is_open=True), school.done(ada, first, before))
    await game.receive(school.done(ada, second, before + timedelta(minutes=2)))
    await game.settle()
    assert (await progress(game, ada))["do_two"] == 1
    assert await rewards(game, ada) == {}
