"""Whatever the order in which classes, courses and deeds are heard of, and however often: the same quests in the end.

The straight run hears everything in the order in which it came about, so that no fact is late.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_contracts import Envelope
from babyowl_contracts.learning import ExerciseKind
from gamification.domain.curriculum import Span
from gamification.domain.quests import NOTHING_TO_DO, PlayerQuest
from gamification.domain.zones import ZoneHistory

from .game import GREENWICH, NOON, Game, InMemory, InPostgres, Standing
from .reports import attendance
from .school import School, planned

DAYS = 12
KINDS: tuple[ExerciseKind, ...] = ("reading", "quiz", "coding")
EXERCISES = st.lists(st.sampled_from(KINDS), min_size=1, max_size=4)
hours = st.integers(-DAYS * 24, -1).map(lambda hours: NOON + timedelta(hours=hours))


@dataclass(frozen=True)
class Story:
    """What happened to two learners, in the order it came about, and as it was heard of."""

    learners: tuple[UUID, UUID]
    straight: tuple[Envelope, ...]
    heard: tuple[Envelope, ...]
    zone: str


@st.composite
def stories(draw: st.DrawFn) -> Story:
    learners = (new_id(), new_id())
    school = School(time_zone=draw(st.sampled_from(["UTC", "Asia/Jakarta", "America/Los_Angeles"])))
    told: list[Envelope] = []
    moments = iter(sorted(draw(st.lists(hours, min_size=40, max_size=40, unique=True))))
    lessons = [school.lesson(*draw(EXERCISES)) for _ in range(4)]
    meetings = [planned(draw(hours) + timedelta(hours=draw(st.integers(0, 96)))) for _ in range(3)]
    left = {learner: [each for lesson in lessons for each in school.exercises(lesson)] for learner in learners}
    told.append(school.published(next(moments), is_open=draw(st.booleans())))
    told.append(school.created(next(moments), meetings[:2]))
    for at in moments:
        learner = draw(st.sampled_from(learners))
        match draw(st.integers(0, 15)):
            case 0 | 1 | 2:
                told.append(school.enrolled(learner, at))
            case 3:
                told.append(school.withdrawn(learner, at))
            case 4 | 5 | 6:
                whom = draw(st.sampled_from([None, learner]))
                told.append(
                    school.unlocked(at, *draw(st.sets(st.sampled_from(lessons), min_size=1)), student_id=whom)
                )
            case 7:
                told.append(school.locked(at, draw(st.sampled_from(lessons))))
            case 8:
                told.append(school.published(at, is_open=draw(st.booleans())))
            case 9:
                told.append(school.moved(at, draw(st.sampled_from(meetings)), draw(hours)))
            case 10:
                told.append(school.called_off(at, draw(st.sampled_from(meetings))))
            case 11:
                told.append(school.edited(at, draw(st.lists(st.sampled_from(meetings), unique=True))))
            case 12:
                meeting = draw(st.sampled_from(meetings))
                report = attendance(learner, at, "present", meeting_id=meeting.meeting_id)
                told.append(Envelope(id=new_id(), subject=new_id(), time=at, aggregateseq=1, data=report))
            case _:
                if left[learner]:
                    done = left[learner].pop(draw(st.integers(0, len(left[learner]) - 1)))
                    told.append(school.done(learner, done, at, percent=draw(st.sampled_from([60, 100]))))
    again = draw(st.lists(st.sampled_from(told), max_size=8))
    return Story(
        learners,
        straight=tuple(told),
        heard=tuple(draw(st.permutations([*told, *again]))),
        zone=draw(st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"])),
    )


async def converges(played: Game, straight: Game, story: Story) -> None:
    for game, envelopes in ((straight, story.straight), (played, story.heard)):
        for learner in story.learners:
            await game.live_in(learner, story.zone)
        for envelope in envelopes:
            if game is straight:
                game.now = envelope.time
            await game.receive(envelope)
            if game is straight:
                await game.settle()
        game.now = NOON
        await game.settle()
    for learner in story.learners:
        if await straight.store.player(learner) is None:
            continue
        there, here = await straight.standing(learner), await played.standing(learner)
        assert quests_of(here) == quests_of(there)
        assert here == there
        player = await played.player(learner)
        assert player.total_xp == sum(line.amount for line in player.transactions)


def quests_of(standing: Standing) -> dict[str, tuple[int, object]]:
    """The same as within the standing, but easier to read when it is another one."""
    return {
        f"{period.cadence} {period.starts_on} {name}": (quest.progress, quest.completed_on)
        for (period, name), quest in standing.quests.items()
    }


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(stories())
async def test_in_memory(story: Story) -> None:
    await converges(Game(InMemory()), Game(InMemory()), story)


@pytest.mark.infra
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(story=stories())
async def test_in_postgres_too_and_like_a_run_that_holds_everything_in_memory(pool: Pool, story: Story) -> None:
    # A course that was open in another story would be there for everybody.
    await pool.execute("TRUNCATE publications, published_lessons")
    await converges(Game(InPostgres(pool)), Game(InMemory()), story)


async def test_the_stories_have_quests_that_are_completed() -> None:
    """Guards the guard: if nothing was ever drawn, nothing would be proved."""
    told: list[Story] = []

    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(stories())
    def listen(story: Story) -> None:
        told.append(story)

    listen()
    kept: list[PlayerQuest] = []
    for story in told:
        game = Game(InMemory())
        await game.receive(*story.heard)
        await game.settle()
        for learner in story.learners:
            player = await game.store.player(learner)
            kept += player.quests.values() if player else ()
    assert sum(quest.completed for quest in kept) > 10
    assert sum(not quest.completed for quest in kept) > 10


async def test_the_stories_have_newcomers_whose_quests_were_drawn_in_vain_at_first() -> None:
    """Guards the guard: there are quests of periods in which nothing was possible when something was first done."""
    told: list[Story] = []

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(stories())
    def listen(story: Story) -> None:
        told.append(story)

    listen()
    newcomers = {"daily": 0, "weekly": 0}
    for story in told:
        game = Game(InMemory())
        await game.receive(*story.heard)
        await game.settle()
        for learner in story.learners:
            player = await game.store.player(learner)
            for period in {quest.period for quest in player.quests.values()} if player else ():
                begun = ZoneHistory(await game.store.zones(learner), GREENWICH).begins(period.starts_on)
                done = [day.first_at for day in player.days.values() if day.day in period] if player else []
                async with game.store.transactions.begin(locking=True) as transaction:
                    could = await transaction.uow.curriculum.opportunities(  # type: ignore[attr-defined]
                        learner, Span(period, begun, min(done, default=begun)), otherwise=GREENWICH
                    )
                newcomers[period.cadence] += could == NOTHING_TO_DO and bool(done)
    assert min(newcomers.values()) > 5, newcomers
