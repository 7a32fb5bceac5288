"""What counting costs: by the number of calls it takes, which is the same on every machine."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from types import FrameType

import pytest

from babyowl_chassis.ids import new_id
from gamification.domain.facts import Fact
from gamification.domain.player import Circumstances, PlayerProfile
from gamification.domain.quests import Cadence, Period, PlayerQuest
from gamification.domain.streaks import Holidays
from gamification.infrastructure.catalogue import load_catalogue

from .game import NOON
from .test_folding import exercise

WEEKS = 10
LONGER = 4
"""So many times as long is the longer one of two histories."""


def calls(work: Callable[[], None]) -> int:
    """How often a function is called, or a generator resumed, in the course of this."""
    number = 0

    def note(_: FrameType, event: str, __: object) -> None:
        nonlocal number
        number += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return number


def now() -> Circumstances:
    return Circumstances(
        catalogue=load_catalogue(), holidays=Holidays(), now=NOON, zone="UTC", today=NOON.date(), new_id=new_id
    )


def drawn(day: date) -> dict[Period, list[PlayerQuest]]:
    return {
        period: [
            PlayerQuest(
                quest=f"{period.cadence}_{fact}",
                cadence=period.cadence,
                starts_on=period.starts_on,
                fact=fact,
                target=1 if period.cadence is Cadence.DAILY else 5,
                xp=10,
            )
            for fact in (Fact.READINGS, Fact.EXERCISES, Fact.LESSONS)
        ]
        for period in Period.around(day)
    }


def played(weeks: int) -> PlayerProfile:
    """A learner who did two exercises a day for so many weeks, and has all of it loaded."""
    ada = PlayerProfile(id=new_id())
    for number in range(7 * weeks, 0, -1):
        at = NOON - timedelta(days=number)
        for minutes in (0, 10):
            undrawn = {period: quests for period, quests in drawn(at.date()).items() if not ada.is_drawn(period)}
            ada.count(exercise(at + timedelta(minutes=minutes)), now(), draws=undrawn)
    return ada


def recount(ada: PlayerProfile) -> None:
    ada.recount(now(), since=min(ada.days))


def redraw(ada: PlayerProfile) -> None:
    draws = {period: quests for day in ada.days for period, quests in drawn(day).items()}
    # Every draw is another one than before.
    ada.recount(now(), since=min(ada.days), draws={period: quests[1:] for period, quests in draws.items()})


def one_deed_more(ada: PlayerProfile) -> None:
    ada.count(exercise(NOON - timedelta(days=1)), now())


@pytest.mark.parametrize("work", [recount, redraw, one_deed_more], ids=lambda work: work.__name__)
def test_the_cost_grows_no_faster_than_the_history(work: Callable[[PlayerProfile], None]) -> None:
    short, long = played(WEEKS), played(LONGER * WEEKS)
    assert calls(lambda: work(long)) < 1.2 * LONGER * calls(lambda: work(short))
