"""The game as a fold over days: from how things stood before a day, and what was done on it, to how they stand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from gamification.domain.badges import Badge
from gamification.domain.catalogue import Catalogue
from gamification.domain.days import Day, Standing
from gamification.domain.facts import Fact
from gamification.domain.quests import PlayerQuest
from gamification.domain.streaks import Holidays


@dataclass(frozen=True, slots=True)
class Folded:
    """A day with what it came to: the quests it completed and the badges it earned."""

    day: Day
    quests: tuple[PlayerQuest, ...]
    badges: tuple[Badge, ...]


def fold(
    before: Standing,
    days: Iterable[Day],
    quests: Iterable[PlayerQuest],
    catalogue: Catalogue,
    holidays: Holidays,
) -> Iterator[Folded]:
    """Go on from a standing over the days that follow, earliest first.

    Completed quests are a fact like others, and so can earn badges. Neither looks at points: no reward ever
    makes another one.
    """
    completed_on: dict[date, list[PlayerQuest]] = defaultdict(list)
    for quest in quests:
        if quest.completed_on is not None:
            completed_on[quest.completed_on].append(quest)
    for day in days:
        completed = tuple(completed_on.get(day.day, ()))
        totals = dict(before.totals)
        for fact, number in day.tally.items():
            totals[fact] = totals.get(fact, 0) + number
        if completed:
            totals[Fact.QUESTS] = totals.get(Fact.QUESTS, 0) + len(completed)
        after = Standing(totals, before.streaks.after(day.active, holidays))
        yield Folded(replace(day, after=after), completed, tuple(catalogue.badges.earned(before, after)))
        before = after
