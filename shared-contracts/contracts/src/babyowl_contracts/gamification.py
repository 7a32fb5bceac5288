"""What Gamification tells the others: points, levels, streaks."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babyowl_contracts.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class XpEarned(Event, type="gamification.XpEarned.v1"):
    """Points were earned by a rule, or taken back (`amount` below zero) after a correction.

    `earned_on` is the day the points count for, in the student's own zone.
    """

    student_id: UUID
    transaction_id: UUID
    rule: str
    amount: int
    total_xp: int
    level: int
    earned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelUp(Event, type="gamification.LevelUp.v1"):
    """A student has reached a level for the first time."""

    student_id: UUID
    level: int
    total_xp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreakUpdated(Event, type="gamification.StreakUpdated.v1"):
    """The run of active days changed; days are those of the student's own zone."""

    student_id: UUID
    current_days: int
    longest_days: int
    last_active_on: date | None
