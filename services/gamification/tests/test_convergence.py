"""Whatever the order of reports, and however often they come, the end is that of having been right at first."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_contracts import Event
from babyowl_contracts.class_ import AttendanceMarked, AttendanceStatus
from babyowl_contracts.gamification import LevelUp, StreakUpdated, XpEarned
from gamification.domain.streaks import Streak

from .game import NOON, Game, InMemory, InPostgres, Standing
from .reports import attendance, course, exercise, lesson

# Days far enough apart, and deeds enough, that Postgres holds runs which a deed does not load.
hours = st.integers(-40 * 24, 2 * 24).map(lambda hours: timedelta(hours=hours))
NO_STREAK = Streak(0, 0, None)
statuses = st.sampled_from(get_args(AttendanceStatus))


@dataclass(frozen=True)
class Story:
    """What happened to one learner: every report there was, as they arrived, and the last of each source."""

    learner_id: UUID
    arrivals: tuple[tuple[UUID, Event], ...]
    right_at_first: tuple[Event, ...]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    learner = new_id()
    kinds: list[Callable[[UUID, datetime], Event]] = [exercise, lesson, course]
    once = [draw(st.sampled_from(kinds))(learner, NOON + moment) for moment in draw(st.lists(hours, max_size=24))]
    meetings = []
    for _ in range(draw(st.integers(0, 3))):
        meeting_id, starts_at = new_id(), NOON + draw(hours)
        moved = draw(st.booleans())
        meetings.append(
            [
                attendance(
                    learner,
                    NOON + draw(hours) if moved else starts_at,
                    status,
                    meeting_id=meeting_id,
                    revision=revision,
                )
                for revision, status in enumerate(draw(st.lists(statuses, min_size=1, max_size=4)), start=1)
            ]
        )
    reports = [(new_id(), report) for report in (*once, *(each for meeting in meetings for each in meeting))]
    again = draw(st.lists(st.sampled_from(reports), max_size=6)) if reports else []
    as_news = [(new_id(), report) if draw(st.booleans()) else (known, report) for known, report in again]
    return Story(
        learner,
        arrivals=tuple(draw(st.permutations([*reports, *as_news]))),
        right_at_first=(*once, *(replace(meeting[-1], revision=1) for meeting in meetings)),
    )


async def converges(played: Game, straight: Game, story: Story) -> None:
    for event_id, event in story.arrivals:
        await played.hear(event, event_id=event_id)
    twin = new_id()
    await straight.hear(*(replace(event, student_id=twin) for event in story.right_at_first))  # type: ignore[call-arg]
    if not story.arrivals:
        return
    player = await played.player(story.learner_id)
    assert Standing.of(player) == await straight.standing(twin)
    assert player.total_xp == sum(line.amount for line in player.transactions)
    told = await played.heard_of(story.learner_id, XpEarned)
    assert [(event.transaction_id, event.amount) for event in told] == [
        (line.id, line.amount) for line in sorted(player.transactions, key=lambda line: line.id)
    ]
    levels = [event.level for event in await played.heard_of(story.learner_id, LevelUp)]
    assert levels == list(range(2, player.announced_level + 1))
    assert player.announced_level >= player.level
    streaks = await played.heard_of(story.learner_id, StreakUpdated)
    last_told = (
        Streak(streaks[-1].current_days, streaks[-1].longest_days, streaks[-1].last_active_on)
        if streaks
        else NO_STREAK
    )
    assert last_told == player.active_days.streak(played.now.date())


@settings(deadline=None)
@given(stories())
async def test_in_memory(story: Story) -> None:
    await converges(Game(InMemory()), Game(InMemory()), story)


@pytest.mark.infra
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
async def test_in_postgres_too_and_like_a_run_that_holds_everything_in_memory(pool: Pool, story: Story) -> None:
    await converges(Game(InPostgres(pool)), Game(InMemory()), story)


def test_the_stories_contain_corrections() -> None:
    """Guards the guard: without corrections among them the properties above would prove little."""
    corrected: list[Event] = []

    @settings(max_examples=50, deadline=None, database=None)
    @given(stories())
    def look(story: Story) -> None:
        corrected.extend(
            event for _, event in story.arrivals if isinstance(event, AttendanceMarked) and event.revision > 1
        )

    look()
    assert corrected
