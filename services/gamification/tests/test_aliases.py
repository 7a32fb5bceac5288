"""Aliases are composed of the academy's words, and of nothing else."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from babyowl_chassis.ids import new_id
from babyowl_kernel import Err, Ok
from gamification.domain.aliases import NUMBERS, Alias
from gamification.domain.errors import AliasUnsuitable
from gamification.infrastructure.aliases import load_words, read_words

WORDS = load_words()
FIRST, SECOND = list(WORDS.first), list(WORDS.second)


@pytest.mark.parametrize(
    ("given_", "canonical"),
    [
        ("Star Owl", "Star Owl"),
        ("  star   OWL ", "Star Owl"),
        ("Brave Otter 12", "Brave Otter 12"),
        ("brave\u00a0otter\t2", "Brave Otter 2"),
        ("Night Owl 99", "Night Owl 99"),
    ],
)
def test_two_words_and_perhaps_a_number_make_an_alias_whatever_their_capitals(given_: str, canonical: str) -> None:
    assert WORDS.parse(given_) == Ok(Alias(canonical))


@pytest.mark.parametrize(
    "other",
    [
        "",
        "Star",
        "Owl",
        "Owl Star",
        "Star Star",
        "Star Owl Owl",
        "Star Owl 2 3",
        "Star Owl 0",
        "Star Owl 1",
        "Star Owl 02",
        "Star Owl 100",
        "Star Owl -2",
        "Star Owl ٢",
        "Star-Owl",
        "StarOwl",
        "Star Owl.",
        "Stаr Owl",
        "Star\u200b Owl",
        "Star O\u0301wl",
        "\u202eStar Owl",
        "Ada Lovelace",
        "Ada L.",
        "Teacher Ines",
        "0170 1234567",
        "ada@example.org",
    ],
)
def test_nothing_else_does(other: str) -> None:
    assert WORDS.parse(other) == Err(AliasUnsuitable())


@given(st.text(max_size=40))
def test_whatever_is_accepted_is_of_the_words(text: str) -> None:
    if isinstance(alias := WORDS.parse(text), Ok):
        assert_composed(alias.value)


@given(st.uuids())
def test_who_has_chosen_nothing_has_an_alias_that_follows_from_the_id(player_id: UUID) -> None:
    alias = WORDS.of_player(player_id)
    assert_composed(alias)
    assert load_words().of_player(UUID(str(player_id))) == alias


def test_aliases_of_many_learners_are_many() -> None:
    assert len({WORDS.of_player(new_id()) for _ in range(1000)}) > 990


def test_what_is_drawn_is_of_the_words_and_differs() -> None:
    drawn = WORDS.draw(100, Random(7))
    for alias in drawn:
        assert_composed(alias)
    assert len(set(drawn)) == len(drawn) > 90
    assert any(len(alias.text.split()) == 2 for alias in drawn)
    assert any(len(alias.text.split()) == 3 for alias in drawn)
    assert WORDS.draw(100, Random(8)) != drawn


def test_there_are_words_enough() -> None:
    assert len(FIRST) >= 100
    assert len(SECOND) >= 100
    assert not set(FIRST) & set(SECOND)


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": FIRST},
        {"first": FIRST, "second": SECOND, "third": SECOND},
        {"first": FIRST, "second": SECOND[:10]},
        {"first": [*FIRST, FIRST[0]], "second": SECOND},
        {"first": FIRST, "second": [*SECOND, "Polar Bear"]},
        {"first": FIRST, "second": [*SECOND, "owlet"]},
        {"first": [*FIRST, "Süß"], "second": SECOND},
    ],
)
def test_words_that_cannot_be_are_refused(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"second|first|third|word"):
        read_words(wrong)


def assert_composed(alias: Alias) -> None:
    first, second, *number = alias.text.split(" ")
    assert first in FIRST
    assert second in SECOND
    assert number == [] or [int(each) in NUMBERS for each in number] == [True]
