"""Staff take badges away and give them back; what the facts say goes on being counted beneath."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_contracts.gamification import BadgeRevoked, BadgeUnlocked, LevelUp, StreakUpdated, XpEarned
from babyowl_kernel import Ok, Refusal
from gamification.application.commands.reinstate_badge import ReinstateBadge
from gamification.application.commands.revoke_badge import RevokeBadge
from gamification.domain.badges import Badge, BadgeCatalogue, BadgeRevocation, Picture
from gamification.domain.catalogue import Catalogue
from gamification.domain.errors import BadgeNotFound, BadgeNotHeld, BadgeNotRevoked
from gamification.domain.facts import Fact
from gamification.domain.scores import Scope

from .game import NOON, Game, InMemory, InPostgres, Store
from .reports import attendance, exercise, lesson
from .stories import BEGINNING, END, Story, stories
from .test_convergence import CATALOGUE, EMPTY, adds_up, is_told, straight


async def revoke(game: Game, player_id: UUID, badge: str) -> BadgeRevocation | Refusal:
    """The revocation, or why it was refused."""
    outcome = await game.bus.execute(RevokeBadge(player_id, badge, "It was somebody else.", new_id()))
    return outcome.value if isinstance(outcome, Ok) else outcome.refusal


async def reinstate(game: Game, player_id: UUID, badge: str) -> Refusal | None:
    """Why it was refused, if it was."""
    outcome = await game.bus.execute(ReinstateBadge(player_id, badge))
    return None if isinstance(outcome, Ok) else outcome.refusal


async def ledger(game: Game, player_id: UUID, badge: str) -> list[int]:
    """What the ledger holds for a badge, oldest line first."""
    lines = sorted((await game.player(player_id)).transactions, key=lambda line: line.number)
    return [line.amount for line in lines if line.rule == f"badge_{badge}"]


async def test_a_revoked_badge_takes_its_points_along_and_nothing_else(game: Game) -> None:
    ada = new_id()
    await game.hear(exercise(ada, NOON - timedelta(days=1)), lesson(ada, NOON))
    before = await game.standing(ada)
    told = await game.heard_of(ada, StreakUpdated)
    revocation = await revoke(game, ada, "first_lesson")
    assert isinstance(revocation, BadgeRevocation)
    assert revocation.revoked_at == NOON
    after = await game.standing(ada)
    assert list(before.badges) == ["first_exercise", "first_lesson"]
    assert list(after.badges) == ["first_exercise"]
    assert before.total_xp - after.total_xp == 15
    assert after.scores == {
        key: (xp - 15 if key.scope is Scope.ACADEMY else xp, reached_at)
        for key, (xp, reached_at) in before.scores.items()
    }
    assert (after.active_days, after.streak, after.reached_at) == (
        before.active_days,
        before.streak,
        before.reached_at,
    )
    assert await game.heard_of(ada, StreakUpdated) == told
    assert await game.heard_of(ada, BadgeRevoked) == [
        BadgeRevoked(student_id=ada, badge="first_lesson", reason="revoked")
    ]
    assert [event.amount for event in await game.heard_of(ada, XpEarned)][-1] == -15
    await adds_up(game, ada)


async def test_a_badge_that_is_given_back_was_never_gone(game: Game) -> None:
    ada, earned_at = new_id(), NOON - timedelta(days=60)
    await game.hear(lesson(ada, earned_at), exercise(ada, NOON))
    before = await game.standing(ada)
    for _ in range(2):
        assert isinstance(await revoke(game, ada, "first_lesson"), BadgeRevocation)
        assert await reinstate(game, ada, "first_lesson") is None
    assert await game.standing(ada) == before
    assert await ledger(game, ada, "first_lesson") == [15, -15, 15, -15, 15]
    assert [
        event.earned_on for event in await game.heard_of(ada, BadgeUnlocked) if event.badge == "first_lesson"
    ] == [earned_at.date()] * 3


async def test_a_level_that_a_badge_had_brought_is_not_announced_twice(game: Game) -> None:
    ada = new_id()
    await game.hear(*(exercise(ada, NOON + timedelta(minutes=minute)) for minute in range(5)))
    assert (await game.player(ada)).level == 2
    await revoke(game, ada, "first_exercise")
    await game.hear(exercise(ada, NOON + timedelta(hours=1)))
    await reinstate(game, ada, "first_exercise")
    assert [event.level for event in await game.heard_of(ada, LevelUp)] == [2]


async def test_what_staff_took_away_is_not_earned_anew_by_a_correction(game: Game) -> None:
    ada, meeting = new_id(), new_id()
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting))
    await revoke(game, ada, "first_meeting")
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, revision=2))
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting, revision=3))
    assert (await game.standing(ada)).badges == {}
    assert await ledger(game, ada, "first_meeting") == [10, -10]
    assert await reinstate(game, ada, "first_meeting") is None
    assert (await game.standing(ada)).badges == {"first_meeting": NOON.date()}


async def test_a_badge_that_a_correction_undid_meanwhile_is_not_given_back(game: Game) -> None:
    ada, meeting = new_id(), new_id()
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting))
    await revoke(game, ada, "first_meeting")
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, revision=2))
    assert await reinstate(game, ada, "first_meeting") is None
    standing = await game.standing(ada)
    assert (standing.badges, standing.total_xp) == ({}, 0)
    assert (await game.player(ada)).revocations == {}


async def test_a_badge_comes_back_on_the_day_that_late_news_moved_it_to(game: Game) -> None:
    ada = new_id()
    await game.hear(lesson(ada, NOON))
    await revoke(game, ada, "first_lesson")
    await game.hear(lesson(ada, NOON - timedelta(days=20)))
    await reinstate(game, ada, "first_lesson")
    assert (await game.standing(ada)).badges["first_lesson"] == (NOON - timedelta(days=20)).date()
    await adds_up(game, ada)


async def test_refusals_name_the_badge(game: Game) -> None:
    ada, nobody = new_id(), new_id()
    await game.hear(exercise(ada, NOON))
    assert await revoke(game, ada, "first_nap") == BadgeNotFound("first_nap")
    assert await revoke(game, ada, "first_lesson") == BadgeNotHeld("first_lesson")
    assert await revoke(game, nobody, "first_lesson") == BadgeNotHeld("first_lesson")
    assert await reinstate(game, ada, "first_nap") == BadgeNotFound("first_nap")
    assert await reinstate(game, ada, "first_exercise") == BadgeNotRevoked("first_exercise")
    assert await reinstate(game, nobody, "first_exercise") == BadgeNotRevoked("first_exercise")


@pytest.mark.parametrize("asked", [1, 4])
async def test_a_badge_once_held_stays_when_the_catalogue_asks_for_more_or_less(store: Store, asked: int) -> None:
    ada, long_ago = new_id(), NOON - timedelta(days=60)
    before = Game(store, catalogue=asking_for(2))
    await before.hear(lesson(ada, long_ago), lesson(ada, long_ago), lesson(ada, NOON))
    held = {"lessons": long_ago.date()}
    assert (await before.standing(ada)).badges == held
    after = Game(store, catalogue=asking_for(asked))
    await after.hear(lesson(ada, NOON), lesson(ada, NOON))
    assert (await after.standing(ada)).badges == held
    assert await ledger(after, ada, "lessons") == [7]
    assert len(await after.heard_of(ada, BadgeUnlocked)) == 1


def asking_for(lessons: int) -> Catalogue:
    """A catalogue with one badge."""
    badge = Badge(
        id="lessons",
        fact=Fact.LESSONS,
        at_least=lessons,
        xp=7,
        title="Lessons",
        text="For lessons.",
        picture=Picture("stairs", "gold", "A medal."),
    )
    return replace(CATALOGUE, badges=BadgeCatalogue([badge]))


@dataclass(frozen=True)
class Decision:
    """Staff change their mind about a badge after so many of the reports have arrived."""

    after: int
    badge: str
    gone: bool


decisions = st.lists(
    st.builds(
        Decision,
        st.integers(0, 30),
        st.sampled_from([badge.id for badge in CATALOGUE.badges if badge.at_least <= 4]),
        st.booleans(),
    ),
    max_size=12,
)


async def decided(game: Game, player_id: UUID, decision: Decision) -> None:
    if decision.gone:
        await revoke(game, player_id, decision.badge)
    else:
        await reinstate(game, player_id, decision.badge)


async def converges(game: Game, story: Story, made: list[Decision]) -> None:
    """What was decided while reports came in any order comes to the same as deciding it in the end."""
    for number, report in enumerate(story.arrivals):
        game.now = BEGINNING + (END - BEGINNING) * (number / len(story.arrivals))
        for decision in made:
            if decision.after == number:
                await decided(game, story.learner_id, decision)
        await game.receive(report)
    game.now = END
    await game.settle()
    right = await straight(story)
    if await right.store.player(story.learner_id) is None:
        return
    for badge in (await game.player(story.learner_id)).revocations:
        # What is not earned in the end is refused here, and gives nothing there.
        await revoke(right, story.learner_id, badge)
    assert await game.standing(story.learner_id) == await right.standing(story.learner_id)
    await adds_up(game, story.learner_id)
    await is_told(game, story.learner_id)


@settings(max_examples=50, deadline=None)
@given(stories(), decisions)
async def test_decisions_and_news_commute_in_memory(story: Story, made: list[Decision]) -> None:
    await converges(Game(InMemory(), catalogue=CATALOGUE), story, made)


@pytest.mark.infra
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories(), made=decisions)
async def test_decisions_and_news_commute_in_postgres_too(pool: Pool, story: Story, made: list[Decision]) -> None:
    await pool.execute(EMPTY)
    await converges(Game(InPostgres(pool), catalogue=CATALOGUE), story, made)


@pytest.mark.infra
async def test_news_and_decisions_that_race_end_as_if_they_had_come_one_after_the_other(pool: Pool) -> None:
    game, straight_run = Game(InPostgres(pool)), Game(InMemory())
    ada = new_id()
    deeds = [exercise(ada, NOON - timedelta(days=day)) for day in range(9)]
    for each in (game, straight_run):
        await each.hear(deeds[0])
    await asyncio.gather(
        revoke(game, ada, "first_exercise"),
        *(game.hear(deed) for deed in deeds[1:]),
        revoke(game, ada, "first_exercise"),
    )
    await straight_run.hear(*deeds[1:])
    await revoke(straight_run, ada, "first_exercise")
    await game.settle()
    assert await game.standing(ada) == await straight_run.standing(ada)
    assert "first_exercise" not in (await game.standing(ada)).badges
