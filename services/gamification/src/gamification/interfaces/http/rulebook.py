"""How points, levels and streaks come about: the rules of the game, for whoever plays or explains it."""

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Query

from babyowl_chassis.http import CurrentUser, View
from gamification.domain.levels import xp_needed
from gamification.domain.quests import Cadence
from gamification.domain.rules import XpRule
from gamification.domain.streaks import DAYS_PER_FREEZE, MOST_FREEZES
from gamification.interfaces.http.dependencies import TheAcademy, TheCatalogue

router = APIRouter(prefix="/api/v1/rulebook", tags=["Players"])

Levels = Annotated[int, Query(ge=1, le=100, description="For how many levels the curve is given.")]


class XpRuleView(View):
    """What earns points. Of a condition that is null, anything is good enough.

    `daily_cap` is the most points by this rule per learner and day. The rule holds for days from `since` to `until`.
    """

    rule: str
    title: str
    text: str
    source: str
    outcomes: list[str]
    exercise_kinds: list[str] | None
    min_score: int | None
    xp: int
    daily_cap: int | None
    since: date | None
    until: date | None

    @classmethod
    def of(cls, value: XpRule) -> Self:
        """The view of a rule."""
        return cls(
            rule=value.name,
            title=value.title,
            text=value.text,
            source=value.kind,
            outcomes=sorted(value.outcomes),
            exercise_kinds=None if value.exercise_kinds is None else sorted(value.exercise_kinds),
            min_score=value.min_score,
            xp=value.xp,
            daily_cap=value.daily_cap,
            since=None if value.since == date.min else value.since,
            until=None if value.until == date.max else value.until,
        )


class LevelStartView(View):
    """A level, and the points at which it begins."""

    level: int
    starts_at: int


class StreakRulesView(View):
    """Every `days_per_freeze` days of a run earn a freeze; no more than `most_freezes` are held."""

    days_per_freeze: int
    most_freezes: int


class QuestRulesView(View):
    """How many quests are drawn for a day, and for a week, at most."""

    daily: int
    weekly: int


class RulebookView(View):
    """The rules of the game. Rewards of badges and quests stand with these, not among the rules."""

    rules: list[XpRuleView]
    levels: list[LevelStartView]
    streak: StreakRulesView
    quests: QuestRulesView
    academy_time_zone: str


@router.get("")
async def rulebook(_: CurrentUser, academy: TheAcademy, catalogue: TheCatalogue, levels: Levels = 20) -> RulebookView:
    """How points, levels, freezes and quests come about."""
    return RulebookView(
        rules=[XpRuleView.of(rule) for rule in catalogue.rulebook.rules],
        levels=[LevelStartView(level=level, starts_at=xp_needed(level)) for level in range(1, levels + 1)],
        streak=StreakRulesView(days_per_freeze=DAYS_PER_FREEZE, most_freezes=MOST_FREEZES),
        quests=QuestRulesView(daily=Cadence.DAILY.places, weekly=Cadence.WEEKLY.places),
        academy_time_zone=academy.zone.key,
    )
