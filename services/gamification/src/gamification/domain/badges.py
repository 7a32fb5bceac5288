"""Badges: what a learner has come to, worn for good unless a correction or the staff takes it back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID, uuid5

from gamification.domain.facts import Fact


class Measured(Protocol):
    """What a learner has come to by the end of a day."""

    def value(self, fact: Fact) -> int:
        """How many, or how long; never less than on an earlier day."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A medal: the symbol on it and the metal it is made of, both by their names in the catalogue."""

    symbol: str
    metal: str
    text: str
    """What it shows, in words, for who does not see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A badge and its criterion: `at_least` so many of a fact."""

    id: str
    fact: Fact
    at_least: int
    xp: int
    title: str
    text: str
    picture: Picture

    @property
    def rule(self) -> str:
        """The name under which the ledger knows its reward."""
        return f"badge_{self.id}"

    def reward_id(self, player_id: UUID) -> UUID:
        """The id of the learner's reward for it: the same one however often it is earned anew."""
        return uuid5(player_id, self.id)


@dataclass(frozen=True, slots=True)
class BadgeAward:
    """The learner met the badge's criterion on this day of their own."""

    badge: str
    earned_on: date


@dataclass(frozen=True, slots=True)
class BadgeRevocation:
    """The staff's decision that a learner does not hold a badge, whatever the facts say; `reason` is theirs."""

    badge: str
    reason: str
    revoked_by: UUID
    revoked_at: datetime


@dataclass(frozen=True, slots=True)
class BadgeGoal:
    """A badge that is still ahead, and how far the learner has come."""

    badge: Badge
    value: int

    @property
    def missing(self) -> int:
        """How many more it takes."""
        return self.badge.at_least - self.value


class BadgeCatalogue:
    """All badges there are, in the order they are shown."""

    def __init__(self, badges: Iterable[Badge]) -> None:
        self._badges = {badge.id: badge for badge in badges}
        self._ladders: dict[Fact, list[Badge]] = {}
        for badge in sorted(self._badges.values(), key=lambda each: each.at_least):
            self._ladders.setdefault(badge.fact, []).append(badge)

    def __iter__(self) -> Iterator[Badge]:
        return iter(self._badges.values())

    def __len__(self) -> int:
        return len(self._badges)

    def get(self, badge_id: str) -> Badge | None:
        """The badge of that id."""
        return self._badges.get(badge_id)

    def rewarded_by(self, rule: str) -> Badge | None:
        """The badge whose reward the ledger knows by that name."""
        return next((badge for badge in self if badge.rule == rule), None)

    def earned(self, before: Measured, after: Measured) -> list[Badge]:
        """The badges whose criterion a day met that was not met before it, the lesser ones first.

        As no value ever sinks along a learner's days, each badge is earned on one day at most.
        """
        return [
            badge
            for fact, ladder in self._ladders.items()
            if (low := before.value(fact)) < (high := after.value(fact))
            for badge in ladder
            if low < badge.at_least <= high
        ]

    def next_goals(self, now: Measured) -> list[BadgeGoal]:
        """Of each fact the first badge still ahead; the one nearest to being earned first."""
        goals = []
        for fact, ladder in self._ladders.items():
            value = now.value(fact)
            ahead = next((badge for badge in ladder if value < badge.at_least), None)
            if ahead is not None:
                goals.append(BadgeGoal(ahead, value))
        return sorted(goals, key=lambda goal: (-goal.value / goal.badge.at_least, goal.missing))
