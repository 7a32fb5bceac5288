"""Quests are drawn for a learner, from what the learner could do when the day or week began."""

from collections.abc import Iterable, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from gamification.application.ports import UnitOfWork
from gamification.domain.quests import Period, PlayerQuest, QuestCatalogue
from gamification.domain.zones import ZoneHistory


async def draw_quests(
    uow: UnitOfWork,
    catalogue: QuestCatalogue,
    player_id: UUID,
    periods: Iterable[Period],
    *,
    zones: ZoneHistory,
    academy_zone: ZoneInfo,
) -> Mapping[Period, tuple[PlayerQuest, ...]]:
    """The quests of each of these periods, nothing done yet; none where there is nothing to do."""
    drawn: dict[Period, tuple[PlayerQuest, ...]] = {}
    for period in periods:
        opportunities = await uow.curriculum.opportunities(
            player_id, period, begins_at=zones.begins(period.starts_on), otherwise=academy_zone
        )
        drawn[period] = catalogue.drawn(player_id, period, opportunities)
    return drawn
