"""What a learner can do on a day: what the draw of quests is given. In memory and in Postgres alike."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from babyowl_chassis.ids import new_id
from babyowl_contracts.learning import CoursePublished
from gamification.domain.curriculum import Span
from gamification.domain.quests import Cadence, Opportunities, Period
from gamification.domain.zones import ZoneHistory

from .game import GREENWICH, NOON, Game
from .school import School, planned

YESTERDAY = NOON - timedelta(days=1)
MIDNIGHT = datetime(2026, 3, 4, tzinfo=UTC)
TODAY = Period(Cadence.DAILY, date(2026, 3, 4))
THIS_WEEK = Period(Cadence.WEEKLY, date(2026, 3, 2))
NOTHING = Opportunities()
READING = Opportunities(exercises=1, readings=1, lessons=1)
BOTH = Opportunities(exercises=2, readings=1, quizzes=1, lessons=2)
ONE_MEETING = Opportunities(meetings=1)


@pytest.fixture
def school() -> School:
    return School()


@pytest.fixture
def ada() -> UUID:
    return new_id()


async def can(game: Game, learner_id: UUID, period: Period = TODAY, zone: ZoneInfo = GREENWICH) -> Opportunities:
    span = Span.lived(period, ZoneHistory([], zone))
    async with game.store.transactions.begin(locking=True) as transaction:
        uow = transaction.uow
        return await uow.curriculum.opportunities(  # type: ignore[attr-defined,no-any-return]
            learner_id, span, otherwise=GREENWICH
        )


async def test_who_has_a_seat_can_do_what_is_unlocked_for_the_class(game: Game, school: School, ada: UUID) -> None:
    open_one, closed_one = school.lesson("reading", "quiz"), school.lesson("coding")
    await game.receive(
        school.published(YESTERDAY), school.enrolled(ada, YESTERDAY), school.unlocked(YESTERDAY, open_one)
    )
    assert await can(game, ada) == Opportunities(exercises=2, readings=1, quizzes=1, lessons=1)
    await game.receive(school.unlocked(YESTERDAY, closed_one))
    assert await can(game, ada) == Opportunities(exercises=3, readings=1, quizzes=1, coding_exercises=1, lessons=2)
    assert await can(game, new_id()) == NOTHING


async def test_a_lesson_can_be_unlocked_for_one_student_alone(game: Game, school: School, ada: UUID) -> None:
    lesson, bob = school.lesson("reading"), new_id()
    await game.receive(
        school.published(YESTERDAY),
        school.enrolled(ada, YESTERDAY),
        school.enrolled(bob, YESTERDAY),
        school.unlocked(YESTERDAY, lesson, student_id=ada),
    )
    assert (await can(game, ada), await can(game, bob)) == (READING, NOTHING)


async def test_what_is_locked_again_or_a_seat_that_is_given_up_is_no_opportunity(
    game: Game, school: School, ada: UUID
) -> None:
    lesson = school.lesson("reading")
    await game.receive(
        school.published(YESTERDAY), school.enrolled(ada, YESTERDAY), school.unlocked(YESTERDAY, lesson)
    )
    await game.receive(school.locked(YESTERDAY, lesson))
    assert await can(game, ada) == NOTHING
    await game.receive(school.unlocked(YESTERDAY, lesson))
    assert await can(game, ada) == READING
    await game.receive(school.withdrawn(ada, YESTERDAY))
    assert await can(game, ada) == NOTHING


async def test_an_open_course_is_there_for_everybody(game: Game, school: School, ada: UUID) -> None:
    school.lesson("reading")
    await game.receive(school.published(YESTERDAY, is_open=True))
    assert await can(game, ada) == READING
    await game.receive(school.published(YESTERDAY, is_open=False))
    assert await can(game, ada) == NOTHING


async def test_of_a_course_the_latest_publication_counts(game: Game, school: School, ada: UUID) -> None:
    school.lesson("reading")
    first = school.published(YESTERDAY, is_open=True)
    school.lesson("quiz")
    second = school.published(YESTERDAY, is_open=True)
    await game.receive(second, first)
    assert await can(game, ada) == Opportunities(exercises=2, readings=1, quizzes=1, lessons=2)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-1, BOTH), (0, READING), (1, READING)], ids=["before", "at", "after"]
)
async def test_what_counts_is_how_things_stood_before_the_learners_midnight(
    game: Game, school: School, ada: UUID, seconds: int, expected: Opportunities
) -> None:
    reading, quiz = school.lesson("reading"), school.lesson("quiz")
    late = MIDNIGHT + timedelta(seconds=seconds)
    await game.receive(school.published(YESTERDAY), school.enrolled(ada, YESTERDAY))
    await game.receive(school.unlocked(YESTERDAY, reading), school.unlocked(late, quiz))
    assert await can(game, ada) == expected


async def test_midnight_is_where_the_learner_is(game: Game, school: School, ada: UUID) -> None:
    reading, quiz, jakarta = school.lesson("reading"), school.lesson("quiz"), ZoneInfo("Asia/Jakarta")
    at = datetime(2026, 3, 3, 17, tzinfo=UTC)
    await game.receive(school.published(YESTERDAY), school.enrolled(ada, YESTERDAY))
    await game.receive(school.unlocked(YESTERDAY, reading), school.unlocked(at, quiz))
    assert await can(game, ada) == BOTH
    assert await can(game, ada, zone=jakarta) == READING


@pytest.mark.parametrize("period", [TODAY, THIS_WEEK], ids=["day", "week"])
async def test_if_nothing_was_possible_at_midnight_what_counts_is_the_first_moment_at_which_something_was(
    game: Game, school: School, ada: UUID, period: Period
) -> None:
    reading, quiz = school.lesson("reading"), school.lesson("quiz")
    await game.receive(school.published(MIDNIGHT - timedelta(days=9)), school.enrolled(ada, NOON))
    assert await can(game, ada, period) == NOTHING
    await game.receive(school.unlocked(NOON + timedelta(hours=1), reading))
    assert await can(game, ada, period) == READING
    await game.receive(
        school.unlocked(NOON + timedelta(hours=2), quiz), school.withdrawn(ada, NOON + timedelta(hours=3))
    )
    assert await can(game, ada, period) == READING


async def test_a_moment_after_the_period_is_too_late(game: Game, school: School, ada: UUID) -> None:
    lesson = school.lesson("reading")
    await game.receive(school.published(YESTERDAY), school.enrolled(ada, YESTERDAY))
    await game.receive(school.unlocked(MIDNIGHT + timedelta(days=1), lesson))
    assert await can(game, ada) == NOTHING
    assert await can(game, ada, THIS_WEEK) == READING


async def test_an_open_course_can_be_the_first_there_is_to_do(game: Game, school: School, ada: UUID) -> None:
    school.lesson("reading")
    await game.receive(school.published(NOON, is_open=True), school.published(NOON + timedelta(hours=1)))
    assert await can(game, ada) == READING


async def test_what_comes_about_at_one_moment_counts_together(game: Game, school: School, ada: UUID) -> None:
    reading, quiz = school.lesson("reading"), school.lesson("quiz")
    await game.receive(school.published(YESTERDAY), school.enrolled(ada, YESTERDAY))
    await game.receive(school.unlocked(NOON, reading), school.unlocked(NOON, quiz))
    assert await can(game, ada) == BOTH


async def test_a_meeting_that_began_before_the_first_seat_is_no_opportunity(
    game: Game, school: School, ada: UUID
) -> None:
    yesterday, earlier, later = planned(YESTERDAY), planned(NOON - timedelta(hours=1)), planned(NOON)
    await game.receive(
        school.created(YESTERDAY - timedelta(days=1), [yesterday, earlier, later]), school.enrolled(ada, NOON)
    )
    assert (await can(game, ada), await can(game, ada, THIS_WEEK)) == (ONE_MEETING, ONE_MEETING)
    await game.receive(school.moved(NOON, later, NOON - timedelta(hours=2)))
    assert (await can(game, ada), await can(game, ada, THIS_WEEK)) == (NOTHING, NOTHING)


async def test_what_was_done_before_is_no_opportunity_any_more_but_on_the_day_itself_it_is(
    game: Game, school: School, ada: UUID
) -> None:
    lesson = school.lesson("reading", "quiz")
    reading, quiz = school.exercises(lesson)
    await game.receive(school.published(YESTERDAY - timedelta(days=3), is_open=True))
    await game.receive(school.done(ada, reading, YESTERDAY), school.done(ada, quiz, NOON))
    assert await can(game, ada) == Opportunities(exercises=1, quizzes=1, lessons=1)
    assert await can(game, ada, THIS_WEEK) == Opportunities(exercises=2, readings=1, quizzes=1, lessons=1)
    await game.receive(school.finished(ada, lesson, NOON - timedelta(days=2)))
    assert (await can(game, ada)).lessons == 0
    assert (await can(game, ada, THIS_WEEK)).lessons == 1


async def test_meetings_count_as_they_are_known_to_be_in_the_end(game: Game, school: School, ada: UUID) -> None:
    first, second = planned(NOON), planned(NOON + timedelta(days=2))
    await game.receive(
        school.created(YESTERDAY, [first, second]), school.enrolled(ada, YESTERDAY - timedelta(days=3))
    )
    assert ((await can(game, ada)).meetings, (await can(game, ada, THIS_WEEK)).meetings) == (1, 2)
    await game.receive(school.called_off(NOON, first))
    assert ((await can(game, ada)).meetings, (await can(game, ada, THIS_WEEK)).meetings) == (0, 1)
    await game.receive(school.moved(NOON, second, NOON + timedelta(days=7)))
    assert ((await can(game, ada)).meetings, (await can(game, ada, THIS_WEEK)).meetings) == (0, 0)
    await game.receive(school.added(NOON + timedelta(hours=1), planned(NOON + timedelta(hours=3))))
    assert ((await can(game, ada)).meetings, (await can(game, ada, THIS_WEEK)).meetings) == (1, 1)


async def test_a_series_that_is_told_anew_is_the_whole_series(game: Game, school: School, ada: UUID) -> None:
    kept, dropped, added = planned(NOON), planned(NOON + timedelta(hours=2)), planned(NOON + timedelta(hours=4))
    created = school.created(YESTERDAY, [kept, dropped])
    edited = school.edited(YESTERDAY + timedelta(hours=1), [kept])
    later = school.added(YESTERDAY + timedelta(hours=2), added)
    await game.receive(school.enrolled(ada, YESTERDAY), later, edited, created)
    assert (await can(game, ada)).meetings == 2


async def test_a_class_that_ended_has_no_meetings_ahead(game: Game, school: School, ada: UUID) -> None:
    await game.receive(
        school.ended(NOON),
        school.created(YESTERDAY, [planned(NOON - timedelta(hours=1)), planned(NOON + timedelta(hours=1))]),
        school.enrolled(ada, YESTERDAY),
    )
    assert (await can(game, ada)).meetings == 1


async def test_a_meeting_is_on_its_day_in_the_zone_of_its_class(game: Game, ada: UUID) -> None:
    school = School(time_zone="Asia/Jakarta")
    await game.receive(
        school.added(YESTERDAY, planned(datetime(2026, 3, 3, 17, tzinfo=UTC))), school.enrolled(ada, YESTERDAY)
    )
    assert (await can(game, ada)).meetings == 0
    await game.receive(school.created(YESTERDAY - timedelta(hours=1)))
    assert (await can(game, ada)).meetings == 1


async def test_what_was_published_before_kinds_were_told_counts_as_exercises(
    game: Game, school: School, ada: UUID
) -> None:
    school.lesson("reading", "quiz")
    published = school.published(YESTERDAY, is_open=True)
    assert isinstance(published.data, CoursePublished)
    lessons = tuple(replace(lesson, exercise_kinds=()) for lesson in published.data.lessons)
    await game.receive(replace(published, data=replace(published.data, lessons=lessons)))
    assert await can(game, ada) == Opportunities(exercises=2, lessons=1)
