"""Deeds, points, levels and streaks, in memory and in Postgres."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from babyowl_chassis.ids import new_id
from babyowl_contracts.class_ import AttendanceStatus
from babyowl_contracts.gamification import LevelUp, StreakUpdated, XpEarned

from .game import NOON, RULES_ALONE, Game, Store
from .reports import attendance, course, exercise, lesson

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 2)


@pytest.fixture
def game(store: Store) -> Game:
    return Game(store, catalogue=RULES_ALONE)


@pytest.fixture
def ada() -> UUID:
    return new_id()


async def test_each_rule_gives_its_points(game: Game, ada: UUID) -> None:
    await game.hear(
        exercise(ada, NOON),
        lesson(ada, NOON),
        course(ada, NOON),
        attendance(ada, NOON, "present", meeting_id=new_id()),
        attendance(ada, NOON, "late", meeting_id=new_id()),
    )
    earned = await game.heard_of(ada, XpEarned)
    assert [(each.rule, each.amount, each.total_xp) for each in earned] == [
        ("exercise_completed", 20, 20),
        ("lesson_completed", 50, 70),
        ("course_completed", 500, 570),
        ("meeting_present", 30, 600),
        ("meeting_late", 15, 615),
    ]
    assert (await game.player(ada)).total_xp == 615


@pytest.mark.parametrize("status", ["absent", "excused"])
async def test_an_absence_gives_neither_points_nor_a_day(game: Game, ada: UUID, status: AttendanceStatus) -> None:
    await game.hear(attendance(ada, NOON, status, meeting_id=new_id()))
    standing = await game.standing(ada)
    assert (standing.total_xp, standing.days, standing.weeks) == (0, {}, {})
    assert await game.store.events(ada) == []


async def test_the_same_event_counts_once_however_often_it_comes(game: Game, ada: UUID) -> None:
    event, event_id = exercise(ada, NOON), new_id()
    for _ in range(5):
        await game.hear(event, event_id=event_id)
    assert (await game.player(ada)).total_xp == 20


async def test_the_same_exercise_counts_once_even_as_another_event(game: Game, ada: UUID) -> None:
    exercise_id = new_id()
    await game.hear(exercise(ada, NOON, exercise_id), exercise(ada, NOON + DAY, exercise_id))
    standing = await game.standing(ada)
    assert standing.total_xp == 20
    assert standing.active_days == [NOON.date()]


async def test_one_exercise_counts_for_every_learner_who_completes_it(game: Game, ada: UUID) -> None:
    exercise_id, ben = new_id(), new_id()
    await game.hear(exercise(ada, NOON, exercise_id), exercise(ben, NOON, exercise_id))
    assert (await game.player(ada)).total_xp == (await game.player(ben)).total_xp == 20


async def test_present_corrected_to_absent_takes_points_day_and_week_back(game: Game, ada: UUID) -> None:
    meeting = new_id()
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting))
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, revision=2))
    standing = await game.standing(ada)
    assert (standing.total_xp, standing.days, standing.scores) == (0, {}, {})
    amounts = [line.amount for line in (await game.player(ada)).transactions]
    assert sorted(amounts) == [-30, 30]
    assert [event.amount for event in await game.heard_of(ada, XpEarned)] == [30, -30]
    assert [event.current_days for event in await game.heard_of(ada, StreakUpdated)] == [1, 0]


async def test_late_corrected_to_present_gives_the_difference(game: Game, ada: UUID) -> None:
    meeting = new_id()
    await game.hear(attendance(ada, NOON, "late", meeting_id=meeting))
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting, revision=2))
    earned = await game.heard_of(ada, XpEarned)
    assert [(each.rule, each.amount) for each in earned] == [
        ("meeting_late", 15),
        ("meeting_late", -15),
        ("meeting_present", 30),
    ]
    assert (await game.player(ada)).total_xp == 30


async def test_a_correction_and_its_correction_leave_what_was_there_first(game: Game, ada: UUID) -> None:
    meeting, course_id, straight = new_id(), new_id(), new_id()
    marks: list[AttendanceStatus] = ["present", "absent", "present"]
    for revision, status in enumerate(marks, start=1):
        report = attendance(ada, NOON, status, meeting_id=meeting, course_id=course_id, revision=revision)
        await game.hear(report)
    await game.hear(attendance(straight, NOON, "present", meeting_id=meeting, course_id=course_id))
    assert await game.standing(ada) == await game.standing(straight)


async def test_an_older_revision_that_comes_late_changes_nothing(game: Game, ada: UUID) -> None:
    meeting = new_id()
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, revision=2))
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting, revision=1))
    assert (await game.player(ada)).total_xp == 0
    assert await game.store.events(ada) == []


async def test_a_regraded_quiz_is_worth_what_its_score_is_worth_now(game: Game, ada: UUID) -> None:
    perfect = replace(exercise(ada, NOON), score_percent=100)
    await game.hear(perfect)
    before = await game.standing(ada)
    await game.hear(replace(perfect, score_percent=70, revision=2))
    regraded = await game.player(ada)
    await game.hear(replace(perfect, revision=3))
    assert sum(line.amount for line in regraded.transactions if line.rule == "quiz_perfect") == 0
    assert "first_perfect_quiz" not in regraded.badges
    assert await game.standing(ada) == before


async def test_a_day_with_another_deed_stays_active_when_one_is_taken_back(game: Game, ada: UUID) -> None:
    meeting = new_id()
    await game.hear(exercise(ada, NOON), attendance(ada, NOON, "present", meeting_id=meeting))
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, revision=2))
    assert (await game.standing(ada)).active_days == [NOON.date()]
    assert len(await game.heard_of(ada, StreakUpdated)) == 1


async def test_a_correction_in_the_middle_parts_the_streak(game: Game, ada: UUID) -> None:
    meeting = new_id()
    game.now = NOON + 2 * DAY
    await game.hear(
        exercise(ada, NOON),
        attendance(ada, NOON + DAY, "present", meeting_id=meeting),
        exercise(ada, NOON + 2 * DAY),
    )
    await game.hear(attendance(ada, NOON + DAY, "absent", meeting_id=meeting, revision=2))
    told = [
        (event.current_days, event.longest_days, event.last_active_on)
        for event in await game.heard_of(ada, StreakUpdated)
    ]
    today = game.now.date()
    assert told == [
        (0, 1, today - 2 * DAY),
        (2, 2, today - DAY),
        (3, 3, today),
        (1, 1, today),
    ]


async def test_a_meeting_that_moved_to_another_day_counts_there(game: Game, ada: UUID) -> None:
    meeting, next_week = new_id(), NOON + 7 * DAY
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting))
    await game.hear(attendance(ada, next_week, "present", meeting_id=meeting, revision=2))
    standing = await game.standing(ada)
    assert standing.total_xp == 30
    assert standing.weeks == {MONDAY + 7 * DAY: (30, next_week)}
    assert standing.active_days == [next_week.date()]


async def test_points_count_in_the_week_in_which_they_were_earned(game: Game, ada: UUID) -> None:
    late_report = NOON - 7 * DAY
    await game.hear(exercise(ada, NOON), exercise(ada, late_report), lesson(ada, NOON + timedelta(hours=1)))
    assert (await game.standing(ada)).weeks == {
        MONDAY: (70, NOON + timedelta(hours=1)),
        MONDAY - 7 * DAY: (20, late_report),
    }


async def test_points_are_reached_when_the_last_deed_that_counts_happened(game: Game, ada: UUID) -> None:
    meeting, earlier = new_id(), NOON - timedelta(hours=3)
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting), exercise(ada, earlier))
    assert (await game.standing(ada)).reached_at == NOON
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, revision=2))
    assert (await game.standing(ada)).reached_at == earlier
    assert (await game.standing(ada)).weeks == {MONDAY: (20, earlier)}


async def test_each_level_is_announced_once_also_those_that_were_leapt_over(game: Game, ada: UUID) -> None:
    await game.hear(course(ada, NOON))
    assert [event.level for event in await game.heard_of(ada, LevelUp)] == [2, 3]


async def test_a_level_lost_by_a_correction_and_regained_is_not_announced_again(game: Game, ada: UUID) -> None:
    meeting = new_id()
    await game.hear(lesson(ada, NOON), exercise(ada, NOON))
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting))
    assert (await game.player(ada)).level == 2
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, revision=2))
    assert (await game.player(ada)).level == 1
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting, revision=3))
    assert (await game.player(ada)).level == 2
    assert [event.level for event in await game.heard_of(ada, LevelUp)] == [2]


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", date(2026, 3, 4)),
        ("Asia/Jakarta", date(2026, 3, 5)),
        ("America/Los_Angeles", date(2026, 3, 4)),
        ("Pacific/Kiritimati", date(2026, 3, 5)),
    ],
)
async def test_a_deed_belongs_to_the_day_it_happened_on_where_the_learner_is(
    game: Game, ada: UUID, zone: str, day: date
) -> None:
    await game.live_in(ada, zone)
    await game.hear(exercise(ada, datetime(2026, 3, 4, 17, 30, tzinfo=UTC)))
    assert (await game.standing(ada)).active_days == [day]
    assert [event.earned_on for event in await game.heard_of(ada, XpEarned)] == [day]


async def test_who_moves_keeps_the_days_that_were_counted(game: Game, ada: UUID) -> None:
    evening = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
    await game.live_in(ada, "Asia/Jakarta")
    await game.hear(exercise(ada, evening))
    await game.live_in(ada, "America/Los_Angeles", since=evening)
    await game.hear(exercise(ada, evening))
    assert (await game.standing(ada)).active_days == [date(2026, 3, 4), date(2026, 3, 5)]


async def test_what_is_known_is_no_news_when_it_is_told_again_after_a_move(game: Game, ada: UUID) -> None:
    done = exercise(ada, datetime(2026, 3, 4, 17, 30, tzinfo=UTC))
    await game.hear(done)
    for zone in ("Asia/Jakarta", "Pacific/Niue"):
        await game.live_in(ada, zone)
        await game.hear(done)
    assert len(await game.heard_of(ada, XpEarned)) == 1


async def test_of_two_tales_of_one_exercise_the_earlier_holds_whichever_comes_first(game: Game, ada: UUID) -> None:
    once, ben = exercise(ada, NOON), new_id()
    again = replace(once, completed_at=NOON + DAY, score_percent=100)
    await game.hear(once, again)
    await game.hear(replace(again, student_id=ben), replace(once, student_id=ben))
    assert await game.standing(ada) == await game.standing(ben)
    assert (await game.standing(ben)).active_days == [NOON.date()]


async def test_a_meeting_counts_on_the_day_it_was_held_on(game: Game, ada: UUID) -> None:
    await game.live_in(ada, "America/Los_Angeles")
    held_on = date(2026, 3, 5)
    await game.hear(attendance(ada, datetime(2026, 3, 5, 1, tzinfo=UTC), "present", meeting_id=new_id(), on=held_on))
    assert (await game.standing(ada)).active_days == [held_on]


async def test_who_is_not_known_yet_lives_by_the_academys_clock(game: Game, ada: UUID) -> None:
    jakarta = Game(game.store, catalogue=RULES_ALONE, academy_zone=ZoneInfo("Asia/Jakarta"))
    await jakarta.hear(exercise(ada, datetime(2026, 3, 8, 17, 30, tzinfo=UTC)))
    standing = await jakarta.standing(ada)
    assert standing.active_days == [date(2026, 3, 9)]
    assert list(standing.weeks) == [date(2026, 3, 9)]


async def test_weeks_are_the_academys_for_all_learners_alike(game: Game, ada: UUID) -> None:
    sunday_night = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    ben = new_id()
    await game.live_in(ada, "Pacific/Kiritimati")
    await game.live_in(ben, "Pacific/Niue")
    await game.hear(exercise(ada, sunday_night), exercise(ben, sunday_night))
    assert list((await game.standing(ada)).weeks) == list((await game.standing(ben)).weeks) == [MONDAY]


async def many_days(game: Game, learner: UUID, *, first: int, length: int) -> None:
    """Five runs of days, the first of which begins `first` days ago."""
    for start in range(first, first - 50, -10):
        await game.hear(*(exercise(learner, NOON - (start - day) * DAY) for day in range(length)))


async def test_a_gap_is_closed_however_long_ago_and_whatever_came_since(game: Game, ada: UUID) -> None:
    await game.hear(exercise(ada, NOON - 100 * DAY), exercise(ada, NOON - 98 * DAY))
    await many_days(game, ada, first=60, length=2)
    await game.hear(exercise(ada, NOON - 99 * DAY))
    standing = await game.standing(ada)
    assert standing.days[(NOON - 98 * DAY).date()].after.streaks.days == 3
    assert standing.streak.longest_days == 3
    assert {day.after.streaks.longest_days for day in standing.days.values()} == {1, 2, 3}


async def test_when_the_longest_streak_is_corrected_the_second_longest_takes_its_place(game: Game, ada: UUID) -> None:
    meeting, second = new_id(), NOON - 99 * DAY
    await game.hear(
        *(exercise(ada, NOON - ago * DAY) for ago in (100, 98, 97)),
        attendance(ada, second, "present", meeting_id=meeting),
        *(exercise(ada, NOON - ago * DAY) for ago in (80, 79, 78)),
    )
    await many_days(game, ada, first=60, length=1)
    await game.hear(attendance(ada, second, "absent", meeting_id=meeting, revision=2))
    assert [event.longest_days for event in await game.heard_of(ada, StreakUpdated)][-2:] == [4, 3]
