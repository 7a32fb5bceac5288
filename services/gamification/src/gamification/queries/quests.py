"""A learner's quests: those of today and of this week, and those completed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.calendar import Academy, day_of
from gamification.domain.curriculum import Span
from gamification.domain.facts import Fact
from gamification.domain.quests import Period, PlayerQuest, QuestCatalogue
from gamification.infrastructure.curriculum import opportunities
from gamification.infrastructure.mappers import quest_from_row
from gamification.infrastructure.zones import zone_history

_COLUMNS = ("cadence", "starts_on", "quest", "fact", "target", "xp", "progress", "completed_on")

# $1 is the learner, $2 and $3 the first and the last day on which a quest of today or this week can begin.
_CURRENT = f"""
SELECT
    ARRAY(
        SELECT ROW({", ".join(_COLUMNS)})
        FROM quests WHERE player_id = $1 AND starts_on BETWEEN $2 AND $3
    ) AS quests,
    ARRAY(SELECT ROW(day, tally::json) FROM days WHERE player_id = $1 AND day BETWEEN $2 AND $3) AS days
"""  # noqa: S608  the only things put in are names of columns

_COMPLETED = f"""
SELECT {", ".join(_COLUMNS)} FROM quests
WHERE player_id = $1 AND completed_on IS NOT NULL AND (completed_on, starts_on, quest) < ($2, $3, $4)
ORDER BY completed_on DESC, starts_on DESC, quest DESC
LIMIT $5
"""  # noqa: S608
ONE_DAY = timedelta(days=1)
_BEFORE_ALL = (date.max, date.max, "")


@dataclass(frozen=True, slots=True)
class QuestsOfPeriod:
    """What a learner is asked to do in a day or week of theirs, which ends at that moment (UTC)."""

    period: Period
    ends_at: datetime
    quests: tuple[PlayerQuest, ...]


@dataclass(frozen=True, slots=True)
class CurrentQuests:
    """A learner's quests at a moment."""

    daily: QuestsOfPeriod
    weekly: QuestsOfPeriod


async def current_quests(
    db: Connection, player_id: UUID, catalogue: QuestCatalogue, academy: Academy
) -> CurrentQuests:
    """The quests of the learner's today and of its week.

    What was not drawn yet is drawn here, and would be the same if it was: only that nobody has to be there at
    midnight, or when a newcomer gets their first seat.
    """
    zones = await zone_history(db, player_id, otherwise=academy.zone)
    now = academy.clock()
    zone = zones.at(now)
    today, week = Period.around(day_of(now, zone))
    row = await db.fetchrow(_CURRENT, player_id, week.starts_on, today.starts_on)
    assert row is not None  # noqa: S101  # the statement always has one row
    stored = [quest_from_row(dict(zip(_COLUMNS, quest, strict=True))) for quest in row["quests"]]
    tallies = {day: {Fact(fact): number for fact, number in tally.items()} for day, tally in row["days"]}

    async def of(period: Period) -> QuestsOfPeriod:
        quests = tuple(quest for quest in stored if quest.period == period)
        if not quests:
            can = await opportunities(db, player_id, Span.lived(period, zones), otherwise=academy.zone)
            quests = tuple(quest.after(tallies) for quest in catalogue.drawn(player_id, period, can))
        ends_at = datetime.combine(period.ends_on + ONE_DAY, time(), zone).astimezone(UTC)
        return QuestsOfPeriod(period, ends_at, tuple(sorted(quests, key=lambda quest: (quest.xp, quest.quest))))

    return CurrentQuests(daily=await of(today), weekly=await of(week))


async def completed_quests(
    db: Connection, player_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> list[PlayerQuest]:
    """The quests completed last come first; one more than `limit`, to show whether there are others."""
    completed_on, starts_on, quest = after or _BEFORE_ALL
    return [
        quest_from_row(dict(row))
        for row in await db.fetch(_COMPLETED, player_id, completed_on, starts_on, quest, limit + 1)
    ]
