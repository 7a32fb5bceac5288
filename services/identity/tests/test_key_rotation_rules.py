"""The rulebook of signing keys: published, then active, then retired, then gone."""

from datetime import timedelta

import pytest

from identity.domain.signing_keys import Activate, Drop, KeyState, Publish, SigningKey, next_step

from .world import START

PUBLISHED = SigningKey("new", KeyState.PUBLISHED, START)
ACTIVE = SigningKey("old", KeyState.ACTIVE, START, activated_at=START)
RETIRED = SigningKey("oldest", KeyState.RETIRED, START, activated_at=START, retired_at=START)


def test_the_very_first_key_signs_at_once() -> None:
    assert next_step([], now=START) == Publish()
    assert next_step([PUBLISHED], now=START) == Activate("new")


@pytest.mark.parametrize(("minutes", "step"), [(0, None), (9, None), (10, Activate("new"))])
def test_a_successor_is_announced_before_it_signs(minutes: int, step: object) -> None:
    assert next_step([PUBLISHED, ACTIVE], now=START + timedelta(minutes=minutes)) == step


@pytest.mark.parametrize(("days", "step"), [(29, None), (30, Publish())])
def test_a_key_signs_for_thirty_days(days: int, step: object) -> None:
    assert next_step([ACTIVE], now=START + timedelta(days=days)) == step


def test_an_operator_may_begin_earlier_but_not_skip_the_announcement() -> None:
    assert next_step([ACTIVE], now=START, forced=True) == Publish()
    assert next_step([PUBLISHED, ACTIVE], now=START, forced=True) is None


@pytest.mark.parametrize(("minutes", "step"), [(59, None), (60, Drop("oldest"))])
def test_a_retired_key_is_shown_until_nothing_it_signed_is_alive(minutes: int, step: object) -> None:
    assert next_step([ACTIVE, RETIRED], now=START + timedelta(minutes=minutes)) == step
