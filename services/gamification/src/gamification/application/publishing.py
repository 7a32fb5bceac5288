"""What others get to hear of what happens in the game."""

from collections.abc import Mapping
from typing import Literal

from babyowl_contracts import Event
from babyowl_contracts import gamification as contract
from babyowl_kernel import DomainEvent
from gamification.domain import events
from gamification.domain.leagues import League
from gamification.domain.periods import Cycle
from gamification.domain.quests import Cadence

_CADENCES: Mapping[Cadence, contract.QuestCadence] = {Cadence.DAILY: "daily", Cadence.WEEKLY: "weekly"}
_CYCLES: Mapping[Cycle, Literal["week", "month"]] = {Cycle.WEEK: "week", Cycle.MONTH: "month"}
_LEAGUES: Mapping[League, contract.League] = {
    League.BRONZE: "bronze",
    League.SILVER: "silver",
    League.GOLD: "gold",
    League.SAPPHIRE: "sapphire",
    League.DIAMOND: "diamond",
}


def published(event: DomainEvent) -> Event | None:
    """The contract for a domain event; None for what stays in the house."""
    match event:
        case events.XpPosted():
            return contract.XpEarned(
                student_id=event.player_id,
                transaction_id=event.transaction_id,
                rule=event.rule,
                amount=event.amount,
                total_xp=event.total_xp,
                level=event.level,
                earned_on=event.earned_on,
            )
        case events.LevelReached():
            return contract.LevelUp(student_id=event.player_id, level=event.level, total_xp=event.total_xp)
        case events.StreakChanged():
            return contract.StreakUpdated(
                student_id=event.player_id,
                current_days=event.streak.current_days,
                longest_days=event.streak.longest_days,
                last_active_on=event.streak.last_active_on,
                current_weeks=event.streak.current_weeks,
                longest_weeks=event.streak.longest_weeks,
                freezes=event.streak.freezes,
            )
        case events.BadgeUnlocked():
            return contract.BadgeUnlocked(student_id=event.player_id, badge=event.badge, earned_on=event.earned_on)
        case events.BadgeRevoked():
            return contract.BadgeRevoked(student_id=event.player_id, badge=event.badge, reason=event.reason)
        case events.QuestCompleted():
            return contract.QuestCompleted(
                student_id=event.player_id,
                quest=event.quest,
                cadence=_CADENCES[event.cadence],
                starts_on=event.starts_on,
                completed_on=event.completed_on,
                xp=event.xp,
            )
        case events.QuestReopened():
            return contract.QuestReopened(
                student_id=event.player_id,
                quest=event.quest,
                cadence=_CADENCES[event.cadence],
                starts_on=event.starts_on,
            )
        case events.LeagueChanged():
            return contract.LeagueChanged(
                student_id=event.player_id,
                league=_LEAGUES[event.league],
                previous=_LEAGUES[event.previous],
                week=event.week,
            )
        case events.PeriodClosed():
            return contract.PeriodClosed(period=_CYCLES[event.period], starts_on=event.starts_on)
        case events.AppearanceChosen():
            return None
        case _:
            raise TypeError(f"nobody has decided whether {type(event).__name__} is published")
