"""What happens in the game, in its own words; `application.publishing` says what others get to hear."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from babyowl_kernel import DomainEvent
from gamification.domain.leagues import League
from gamification.domain.periods import Cycle
from gamification.domain.quests import Cadence
from gamification.domain.streaks import Streak
from gamification.domain.values import Appearance


@dataclass(frozen=True, slots=True, kw_only=True)
class XpPosted(DomainEvent):
    """A line was added to the learner's ledger; `amount` below zero takes points back."""

    player_id: UUID
    transaction_id: UUID
    rule: str
    amount: int
    total_xp: int
    level: int
    earned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelReached(DomainEvent):
    """The learner has come to a level for the first time."""

    player_id: UUID
    level: int
    total_xp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreakChanged(DomainEvent):
    """The run of active days is another one than before."""

    player_id: UUID
    streak: Streak


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeUnlocked(DomainEvent):
    """The learner has a badge: earned, earned on another day after a correction, or reinstated."""

    player_id: UUID
    badge: str
    earned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeRevoked(DomainEvent):
    """The learner no longer has a badge: a correction undid what had earned it, or staff took it away."""

    player_id: UUID
    badge: str
    reason: Literal["corrected", "revoked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestCompleted(DomainEvent):
    """The learner has done what a quest of theirs asked for."""

    player_id: UUID
    quest: str
    cadence: Cadence
    starts_on: date
    completed_on: date
    xp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestReopened(DomainEvent):
    """A correction has undone what had completed a quest."""

    player_id: UUID
    quest: str
    cadence: Cadence
    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LeagueChanged(DomainEvent):
    """The learner was promoted or relegated by the week that began on `week`, a Monday."""

    player_id: UUID
    league: League
    previous: League
    week: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodClosed(DomainEvent):
    """The final places of a week or month are fixed."""

    period: Cycle
    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AppearanceChosen(DomainEvent):
    """The learner has chosen how to appear to others."""

    player_id: UUID
    appearance: Appearance
