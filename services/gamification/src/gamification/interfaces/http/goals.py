"""What is next for a learner: the level, the badges and quests within reach, and what today still needs."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import Reader, Student, View
from babyowl_chassis.sql import Connection
from gamification.domain.badges import BadgeGoal
from gamification.domain.calendar import Academy
from gamification.domain.catalogue import Catalogue
from gamification.domain.levels import Level
from gamification.domain.streaks import Outlook
from gamification.interfaces.http.badges import BadgeView
from gamification.interfaces.http.dependencies import SeenPlayer, TheAcademy, TheCatalogue
from gamification.interfaces.http.quests import QuestView
from gamification.queries.badges import player_badges
from gamification.queries.players import total_xp
from gamification.queries.present import Present, present
from gamification.queries.quests import current_quests

router = APIRouter(prefix="/api/v1/players", tags=["Players"])

MOST_BADGES = 5
"""So many of the nearest badges are goals."""


class LevelGoalView(View):
    """The next level, and how many points are missing."""

    level: int
    missing_xp: int


class BadgeGoalView(View):
    """A badge within reach: `value` of the badge's `at_least` is done, `missing` is left."""

    badge: BadgeView
    value: int
    missing: int

    @classmethod
    def of(cls, value: BadgeGoal) -> Self:
        """The view of the goal."""
        return cls(badge=BadgeView.of(value.badge), value=value.value, missing=value.missing)


class StreakGoalView(View):
    """What becomes of the streak at midnight, and of the run of weeks after Sunday, if nothing more is done.

    `today` is the learner's own day, which ends at `ends_at` (UTC).
    """

    current_days: int
    current_weeks: int
    freezes: int
    today: date
    active_today: bool
    ends_at: datetime
    tonight: Outlook
    this_week: Outlook

    @classmethod
    def of(cls, value: Present) -> Self:
        """The view of the query's answer."""
        return cls(
            current_days=value.streak.current_days,
            current_weeks=value.streak.current_weeks,
            freezes=value.streak.freezes,
            today=value.today,
            active_today=value.active_today,
            ends_at=value.today_ends_at,
            tonight=value.tonight,
            this_week=value.this_week,
        )


class GoalsView(View):
    """The next goals: badges nearest first, quests of today and this week that are still open."""

    level: LevelGoalView
    badges: list[BadgeGoalView]
    quests: list[QuestView]
    streak: StreakGoalView


@router.get("/me/goals")
async def my_goals(db: Reader, user: Student, academy: TheAcademy, catalogue: TheCatalogue) -> GoalsView:
    """What is next for you: the level, badges and quests within reach, and what your streak needs today."""
    return await _goals(db, user.user_id, academy, catalogue)


@router.get("/{player_id}/goals")
async def goals_of(db: Reader, player_id: SeenPlayer, academy: TheAcademy, catalogue: TheCatalogue) -> GoalsView:
    """What is next for a learner: for the learner, the instructors of their classes, and staff."""
    return await _goals(db, player_id, academy, catalogue)


async def _goals(db: Connection, player_id: UUID, academy: Academy, catalogue: Catalogue) -> GoalsView:
    total = await total_xp(db, player_id)
    level = Level.of(total)
    badges = await player_badges(db, player_id, catalogue.badges)
    quests = await current_quests(db, player_id, catalogue.quests, academy)
    return GoalsView(
        level=LevelGoalView(level=level.number + 1, missing_xp=level.next_at - total),
        badges=[BadgeGoalView.of(goal) for goal in badges.goals[:MOST_BADGES]],
        quests=[
            QuestView.told(quest, catalogue.quests)
            for each in (quests.daily, quests.weekly)
            for quest in each.quests
            if not quest.completed
        ],
        streak=StreakGoalView.of(await present(db, player_id, academy)),
    )
