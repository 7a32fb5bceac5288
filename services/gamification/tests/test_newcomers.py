"""Who had nothing to do when their day or week began: quests come with the first thing there is to do in it."""

from datetime import date, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from gamification.domain.badges import BadgeCatalogue
from gamification.domain.catalogue import Catalogue
from gamification.domain.facts import Fact
from gamification.domain.quests import Cadence, Quest, QuestCatalogue
from gamification.infrastructure.catalogue import load_catalogue

from .game import NOON, Game, InMemory, Store
from .school import School, planned

LAST_WEEK = NOON - timedelta(days=7)
HOUR = timedelta(hours=1)
MONDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 4)


def quest(name: str, fact: Fact, target: int, cadence: Cadence = Cadence.DAILY) -> Quest:
    return Quest(id=name, cadence=cadence, fact=fact, target=target, xp=10, title=name, text=name, at_least=target)


QUESTS = QuestCatalogue(
    (
        quest("read_one", Fact.READINGS, 1),
        quest("do_two", Fact.EXERCISES, 2),
        quest("be_there", Fact.MEETINGS, 1),
        quest("do_two_a_week", Fact.EXERCISES, 2, Cadence.WEEKLY),
    )
)


def new_game(store: Store) -> Game:
    return Game(store, catalogue=Catalogue(load_catalogue().rulebook, BadgeCatalogue(()), QUESTS))


@pytest.fixture
def game(store: Store) -> Game:
    return new_game(store)


@pytest.fixture
def school() -> School:
    return School()


@pytest.fixture
def ada() -> UUID:
    return new_id()


async def progress(game: Game, learner_id: UUID) -> dict[tuple[str, date], int]:
    player = await game.player(learner_id)
    return {(quest.quest, quest.starts_on): quest.progress for quest in player.quests.values()}


async def is_to_be_recounted(game: Game, learner_id: UUID) -> bool:
    async with game.store.transactions.begin(locking=True) as transaction:
        due = await transaction.uow.recounts.due(learner_id)  # type: ignore[attr-defined]
    return due is not None


async def test_who_gets_the_first_seat_has_quests_of_that_day_and_week(game: Game, school: School, ada: UUID) -> None:
    lesson = school.lesson("reading", "quiz")
    await game.receive(school.published(LAST_WEEK), school.unlocked(LAST_WEEK, lesson), school.enrolled(ada, NOON))
    await game.receive(school.done(ada, school.exercises(lesson)[0], NOON + HOUR))
    assert await progress(game, ada) == {
        ("read_one", WEDNESDAY): 1,
        ("do_two", WEDNESDAY): 1,
        ("do_two_a_week", MONDAY): 1,
    }
    assert [line.rule for line in (await game.player(ada)).transactions if line.amount == 10] == ["read_one"]


async def test_quests_that_were_drawn_in_vain_are_drawn_again_with_the_first_seat(
    game: Game, school: School, ada: UUID
) -> None:
    lesson = school.lesson("reading", "quiz")
    reading, quiz = school.exercises(lesson)
    await game.receive(school.published(LAST_WEEK), school.unlocked(LAST_WEEK, lesson))
    await game.receive(school.done(ada, quiz, NOON - timedelta(days=1)), school.done(ada, reading, NOON - HOUR))
    assert await progress(game, ada) == {}
    await game.receive(school.enrolled(ada, NOON))
    await game.settle()
    assert await progress(game, ada) == {("read_one", WEDNESDAY): 1, ("do_two_a_week", MONDAY): 2}


async def test_who_has_quests_is_not_recounted_for_what_comes_later_in_its_turn(
    game: Game, school: School, ada: UUID
) -> None:
    first, second = school.lesson("reading", "reading"), school.lesson("quiz")
    other, bob = School(), new_id()
    [quiz] = school.exercises(second)
    await game.receive(school.published(LAST_WEEK), school.enrolled(ada, LAST_WEEK), school.enrolled(bob, LAST_WEEK))
    await game.receive(other.created(LAST_WEEK, [planned(NOON + 9 * HOUR)]), other.enrolled(bob, LAST_WEEK))
    await game.receive(school.done(ada, quiz, NOON), school.done(bob, quiz, NOON))
    assert (set(await progress(game, ada)), set(await progress(game, bob))) == (set(), {("be_there", WEDNESDAY)})
    await game.receive(school.unlocked(NOON + HOUR, first, student_id=ada))
    assert (await is_to_be_recounted(game, ada), await is_to_be_recounted(game, bob)) == (True, False)
    await game.settle()
    before = await progress(game, ada)
    assert set(before) == {("read_one", WEDNESDAY), ("do_two", WEDNESDAY), ("do_two_a_week", MONDAY)}
    await game.receive(other.enrolled(ada, NOON + 2 * HOUR), school.unlocked(NOON + 3 * HOUR, second))
    await game.receive(school.locked(NOON + 4 * HOUR, first), school.published(NOON + 5 * HOUR))
    assert not await is_to_be_recounted(game, ada)
    assert await progress(game, ada) == before


async def test_the_first_that_is_heard_of_need_not_have_been_the_first(game: Game, school: School, ada: UUID) -> None:
    first, second = school.lesson("reading"), school.lesson("quiz", "quiz")
    await game.receive(school.published(LAST_WEEK), school.enrolled(ada, LAST_WEEK))
    early, late = school.unlocked(NOON - HOUR, first), school.unlocked(NOON, second)
    await game.receive(late, school.done(ada, school.exercises(second)[0], NOON + HOUR))
    assert set(await progress(game, ada)) == {("do_two", WEDNESDAY), ("do_two_a_week", MONDAY)}
    await game.receive(early)
    await game.settle()
    assert set(await progress(game, ada)) == {("read_one", WEDNESDAY)}


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_of_one_moment_none_is_the_first(order: tuple[int, ...], school: School, ada: UUID) -> None:
    game, lesson, lessons = new_game(InMemory()), school.lesson("reading"), school.lesson("quiz", "quiz")
    await game.receive(school.published(LAST_WEEK), school.created(LAST_WEEK, [planned(NOON + HOUR)]))
    news = [
        school.enrolled(ada, NOON),
        school.unlocked(NOON, lesson),
        school.unlocked(NOON, lessons, student_id=ada),
        school.done(ada, school.exercises(lesson)[0], NOON),
    ]
    for number in order:
        await game.receive(news[number])
        await game.settle()
    assert await progress(game, ada) == {
        ("read_one", WEDNESDAY): 1,
        ("do_two", WEDNESDAY): 1,
        ("be_there", WEDNESDAY): 0,
        ("do_two_a_week", MONDAY): 1,
    }


async def test_a_meeting_that_is_moved_to_before_the_seat_is_no_quest_any_more(
    game: Game, school: School, ada: UUID
) -> None:
    meeting, [quiz] = planned(NOON + HOUR), school.exercises(school.lesson("quiz"))
    bob = new_id()
    await game.receive(
        school.created(LAST_WEEK, [meeting]), school.enrolled(bob, LAST_WEEK), school.enrolled(ada, NOON)
    )
    await game.receive(school.done(ada, quiz, NOON), school.done(bob, quiz, NOON))
    await game.settle()
    assert set(await progress(game, ada)) == {("be_there", WEDNESDAY)} == set(await progress(game, bob))
    await game.receive(school.moved(NOON, meeting, NOON - HOUR))
    assert not await is_to_be_recounted(game, bob)
    await game.settle()
    assert (await progress(game, ada), set(await progress(game, bob))) == ({}, {("be_there", WEDNESDAY)})
