"""Badges as data: what earns them, what is next, and what they look like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.domain.badges import Badge, BadgeCatalogue, Picture
from gamification.domain.facts import Fact
from gamification.infrastructure.badges import read_badges
from gamification.infrastructure.catalogue import load_catalogue
from gamification.infrastructure.pictures import Artwork

CATALOGUE = load_catalogue().badges
ARTWORK = Artwork.load()
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Reached:
    """What a learner has come to."""

    values: Mapping[Fact, int] = field(default_factory=dict)

    def value(self, fact: Fact) -> int:
        return self.values.get(fact, 0)


def badge(badge_id: str, fact: Fact, at_least: int) -> Badge:
    picture = Picture("book", "gold", "A golden medal with an open book")
    return Badge(id=badge_id, fact=fact, at_least=at_least, xp=5, title=badge_id, text=badge_id, picture=picture)


LESSON_BADGES = BadgeCatalogue(
    [badge("streak", Fact.DAY_STREAK, 3), badge("third", Fact.LESSONS, 3), badge("first", Fact.LESSONS, 1)]
)


@pytest.mark.parametrize(
    ("before", "after", "earned"),
    [
        (0, 0, []),
        (0, 1, ["first"]),
        (1, 2, []),
        (2, 3, ["third"]),
        (3, 4, []),
        (0, 7, ["first", "third"]),
        (1, 3, ["third"]),
    ],
)
def test_a_badge_is_earned_on_the_day_that_meets_its_criterion(before: int, after: int, earned: list[str]) -> None:
    found = LESSON_BADGES.earned(Reached({Fact.LESSONS: before}), Reached({Fact.LESSONS: after}))
    assert [each.id for each in found] == earned


@given(st.lists(st.dictionaries(st.sampled_from(Fact), st.integers(0, 60)), max_size=20))
def test_over_a_learner_s_days_each_badge_is_earned_once_and_exactly_if_its_criterion_is_met_in_the_end(
    gained: list[dict[Fact, int]],
) -> None:
    def add(sum_: Reached, day: dict[Fact, int]) -> Reached:
        return Reached({fact: sum_.value(fact) + day.get(fact, 0) for fact in Fact})

    standings = list(accumulate(gained, add, initial=Reached()))
    earned = [each.id for before, after in pairwise(standings) for each in CATALOGUE.earned(before, after)]
    assert len(earned) == len(set(earned))
    assert set(earned) == {each.id for each in CATALOGUE if standings[-1].value(each.fact) >= each.at_least}


def test_the_next_goals_are_the_first_open_badge_of_each_fact_and_the_nearest_comes_first() -> None:
    goals = LESSON_BADGES.next_goals(Reached({Fact.LESSONS: 1, Fact.DAY_STREAK: 2}))
    assert [(goal.badge.id, goal.value, goal.missing) for goal in goals] == [("streak", 2, 1), ("third", 1, 2)]


def test_of_goals_that_nothing_was_done_for_the_smaller_one_is_nearer() -> None:
    nothing = LESSON_BADGES.next_goals(Reached())
    assert [goal.badge.id for goal in nothing] == ["first", "streak"]


def test_who_has_met_every_criterion_has_no_goal_left() -> None:
    assert LESSON_BADGES.next_goals(Reached({Fact.LESSONS: 9, Fact.DAY_STREAK: 9})) == []


def test_a_reward_has_the_same_id_whenever_it_is_earned_and_another_for_each_learner() -> None:
    first, third = CATALOGUE.get("first_lesson"), CATALOGUE.get("lessons_10")
    assert first is not None
    assert third is not None
    ada, ben = UUID(int=1), UUID(int=2)
    assert first.reward_id(ada) == first.reward_id(ada)
    assert len({each.reward_id(player) for each in (first, third) for player in (ada, ben)}) == 4
    assert first.rule == "badge_first_lesson"


def test_every_fact_has_a_badge() -> None:
    assert {each.fact for each in CATALOGUE} == set(Fact)


@pytest.mark.parametrize("each", list(CATALOGUE), ids=lambda each: str(each.id))
def test_every_badge_has_a_picture_that_says_in_words_what_it_shows(each: Badge) -> None:
    drawn = ElementTree.fromstring(ARTWORK.draw(each))
    assert drawn.tag == f"{SVG}svg"
    assert drawn.get("role") == "img"
    assert [drawn.findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == [each.title, each.picture.text]
    assert drawn.findtext(f"{SVG}text") == (str(each.at_least) if each.at_least > 1 else None)


def test_no_two_badges_look_the_same() -> None:
    assert len({ARTWORK.draw(each).partition("</desc>")[2] for each in CATALOGUE}) == len(CATALOGUE)


def test_what_a_title_says_cannot_break_its_picture() -> None:
    nasty = Badge(
        id="nasty",
        fact=Fact.QUESTS,
        at_least=1,
        xp=0,
        title="</title><script>alert('hoo')</script>",
        text="",
        picture=Picture("book", "gold", '"&<'),
    )
    drawn = ElementTree.fromstring(ARTWORK.draw(nasty))
    assert drawn.findtext(f"{SVG}title") == nasty.title
    assert drawn.find(f".//{SVG}script") is None


GOOD = {
    "id": "good",
    "fact": "lessons",
    "at_least": 1,
    "xp": 5,
    "title": "Good",
    "text": "It is good.",
    "symbol": "book",
    "metal": "gold",
}


def test_a_catalogue_is_read_from_data() -> None:
    [read] = read_badges({"badges": [GOOD]}, ARTWORK)
    assert (read.id, read.fact, read.picture.text) == ("good", Fact.LESSONS, "A golden medal with an open book")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"fact": "naps"}, "fact"),
        ({"at_least": 0}, "at_least"),
        ({"xp": 0}, "xp"),
        ({"id": "No Such Id"}, "id"),
        ({"symbol": "dragon"}, "no picture of 'dragon'"),
        ({"metal": "tin"}, "no picture of 'tin'"),
        ({"points": 7}, "points"),
        ({"title": ""}, "title"),
    ],
)
def test_a_catalogue_that_cannot_be_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_badges({"badges": [GOOD | changes]}, ARTWORK)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"title": "Other", "at_least": 2}, "id"),
        ({"id": "other", "at_least": 2}, "title"),
        ({"id": "other", "title": "Other", "metal": "silver"}, "criterion"),
        ({"id": "other", "title": "Other", "fact": "courses"}, "picture"),
    ],
)
def test_two_badges_must_differ(changes: dict[str, Any], same: str) -> None:
    with pytest.raises(ValueError, match=f"same {same}"):
        read_badges({"badges": [GOOD, GOOD | changes]}, ARTWORK)
