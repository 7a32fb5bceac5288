"""The rulebook: what earns how much, up to which cap, and since when."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from babyowl_chassis.ids import new_id
from gamification.domain.rules import Outcome, Rulebook, SourceKind
from gamification.domain.values import Deed, Source
from gamification.infrastructure.catalogue import load_catalogue
from gamification.infrastructure.rules import read_rules

from .game import NOON, RULES_ALONE, Game, Store
from .reports import attendance, exercise

TODAY = NOON.date()
DAY = timedelta(days=1)
WORDS = {"title": "Done", "text": "You have done it."}
DONE: dict[str, Any] = {**WORDS, "name": "done", "kind": "exercise", "outcomes": ["completed"], "xp": 20}


def rules(*entries: dict[str, Any]) -> Rulebook:
    return read_rules({"rules": list(entries)})


def deed(
    at: datetime = NOON,
    *,
    kind: str = "quiz",
    score: int | None = 90,
    day: date | None = None,
    exercise_id: UUID | None = None,
) -> Deed:
    return Deed(
        source=Source(SourceKind.EXERCISE, exercise_id or new_id()),
        outcome=Outcome.COMPLETED,
        revision=1,
        happened_at=at,
        zone="UTC",
        day=day or at.date(),
        counts_on=at.date(),
        exercise_kind=kind,
        score_percent=score,
    )


def names(rulebook: Rulebook, done: Deed) -> list[str]:
    return [rule.name for rule in rulebook.rules_for(done)]


@pytest.mark.parametrize(("score", "earns"), [(None, False), (89, False), (90, True), (100, True)])
def test_a_rule_can_ask_for_a_score(score: int | None, earns: bool) -> None:
    assert bool(names(rules({**DONE, "min_score": 90}), deed(score=score))) is earns


@pytest.mark.parametrize(("kind", "earns"), [("reading", False), ("quiz", True), ("coding", True)])
def test_a_rule_can_be_about_some_kinds_of_exercises(kind: str, earns: bool) -> None:
    assert bool(names(rules({**DONE, "exercise_kinds": ["quiz", "coding"]}), deed(kind=kind))) is earns


def test_a_deed_earns_by_every_rule_it_meets() -> None:
    both = rules(DONE, {**DONE, "name": "perfect", "min_score": 100})
    assert names(both, deed(score=100)) == ["done", "perfect"]
    assert names(both, deed(score=99)) == ["done"]


@pytest.mark.parametrize(
    ("day", "xp"),
    [(TODAY - 2 * DAY, 10), (TODAY - DAY, 10), (TODAY, 20), (TODAY + 5 * DAY, 20), (TODAY + 6 * DAY, 0)],
)
def test_what_is_done_on_a_day_earns_by_the_version_of_that_day(day: date, xp: int) -> None:
    versions = rules(
        {**DONE, "xp": 10, "until": TODAY - DAY}, {**DONE, "xp": 20, "since": TODAY, "until": TODAY + 5 * DAY}
    )
    assert sum(rule.xp for rule in versions.rules_for(deed(day=day))) == xp


def test_the_deed_that_reaches_a_cap_earns_what_is_left_of_it() -> None:
    capped = rules({**DONE, "daily_cap": 50})
    deeds = [deed(NOON + timedelta(minutes=minute)) for minute in range(4)]
    grants = capped.grants(reversed(deeds))
    assert [grants[each.source] for each in deeds] == [{"done": 20}, {"done": 20}, {"done": 10}, {}]


def test_a_cap_is_that_of_its_rule_alone() -> None:
    capped = rules({**DONE, "daily_cap": 20}, {**DONE, "name": "perfect", "min_score": 100, "xp": 5})
    first, second = deed(score=100), deed(NOON + DAY / 24, score=100)
    grants = capped.grants([first, second])
    assert grants == {first.source: {"done": 20, "perfect": 5}, second.source: {"perfect": 5}}


@given(st.permutations(range(6)), st.integers(1, 130))
def test_a_cap_is_shared_out_in_one_way_whatever_the_order(order: list[int], cap: int) -> None:
    # Two of them at one moment: then the ids decide.
    deeds = [deed(NOON + timedelta(minutes=minute // 2), exercise_id=UUID(int=minute)) for minute in range(6)]
    capped = rules({**DONE, "daily_cap": cap})
    grants = capped.grants([deeds[place] for place in order])
    assert grants == capped.grants(deeds)
    assert sum(sum(each.values()) for each in grants.values()) == min(cap, 120)


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([{**DONE, "outcomes": []}], "never applies"),
        ([{**DONE, "since": TODAY, "until": TODAY - DAY}], "ends before it begins"),
        ([{**DONE, "until": TODAY}, {**DONE, "since": TODAY}], "two versions"),
        ([{**DONE, "kind": "badge"}], "its own catalogue"),
    ],
)
def test_a_rulebook_that_makes_no_sense_is_refused(entries: list[dict[str, Any]], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        rules(*entries)


@pytest.mark.parametrize(
    "wrong",
    [
        {"xp": 0},
        {"daily_cap": 0},
        {"min_score": 101},
        {"kind": "dance"},
        {"exercise_kinds": ["song"]},
        {"x": 1},
        {"title": ""},
    ],
)
def test_a_rule_that_says_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rules({**DONE, **wrong})


@pytest.mark.parametrize("missing", ["title", "text"])
def test_a_rule_without_words_for_learners_is_refused(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        rules({name: value for name, value in DONE.items() if name != missing})


@pytest.mark.parametrize(("day", "title"), [(TODAY - DAY, "Old"), (TODAY, "New"), (TODAY + 9 * DAY, "New")])
def test_a_rule_is_called_as_it_was_on_the_day_and_one_that_has_ended_as_at_last(day: date, title: str) -> None:
    versions = rules(
        {**DONE, "title": "Old", "until": TODAY - DAY},
        {**DONE, "title": "New", "since": TODAY, "until": TODAY + DAY},
    )
    catalogue = replace(RULES_ALONE, rulebook=versions)
    assert catalogue.title_of(SourceKind.EXERCISE, "done", day) == title
    assert catalogue.title_of(SourceKind.EXERCISE, "undone", day) is None


def test_the_rulebook_of_the_game_rewards_every_kind_of_deed() -> None:
    rewarded = {(rule.kind, outcome) for rule in load_catalogue().rulebook.rules for outcome in rule.outcomes}
    assert rewarded == {
        (SourceKind.EXERCISE, Outcome.COMPLETED),
        (SourceKind.LESSON, Outcome.COMPLETED),
        (SourceKind.COURSE, Outcome.COMPLETED),
        (SourceKind.MEETING, Outcome.PRESENT),
        (SourceKind.MEETING, Outcome.LATE),
    }


def game_with(store: Store, rulebook: Rulebook) -> Game:
    return Game(store, catalogue=replace(RULES_ALONE, rulebook=rulebook))


async def test_what_is_heard_of_late_but_was_done_first_has_its_points_of_the_cap(store: Store) -> None:
    game, ada = game_with(store, rules({**DONE, "daily_cap": 30})), new_id()
    late, first, second = (exercise(ada, NOON + timedelta(minutes=minute)) for minute in range(3))
    await game.hear(first, second, late)
    player = await game.player(ada)
    granted = {each.happened_at: each.xp for each in player.deeds.values()}
    assert [granted[each.completed_at] for each in (late, first, second)] == [20, 10, 0]
    assert player.total_xp == 30
    standing = await game.standing(ada)
    assert standing.days[TODAY].xp == 30
    assert standing.reached_at == first.completed_at


async def test_a_correction_lets_others_have_what_it_no_longer_takes_of_the_cap(store: Store) -> None:
    there = {**WORDS, "name": "there", "kind": "meeting", "outcomes": ["present"], "xp": 20, "daily_cap": 30}
    game, ada, meeting = game_with(store, rules(there)), new_id(), new_id()
    await game.hear(attendance(ada, NOON, "present", meeting_id=meeting))
    await game.hear(attendance(ada, NOON + DAY / 24, "present", meeting_id=new_id()))
    assert (await game.player(ada)).total_xp == 30
    await game.hear(attendance(ada, NOON, "absent", meeting_id=meeting, revision=2))
    assert (await game.player(ada)).total_xp == 20
    amounts = [line.amount for line in sorted((await game.player(ada)).transactions, key=lambda line: line.id)]
    assert amounts == [20, 10, -20, -10, 20]


async def test_a_day_of_the_past_keeps_the_worth_it_had(store: Store) -> None:
    versions = rules({**DONE, "xp": 10, "until": TODAY - DAY}, {**DONE, "xp": 20, "since": TODAY})
    game, ada = game_with(store, versions), new_id()
    await game.hear(exercise(ada, NOON), exercise(ada, NOON - 7 * DAY))
    assert {day: each.xp for day, each in (await game.standing(ada)).days.items()} == {TODAY: 20, TODAY - 7 * DAY: 10}
