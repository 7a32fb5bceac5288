"""A learner's days: what was done on each, and how things stood after it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from gamification.domain.facts import Fact, Tally, facts_of
from gamification.domain.streaks import ActiveDay, Streaks
from gamification.domain.values import Deed


@dataclass(frozen=True, slots=True)
class Standing:
    """What all of a learner's days so far come to, quests among it; points are no part of it."""

    totals: Tally = field(default_factory=dict)
    streaks: Streaks = field(default_factory=Streaks.none)

    def value(self, fact: Fact) -> int:
        """How many, or of a streak how long at its longest; never less than after an earlier day."""
        match fact:
            case Fact.DAY_STREAK:
                return self.streaks.longest_days
            case Fact.WEEK_STREAK:
                return self.streaks.longest_weeks
            case _:
                return self.totals.get(fact, 0)


NOTHING_YET = Standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day on which the learner did something, of their own calendar.

    `counts_on` is the academy's day of the last deed, in whose week and month the day's rewards count; `xp` is
    all that was earned on the day, rewards included.
    """

    day: date
    tally: Tally
    first_at: datetime
    last_at: datetime
    first_zone: str
    last_zone: str
    counts_on: date
    xp: int = 0
    after: Standing = NOTHING_YET

    @property
    def active(self) -> ActiveDay:
        """What a streak needs to know of it."""
        return ActiveDay(self.day, self.first_at, self.last_at, self.first_zone, self.last_zone)

    @classmethod
    def made_by(cls, deeds: Collection[Deed]) -> "Day | None":
        """The day that its deeds make; none if they come to nothing, as an absence does."""
        active = [(deed, facts) for deed in deeds if (facts := facts_of(deed))]
        if not active:
            return None
        in_order = sorted((deed for deed, _ in active), key=lambda deed: (deed.happened_at, deed.source.id))
        first, last = in_order[0], in_order[-1]
        tally: dict[Fact, int] = {}
        for _, facts in active:
            for fact, number in facts.items():
                tally[fact] = tally.get(fact, 0) + number
        return cls(
            day=first.day,
            tally=tally,
            first_at=first.happened_at,
            last_at=last.happened_at,
            first_zone=first.zone,
            last_zone=last.zone,
            counts_on=last.counts_on,
        )
