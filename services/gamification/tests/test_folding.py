"""The fold itself, without any store: what a day brings about, and what news about it changes later on."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from babyowl_chassis.ids import new_id
from gamification.domain.badges import Badge, BadgeCatalogue, Picture
from gamification.domain.catalogue import Catalogue
from gamification.domain.events import QuestCompleted, QuestReopened
from gamification.domain.facts import Fact
from gamification.domain.player import Circumstances, PlayerProfile
from gamification.domain.quests import Cadence, Period, PlayerQuest, QuestCatalogue
from gamification.domain.rules import Outcome, Rulebook, SourceKind, XpRule
from gamification.domain.streaks import Holidays
from gamification.domain.values import Deed, Source

from .game import NOON

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 2)
WEEK = Period(Cadence.WEEKLY, MONDAY)
RULES = Rulebook(
    (
        XpRule(
            name="done",
            title="Done",
            text="You have done it.",
            kind=SourceKind.EXERCISE,
            outcomes=frozenset([Outcome.COMPLETED]),
            xp=20,
        ),
    )
)


def badge(fact: Fact, at_least: int, xp: int) -> Badge:
    return Badge(
        id=f"{fact}_{at_least}",
        fact=fact,
        at_least=at_least,
        xp=xp,
        title="A badge",
        text="For something.",
        picture=Picture("pencil", "bronze", "A medal."),
    )


CATALOGUE = Catalogue(
    RULES,
    BadgeCatalogue([badge(Fact.EXERCISES, 2, 7), badge(Fact.QUESTS, 1, 100), badge(Fact.DAY_STREAK, 3, 1000)]),
    QuestCatalogue(()),
)
NOW = Circumstances(catalogue=CATALOGUE, holidays=Holidays(), now=NOON, zone="UTC", today=NOON.date(), new_id=new_id)


def exercise(at: datetime) -> Deed:
    return Deed(
        source=Source(SourceKind.EXERCISE, new_id()),
        outcome=Outcome.COMPLETED,
        revision=1,
        happened_at=at,
        zone="UTC",
        day=at.date(),
        counts_on=at.date(),
        exercise_kind="reading",
    )


def weekly(name: str, fact: Fact, target: int = 1) -> PlayerQuest:
    return PlayerQuest(quest=name, cadence=Cadence.WEEKLY, starts_on=MONDAY, fact=fact, target=target, xp=50)


@pytest.fixture
def ada() -> PlayerProfile:
    return PlayerProfile(id=new_id())


def test_a_quest_that_is_completed_is_a_fact_and_can_earn_a_badge_on_the_same_day(ada: PlayerProfile) -> None:
    ada.count(exercise(NOON), NOW, draws={WEEK: [weekly("read", Fact.READINGS)]})
    assert ada.total_xp == 20 + 50 + 100
    assert ada.badges == {"quests_1": NOON.date()}
    assert ada.standing.totals == {Fact.EXERCISES: 1, Fact.READINGS: 1, Fact.QUESTS: 1}
    assert ada.days[NOON.date()].xp == 170


def test_a_badge_moves_to_the_day_on_which_news_of_an_earlier_one_have_it_earned(ada: PlayerProfile) -> None:
    ada.count(exercise(NOON - 3 * DAY), NOW)
    ada.count(exercise(NOON), NOW)
    assert ada.badges == {"exercises_2": NOON.date()}
    ada.count(exercise(NOON - 2 * DAY), NOW)
    assert ada.badges == {"exercises_2": NOON.date() - 2 * DAY}
    assert ada.total_xp == 3 * 20 + 7
    assert {day: each.xp for day, each in ada.days.items()} == {
        NOON.date() - 3 * DAY: 20,
        NOON.date() - 2 * DAY: 27,
        NOON.date(): 20,
    }


def test_a_day_in_between_makes_one_run_of_two(ada: PlayerProfile) -> None:
    for ago in (2, 0):
        ada.count(exercise(NOON - ago * DAY), NOW)
    assert ada.standing.value(Fact.DAY_STREAK) == 1
    ada.count(exercise(NOON - DAY), NOW)
    assert ada.standing.value(Fact.DAY_STREAK) == 3
    assert ada.badges["day_streak_3"] == NOON.date()


def test_a_quest_that_is_drawn_away_takes_along_what_it_gave_before_the_day_of_the_news(ada: PlayerProfile) -> None:
    """The week began on Monday, it was completed on Tuesday, and what is news is about Wednesday."""
    tuesday = NOON - DAY
    ada.count(exercise(tuesday), NOW, draws={WEEK: [weekly("read", Fact.READINGS)]})
    ada.count(exercise(NOON), NOW)
    ada.collect_events()
    ada.recount(NOW, since=NOON.date(), draws={WEEK: [weekly("meet", Fact.MEETINGS)]})
    assert ada.total_xp == 2 * 20 + 7
    assert ada.badges == {"exercises_2": NOON.date()}
    assert [each.progress for each in ada.quests_of(WEEK)] == [0]
    assert ada.days[tuesday.date()].after.totals[Fact.EXERCISES] == 1
    assert Fact.QUESTS not in ada.standing.totals
    events = [event for event in ada.collect_events() if isinstance(event, QuestCompleted | QuestReopened)]
    assert events == [QuestReopened(player_id=ada.id, quest="read", cadence=Cadence.WEEKLY, starts_on=MONDAY)]


def test_a_quest_that_is_drawn_again_is_the_one_it_was(ada: PlayerProfile) -> None:
    ada.count(exercise(NOON), NOW, draws={WEEK: [weekly("read", Fact.READINGS)]})
    cheaper = replace(weekly("read", Fact.READINGS), xp=1)
    ada.recount(NOW, since=MONDAY, draws={WEEK: [cheaper]})
    assert [each.xp for each in ada.quests_of(WEEK)] == [50]
    assert ada.total_xp == 170


def test_counting_anew_what_was_right_changes_nothing(ada: PlayerProfile) -> None:
    for ago in (9, 8, 2, 1, 0):
        ada.count(exercise(NOON - ago * DAY), NOW)
    before = replace(ada, days=dict(ada.days), transactions=list(ada.transactions))
    ada.collect_events()
    ada.recount(NOW, since=date.min)
    assert (ada.days, ada.transactions, ada.badges) == (before.days, before.transactions, before.badges)
    assert ada.collect_events() == []


def test_a_deed_that_moves_to_another_day_leaves_none_behind(ada: PlayerProfile) -> None:
    done = exercise(NOON)
    ada.count(done, NOW)
    ada.recount(NOW, since=MONDAY, placed=lambda deed: replace(deed, day=deed.day + DAY, zone="Asia/Tokyo"))
    assert list(ada.days) == [NOON.date() + DAY]
    assert sorted(line.amount for line in ada.transactions) == [-20, 20, 20]
    assert ada.total_xp == 20
