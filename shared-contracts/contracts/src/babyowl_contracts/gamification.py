"""What Gamification tells the others: points, levels, streaks, badges, quests, leagues.

What is told can be taken back, for a deed can be corrected: points by an `XpEarned` below zero, a badge by
`BadgeRevoked`, a quest by `QuestReopened`. What a student earns comes from one aggregate, the student's game, in
order: what has the greatest `aggregateseq` is how things stand. Leagues come from the period that closed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from babyowl_contracts.event import Event

QuestCadence = Literal["daily", "weekly"]
League = Literal["bronze", "silver", "gold", "sapphire", "diamond"]
"""From the lowest, where everybody begins, to the highest."""


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
    """The run of active days or weeks, or the freezes in hand changed; days are those of the student's own zone.

    A week is an ISO week with an active day. `freezes` are held to bridge days that will be missed.
    """

    student_id: UUID
    current_days: int
    longest_days: int
    last_active_on: date | None
    current_weeks: int = 0
    longest_weeks: int = 0
    freezes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeUnlocked(Event, type="gamification.BadgeUnlocked.v1"):
    """A student has a badge: earned, or given back after it was revoked.

    `badge` is its id in the catalogue; `earned_on` the day that earned it, in the student's own zone. A correction
    can move that day: then the badge is told once more, with the new day.
    """

    student_id: UUID
    badge: str
    earned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeRevoked(Event, type="gamification.BadgeRevoked.v1"):
    """A student no longer has a badge: a correction undid what had earned it, or staff took it away."""

    student_id: UUID
    badge: str
    reason: Literal["corrected", "revoked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestCompleted(Event, type="gamification.QuestCompleted.v1"):
    """A student has done what a quest asked for; its points are told by an `XpEarned` of their own.

    A quest is known by student, cadence, `starts_on` and `quest`, its id in the catalogue. `starts_on` is its day, or
    the Monday of its week, and `completed_on` the day that completed it, both in the student's own zone. If a
    correction moves that day, the quest is told once more.
    """

    student_id: UUID
    quest: str
    cadence: QuestCadence
    starts_on: date
    completed_on: date
    xp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestReopened(Event, type="gamification.QuestReopened.v1"):
    """A correction has undone what had completed a quest; its points are taken back."""

    student_id: UUID
    quest: str
    cadence: QuestCadence
    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LeagueChanged(Event, type="gamification.LeagueChanged.v1"):
    """A student was promoted or relegated at the close of a week.

    `week` is the Monday of the week that decided it; `league` holds from the next one on. Of two about the same
    student the later week counts.
    """

    student_id: UUID
    league: League
    previous: League
    week: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodClosed(Event, type="gamification.PeriodClosed.v1"):
    """The final places of a week or month are fixed for good, on all its leaderboards.

    `starts_on` is its Monday, or the first of the month, in the academy's own zone.
    """

    period: Literal["week", "month"]
    starts_on: date
