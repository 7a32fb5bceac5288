"""What happens in the game, in its own words; `application.publishing` says what others get to hear."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babyowl_kernel import DomainEvent
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
class AppearanceChosen(DomainEvent):
    """The learner has chosen how to appear to others."""

    player_id: UUID
    appearance: Appearance
