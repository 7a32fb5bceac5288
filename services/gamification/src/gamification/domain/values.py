"""The values of the game: deeds and where they come from, points, and how a learner appears to others."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from gamification.domain.aliases import Alias
from gamification.domain.rules import Outcome, SourceKind


@dataclass(frozen=True, slots=True)
class Source:
    """What a learner's points come from: this exercise, that meeting."""

    kind: SourceKind
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a learner did, as last reported, and what it earned.

    `day` is the learner's own, in the `zone` they lived in when it happened; for a meeting the day it was held
    on. `counts_on` is the academy's day. `xp` is what the rules granted, after their caps.
    """

    source: Source
    outcome: Outcome
    revision: int
    happened_at: datetime
    zone: str
    day: date
    counts_on: date
    course_id: UUID | None = None
    class_id: UUID | None = None
    exercise_kind: str | None = None
    score_percent: int | None = None
    xp: int = 0

    def supersedes(self, known: "Deed") -> bool:
        """Whether it is the newer report on the same source: of the greater revision.

        Should one revision ever be told in two ways, the one of the earlier deed holds, whichever came first.
        """
        return self._precedence > known._precedence

    @property
    def _precedence(self) -> tuple[int, float, str]:
        held_on = self.day if self.source.kind is SourceKind.MEETING else None
        told = f"{self.outcome} {self.score_percent} {self.exercise_kind} {self.course_id} {self.class_id} {held_on}"
        return self.revision, -self.happened_at.timestamp(), told


@dataclass(frozen=True, slots=True, kw_only=True)
class XpTransaction:
    """A line of the ledger: points earned by a rule or, below zero, taken back. Lines are only ever added.

    `number` counts the lines of one source and rule: odd ones give, even ones take back what the one before
    gave. `earned_on` is the learner's own day, `counts_on` the academy's.
    """

    id: UUID
    source: Source
    rule: str
    number: int
    amount: int
    earned_on: date
    counts_on: date
    course_id: UUID | None
    recorded_at: datetime

    @property
    def gives(self) -> bool:
        """Whether it gives points, not takes them back."""
        return self.amount > 0


class Visibility(StrEnum):
    """Whether a learner stands on leaderboards."""

    SHOWN = "shown"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a learner appears to others."""

    leaderboard: Visibility
    alias: Alias | None
