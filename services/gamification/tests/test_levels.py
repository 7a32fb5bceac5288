import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gamification.domain.levels import Level, level_for, xp_needed


@pytest.mark.parametrize(
    ("level", "xp"), [(1, 0), (2, 100), (3, 300), (4, 600), (5, 1000), (10, 4500), (100, 495_000)]
)
def test_a_level_begins_at_fifty_times_n_times_n_minus_one(level: int, xp: int) -> None:
    assert xp_needed(level) == xp
    assert level_for(xp) == level


@pytest.mark.parametrize("level", [2, 3, 10, 100, 5000])
def test_one_point_short_of_a_level_is_still_the_level_before(level: int) -> None:
    assert level_for(xp_needed(level) - 1) == level - 1


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=2**40))
def test_the_level_is_the_greatest_whose_beginning_is_reached(xp: int) -> None:
    level = level_for(xp)
    assert xp_needed(level) <= xp < xp_needed(level + 1)


def test_a_level_knows_the_way_to_the_next() -> None:
    assert Level.of(130) == Level(number=2, starts_at=100, next_at=300)
