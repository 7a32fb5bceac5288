"""What a learner is asked to do today and this week, and what they have completed."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import Page, PageParams, Reader, Student, View, page
from gamification.domain.facts import Fact
from gamification.domain.quests import Cadence, PlayerQuest, QuestCatalogue
from gamification.interfaces.http.dependencies import SeenPlayer, TheAcademy, TheCatalogue
from gamification.queries.quests import QuestsOfPeriod, completed_quests, current_quests

router = APIRouter(prefix="/api/v1/players", tags=["Quests"])


class QuestView(View):
    """A quest of a learner: `progress` of `target`; `completed_on` is a day of the learner's own.

    Title and text are those of the catalogue; of a quest that it no longer has, the title is its id.
    """

    quest: str
    cadence: Cadence
    starts_on: date
    ends_on: date
    title: str
    text: str
    fact: Fact
    target: int
    progress: int
    xp: int
    completed_on: date | None

    @classmethod
    def told(cls, value: PlayerQuest, catalogue: QuestCatalogue) -> Self:
        """The quest in the catalogue's words."""
        entry = catalogue.about(value.quest, value.starts_on)
        return cls(
            quest=value.quest,
            cadence=value.cadence,
            starts_on=value.starts_on,
            ends_on=value.ends_on,
            title=entry.title if entry else value.quest,
            text=entry.text if entry else "",
            fact=value.fact,
            target=value.target,
            progress=value.progress,
            xp=value.xp,
            completed_on=value.completed_on,
        )


class QuestsView(View):
    """The quests of a day or a week, both ends included; it ends at `ends_at`, the learner's own midnight.

    There are none for who has nothing to do: no lesson open, no meeting planned.
    """

    starts_on: date
    ends_on: date
    ends_at: datetime
    items: list[QuestView]

    @classmethod
    def told(cls, value: QuestsOfPeriod, catalogue: QuestCatalogue) -> Self:
        """The quests in the catalogue's words."""
        return cls(
            starts_on=value.period.starts_on,
            ends_on=value.period.ends_on,
            ends_at=value.ends_at,
            items=[QuestView.told(quest, catalogue) for quest in value.quests],
        )


class CurrentQuestsView(View):
    """What a learner is asked to do today and this week."""

    daily: QuestsView
    weekly: QuestsView


@router.get("/me/quests")
async def my_quests(db: Reader, user: Student, catalogue: TheCatalogue, academy: TheAcademy) -> CurrentQuestsView:
    """What you are asked to do today and this week, and how far you are."""
    return await _current(db, user.user_id, catalogue, academy)


@router.get("/me/quests/completed")
async def my_completed_quests(
    db: Reader, user: Student, catalogue: TheCatalogue, params: PageParams
) -> Page[QuestView]:
    """The quests you have completed, the latest first."""
    return await _completed(db, user.user_id, catalogue, params)


@router.get("/{player_id}/quests")
async def quests_of(
    player_id: SeenPlayer, db: Reader, catalogue: TheCatalogue, academy: TheAcademy
) -> CurrentQuestsView:
    """A learner's quests: for the learner, the instructors of their classes, and staff."""
    return await _current(db, player_id, catalogue, academy)


@router.get("/{player_id}/quests/completed")
async def completed_quests_of(
    player_id: SeenPlayer, db: Reader, catalogue: TheCatalogue, params: PageParams
) -> Page[QuestView]:
    """The quests a learner has completed: for the learner, the instructors of their classes, and staff."""
    return await _completed(db, player_id, catalogue, params)


async def _current(db: Reader, player_id: UUID, catalogue: TheCatalogue, academy: TheAcademy) -> CurrentQuestsView:
    quests = await current_quests(db, player_id, catalogue.quests, academy)
    return CurrentQuestsView(
        daily=QuestsView.told(quests.daily, catalogue.quests),
        weekly=QuestsView.told(quests.weekly, catalogue.quests),
    )


async def _completed(db: Reader, player_id: UUID, catalogue: TheCatalogue, params: PageParams) -> Page[QuestView]:
    rows = await completed_quests(db, player_id, after=params.after_as(date, date, str), limit=params.limit)
    return page(
        rows,
        params,
        key=lambda row: (row.completed_on, row.starts_on, row.quest),
        view=lambda row: QuestView.told(row, catalogue.quests),
    )
