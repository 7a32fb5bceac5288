"""A long history is counted beside the event loop, a short one in it."""

from datetime import timedelta
from threading import get_ident

import pytest

from babyowl_chassis.ids import new_id
from gamification.application.long_histories import LONG, counted
from gamification.domain.days import Day
from gamification.domain.player import PlayerProfile

from .game import NOON


def played(days: int) -> PlayerProfile:
    made = []
    for number in range(days):
        at = NOON + timedelta(days=number)
        day = at.date()
        made.append(Day(day=day, tally={}, first_at=at, last_at=at, first_zone="UTC", last_zone="UTC", counts_on=day))
    return PlayerProfile(id=new_id(), days={day.day: day for day in made})


@pytest.mark.parametrize(("days", "is_here"), [(0, True), (LONG, True), (LONG + 1, False)])
async def test_only_a_long_history_is_counted_elsewhere(days: int, is_here: bool) -> None:
    assert (await counted(played(days), get_ident) == get_ident()) is is_here


async def test_what_fails_there_fails_here() -> None:
    def fail() -> None:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await counted(played(LONG + 1), fail)
