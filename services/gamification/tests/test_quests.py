"""What is asked of a learner, and how far they are with it: rules alone, without a database."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from importlib.resources import files
from tomllib import loads
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from babyowl_chassis.ids import new_id
from gamification.domain.facts import Fact
from gamification.domain.quests import (
    NEEDED,
    Cadence,
    Opportunities,
    Opportunity,
    Period,
    PlayerQuest,
    Quest,
    QuestCatalogue,
    faults_in,
)
from gamification.infrastructure.quests import read_quests

WEDNESDAY = date(2026, 3, 4)
MONDAY = date(2026, 3, 2)
PLENTY = Opportunities(exercises=99, readings=99, quizzes=99, coding_exercises=99, lessons=99, meetings=99)
NOTHING = Opportunities()


def quest(name: str = "read", fact: Fact = Fact.EXERCISES, target: int = 1, *, at_least: int | None = None) -> Quest:
    return Quest(
        id=name,
        cadence=Cadence.DAILY,
        fact=fact,
        target=target,
        xp=10,
        title=name,
        text=name,
        at_least=at_least or target,
    )


ONE_OF_EACH = QuestCatalogue(tuple(quest(f"daily_{fact}", fact) for fact in NEEDED))


def drawn(
    catalogue: QuestCatalogue, player_id: UUID, day: date = WEDNESDAY, can: Opportunities = PLENTY
) -> tuple[str, ...]:
    return tuple(each.id for each in catalogue.draw(player_id, Cadence.DAILY, day, can))


def test_the_draw_is_the_same_whenever_it_is_made() -> None:
    assert drawn(ONE_OF_EACH, UUID(int=1)) == drawn(ONE_OF_EACH, UUID(int=1))
    backwards = QuestCatalogue(ONE_OF_EACH.quests[::-1])
    assert drawn(backwards, UUID(int=1)) == drawn(ONE_OF_EACH, UUID(int=1))


def test_the_draw_does_not_change_from_one_release_to_the_next() -> None:
    lots = {
        sha256(f"{UUID(int=1)}:daily:2026-03-04:daily_{fact}".encode()).hexdigest(): f"daily_{fact}"
        for fact in NEEDED
    }
    assert drawn(ONE_OF_EACH, UUID(int=1)) == tuple(lots[lot] for lot in sorted(lots, reverse=True)[:3])
    assert drawn(ONE_OF_EACH, UUID(int=1)) == ("daily_lessons", "daily_perfect_quizzes", "daily_quizzes")


def test_learners_and_days_differ() -> None:
    learners = {drawn(ONE_OF_EACH, UUID(int=number)) for number in range(40)}
    days = {drawn(ONE_OF_EACH, UUID(int=1), WEDNESDAY + timedelta(days=number)) for number in range(40)}
    assert len(learners) > 20
    assert len(days) > 20


def test_every_quest_has_its_turn_about_as_often() -> None:
    turns = Counter(name for number in range(2000) for name in drawn(ONE_OF_EACH, UUID(int=number)))
    assert set(turns) == {each.id for each in ONE_OF_EACH.quests}
    assert min(turns.values()) > 0.8 * max(turns.values())


@pytest.mark.parametrize(("cadence", "places"), [(Cadence.DAILY, 3), (Cadence.WEEKLY, 2)])
def test_three_quests_are_drawn_for_a_day_and_two_for_a_week(cadence: Cadence, places: int) -> None:
    catalogue = QuestCatalogue(tuple(replace(each, cadence=cadence) for each in ONE_OF_EACH.quests))
    assert len(catalogue.draw(UUID(int=1), cadence, MONDAY, PLENTY)) == places
    other = Cadence.WEEKLY if cadence is Cadence.DAILY else Cadence.DAILY
    assert catalogue.draw(UUID(int=1), other, MONDAY, PLENTY) == ()


def test_no_two_of_one_draw_are_about_the_same() -> None:
    catalogue = QuestCatalogue(
        (*(quest(f"some_{target}", Fact.EXERCISES, target) for target in range(1, 9)), quest("lesson", Fact.LESSONS))
    )
    for number in range(50):
        facts = [each.fact for each in catalogue.draw(UUID(int=number), Cadence.DAILY, WEDNESDAY, PLENTY)]
        assert sorted(facts) == [Fact.EXERCISES, Fact.LESSONS]


@pytest.mark.parametrize(
    ("can", "suits"),
    [
        (NOTHING, False),
        (Opportunities(exercises=2), False),
        (Opportunities(exercises=3), True),
        (Opportunities(lessons=9, meetings=9, quizzes=9), False),
    ],
)
def test_a_quest_is_drawn_only_if_it_can_be_done(can: Opportunities, suits: bool) -> None:
    catalogue = QuestCatalogue((quest("three", Fact.EXERCISES, 3),))
    assert bool(drawn(catalogue, UUID(int=1), can=can)) is suits


def test_where_not_every_attempt_succeeds_there_must_be_more_to_do_than_the_target() -> None:
    catalogue = QuestCatalogue((quest("perfect", Fact.PERFECT_QUIZZES, 1, at_least=3),))
    assert drawn(catalogue, UUID(int=1), can=Opportunities(quizzes=2)) == ()
    assert drawn(catalogue, UUID(int=1), can=Opportunities(quizzes=3)) == ("perfect",)


@given(st.uuids(), st.sampled_from(sorted(NEEDED)))
def test_a_quest_that_falls_out_changes_only_itself(player_id: UUID, fact: Fact) -> None:
    before = drawn(ONE_OF_EACH, player_id)
    after = drawn(QuestCatalogue(tuple(each for each in ONE_OF_EACH.quests if each.fact is not fact)), player_id)
    kept = [name for name in before if name != f"daily_{fact}"]
    assert [name for name in after if name in before] == kept
    assert len(after) == len(before)


def test_a_version_is_drawn_for_the_periods_that_begin_while_it_holds() -> None:
    old = replace(quest("daily", target=1), until=WEDNESDAY - timedelta(days=1))
    new = replace(quest("daily", target=2), since=WEDNESDAY)
    catalogue = QuestCatalogue((old, new))
    assert catalogue.draw(UUID(int=1), Cadence.DAILY, WEDNESDAY - timedelta(days=1), PLENTY) == (old,)
    assert catalogue.draw(UUID(int=1), Cadence.DAILY, WEDNESDAY, PLENTY) == (new,)
    assert catalogue.about("daily", WEDNESDAY - timedelta(days=1)) == old
    assert catalogue.about("daily", WEDNESDAY) == new
    assert catalogue.about("unheard_of", WEDNESDAY) is None


def mine(target: int, cadence: Cadence = Cadence.WEEKLY, starts_on: date = MONDAY) -> PlayerQuest:
    return PlayerQuest(quest="lessons", cadence=cadence, starts_on=starts_on, fact=Fact.LESSONS, target=target, xp=40)


def lessons(*counts: tuple[int, int]) -> dict[date, dict[Fact, int]]:
    """So many lessons so many days after the Monday."""
    return {MONDAY + timedelta(days=day): {Fact.LESSONS: count, Fact.EXERCISES: 5} for day, count in counts}


@pytest.mark.parametrize(
    ("days", "progress", "completed_on"),
    [
        (lessons(), 0, None),
        (lessons((0, 1)), 1, None),
        (lessons((0, 1), (2, 2)), 3, MONDAY + timedelta(days=2)),
        (lessons((2, 1), (0, 1), (6, 4), (1, 1)), 3, MONDAY + timedelta(days=2)),
        (lessons((6, 3)), 3, MONDAY + timedelta(days=6)),
        (lessons((-1, 3), (7, 3)), 0, None),
    ],
    ids=[
        "nothing yet",
        "on the way",
        "reached on the Wednesday",
        "more is not more, and the order of news does not matter",
        "Sunday is the last day",
        "neither the week before nor the one after",
    ],
)
def test_progress_is_what_was_done_within_the_period(
    days: dict[date, dict[Fact, int]], progress: int, completed_on: date | None
) -> None:
    quest = mine(target=3).after(days)
    assert (quest.progress, quest.completed_on) == (progress, completed_on)
    assert quest.completed is (completed_on is not None)


def test_a_correction_reopens_a_quest() -> None:
    done = mine(target=1).after(lessons((0, 1)))
    assert done.completed
    assert done.after(lessons()) == mine(target=1)


def test_a_daily_quest_is_about_its_day_alone() -> None:
    quest = mine(target=2, cadence=Cadence.DAILY)
    assert quest.after(lessons((0, 1), (1, 1))).progress == 1


def test_a_reward_has_one_source_per_learner_quest_and_period() -> None:
    ada, bob = new_id(), new_id()
    quests = [mine(1), mine(1, starts_on=MONDAY + timedelta(days=7)), mine(1, Cadence.DAILY)]
    sources = {quest.reward_id(player) for player in (ada, bob) for quest in quests}
    assert len(sources) == 6
    assert quests[0].reward_id(ada) == replace(quests[0], progress=1, completed_on=MONDAY).reward_id(ada)


def test_a_day_lies_in_its_own_period_and_in_its_iso_week() -> None:
    day, week = Period.around(date(2027, 1, 1))
    assert (day.starts_on, day.ends_on) == (date(2027, 1, 1), date(2027, 1, 1))
    assert (week.starts_on, week.ends_on) == (date(2026, 12, 28), date(2027, 1, 3))


@pytest.mark.parametrize(
    ("quests", "fault"),
    [
        ([quest(fact=Fact.QUESTS)], "no quest can be about quests"),
        ([quest(fact=Fact.DAY_STREAK)], "no quest can be about day_streak"),
        ([quest(target=3, at_least=2)], "no more than there must be to do"),
        ([replace(quest(), xp=0)], "worth points"),
        ([replace(quest(), since=WEDNESDAY, until=MONDAY)], "ends before it begins"),
        ([quest(), quest(target=2)], "two versions hold on the same day"),
    ],
)
def test_a_faulty_catalogue_is_told_what_is_wrong_with_it(quests: list[Quest], fault: str) -> None:
    [found] = faults_in(quests)
    assert fault in found


def test_the_catalogue_has_quests_for_whoever_can_do_anything_at_all() -> None:
    catalogue = read_catalogue()
    assert len(catalogue.quests) >= 20
    for cadence in Cadence:
        for opportunity in Opportunity:
            can = Opportunities(**{opportunity: 99})
            assert catalogue.draw(UUID(int=1), cadence, MONDAY, can), f"{cadence} quests for {opportunity}"
        assert not catalogue.draw(UUID(int=1), cadence, MONDAY, NOTHING)
        assert len(catalogue.draw(UUID(int=1), cadence, MONDAY, PLENTY)) == cadence.places


def test_the_texts_of_the_catalogue_name_their_targets() -> None:
    texts = {each.id: each.text for each in read_catalogue().quests}
    assert texts["weekly_ten_exercises"] == "Complete 10 exercises this week."
    assert not [text for text in texts.values() if "{" in text]


ENTRY = {
    "id": "read",
    "cadence": "daily",
    "fact": "readings",
    "target": 1,
    "xp": 5,
    "title": "Page turner",
    "text": "Finish a reading.",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"cadence": "hourly"},
        {"fact": "points"},
        {"fact": "courses"},
        {"target": 0},
        {"xp": -1},
        {"id": "Read it!"},
        {"at_last": 3},
        {"since": "yesterday"},
    ],
)
def test_a_catalogue_that_cannot_be_stops_the_start(wrong: dict[str, object]) -> None:
    assert read_quests({"quests": [ENTRY]}).quests[0].at_least == 1
    with pytest.raises(ValueError, match=r".+"):
        read_quests({"quests": [ENTRY | wrong]})


def read_catalogue() -> QuestCatalogue:
    return read_quests(loads((files("gamification") / "catalogue" / "quests.toml").read_text()))
