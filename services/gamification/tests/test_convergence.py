"""Whatever the order of reports, and however often they come, the end is that of having been right at first."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from babyowl_chassis.database import Pool
from babyowl_contracts import Event
from babyowl_contracts.class_ import AttendanceMarked
from babyowl_contracts.gamification import (
    BadgeRevoked,
    BadgeUnlocked,
    LevelUp,
    QuestCompleted,
    QuestReopened,
    StreakUpdated,
    XpEarned,
)
from gamification.domain.badges import Badge, BadgeCatalogue, Picture
from gamification.domain.catalogue import Catalogue
from gamification.domain.facts import Fact
from gamification.domain.streaks import Streak
from gamification.infrastructure.catalogue import load_catalogue
from gamification.infrastructure.rules import read_rules

from .game import NOON, Game, InMemory, InPostgres
from .stories import BEGINNING, END, Story, stories

WORDS = {"title": "A rule", "text": "For what was done."}

# Caps that are reached, a rule that changes amid the story, and badges near enough to be earned and lost in it.
RULEBOOK = read_rules(
    {
        "rules": [
            {
                **WORDS,
                "name": "exercise_completed",
                "kind": "exercise",
                "outcomes": ["completed"],
                "xp": 20,
                "daily_cap": 50,
                "until": NOON.date() - timedelta(days=3),
            },
            {
                **WORDS,
                "name": "exercise_completed",
                "kind": "exercise",
                "outcomes": ["completed"],
                "xp": 30,
                "daily_cap": 70,
                "since": NOON.date() - timedelta(days=2),
            },
            {**WORDS, "name": "good_score", "kind": "exercise", "outcomes": ["completed"], "min_score": 90, "xp": 5},
            {**WORDS, "name": "lesson_completed", "kind": "lesson", "outcomes": ["completed"], "xp": 50},
            {**WORDS, "name": "course_completed", "kind": "course", "outcomes": ["completed"], "xp": 300},
            {**WORDS, "name": "there", "kind": "meeting", "outcomes": ["present", "late"], "xp": 15, "daily_cap": 20},
            {**WORDS, "name": "on_time", "kind": "meeting", "outcomes": ["present"], "xp": 15},
        ]
    }
)
BADGES = BadgeCatalogue(
    Badge(
        id=f"{fact}_{at_least}",
        fact=fact,
        at_least=at_least,
        xp=10 * at_least,
        title="A badge",
        text="For something.",
        picture=Picture("pencil", "bronze", "A medal."),
    )
    for fact in Fact
    for at_least in (1, 2, 4, 8)
)
CATALOGUE = Catalogue(RULEBOOK, BADGES, load_catalogue().quests)

EMPTY = (
    "TRUNCATE players, holidays, zone_changes, recounts, seat_changes, lesson_locks, publications,"
    " published_lessons, meetings, timetables, classes, class_members, event_log, outbox CASCADE"
)


async def played(game: Game, story: Story, *, on_the_way: bool) -> Game:
    """Let the reports arrive: on the way from the beginning to the end, or all of them at the end."""
    for number, report in enumerate(story.arrivals):
        game.now = BEGINNING + (END - BEGINNING) * (number / len(story.arrivals)) if on_the_way else END
        await game.receive(report)
    game.now = END
    await game.settle()
    return game


async def straight(story: Story) -> Game:
    """What was so is known when it was so."""
    game = Game(InMemory(), catalogue=CATALOGUE, now=BEGINNING)
    for report in story.right_at_first:
        game.now = report.time
        await game.receive(report)
    game.now = END
    await game.settle()
    return game


async def converges(game: Game, story: Story, *, on_the_way: bool) -> None:
    await played(game, story, on_the_way=on_the_way)
    right = await straight(story)
    if await right.store.player(story.learner_id) is None:
        return
    assert await game.standing(story.learner_id) == await right.standing(story.learner_id)
    await adds_up(game, story.learner_id)
    await is_told(game, story.learner_id)


async def adds_up(game: Game, learner_id: UUID) -> None:
    """What is kept for quick reading is what the ledger and the days say."""
    player = await game.player(learner_id)
    assert player.total_xp == sum(line.amount for line in player.transactions)
    earned: dict[date, int] = {}
    for line in player.transactions:
        earned[line.earned_on] = earned.get(line.earned_on, 0) + line.amount
    assert {day.day: day.xp for day in player.days.values() if day.xp} == {
        day: xp for day, xp in earned.items() if xp
    }
    for deed in player.deeds.values():
        assert deed.xp == sum(line.amount for line in player.transactions if line.source == deed.source)


async def is_told(game: Game, learner_id: UUID) -> None:
    """Who has only listened knows the points, the levels, the badges and the quests."""
    player = await game.player(learner_id)
    told = await game.heard_of(learner_id, XpEarned)
    assert [(event.transaction_id, event.amount) for event in told] == [
        (line.id, line.amount) for line in sorted(player.transactions, key=lambda line: line.id)
    ]
    levels = [event.level for event in await game.heard_of(learner_id, LevelUp)]
    assert levels == list(range(2, player.announced_level + 1))
    assert player.announced_level >= player.level
    badges: dict[str, date] = {}
    quests: dict[tuple[str, str, date], date] = {}
    for event in await game.store.events(learner_id):
        match event:
            case BadgeUnlocked():
                badges[event.badge] = event.earned_on
            case BadgeRevoked():
                del badges[event.badge]
            case QuestCompleted():
                quests[event.quest, event.cadence, event.starts_on] = event.completed_on
            case QuestReopened():
                del quests[event.quest, event.cadence, event.starts_on]
    assert badges == player.badges
    assert quests == {
        (quest.quest, quest.cadence.value, quest.starts_on): quest.completed_on
        for quest in player.quests.values()
        if quest.completed
    }
    streaks = await game.heard_of(learner_id, StreakUpdated)
    shown = player.told_streak or Streak(0, 0, None)
    last = streaks[-1] if streaks else None
    assert (shown.current_days, shown.longest_days, shown.last_active_on, shown.freezes) == (
        (last.current_days, last.longest_days, last.last_active_on, last.freezes) if last else (0, 0, None, 0)
    )


@settings(deadline=None)
@given(stories(), st.booleans())
async def test_in_memory(story: Story, on_the_way: bool) -> None:
    await converges(Game(InMemory(), catalogue=CATALOGUE), story, on_the_way=on_the_way)


@pytest.mark.infra
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories(), on_the_way=st.booleans())
async def test_in_postgres_too_and_like_a_run_that_holds_everything_in_memory(
    pool: Pool, story: Story, on_the_way: bool
) -> None:
    await pool.execute(EMPTY)
    await converges(Game(InPostgres(pool), catalogue=CATALOGUE), story, on_the_way=on_the_way)


def test_the_stories_contain_corrections() -> None:
    """Guards the guard: without corrections among them the properties above would prove little."""
    corrected: list[Event] = []

    @settings(max_examples=50, deadline=None, database=None)
    @given(stories())
    def look(story: Story) -> None:
        corrected.extend(
            report.data
            for report in story.arrivals
            if isinstance(report.data, AttendanceMarked) and report.data.revision > 1
        )

    look()
    assert corrected
