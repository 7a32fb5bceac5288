"""What happened in a learner's game, newest first."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import Page, PageParams, Reader, Student, View, page
from babyowl_chassis.http.pages import PageRequest
from babyowl_chassis.sql import Connection
from gamification.domain.calendar import Academy
from gamification.domain.catalogue import Catalogue
from gamification.interfaces.http.dependencies import SeenPlayer, TheAcademy, TheCatalogue
from gamification.interfaces.http.players import SourceView
from gamification.queries.feed import FeedEntry, Happening, feed
from gamification.queries.present import present

router = APIRouter(prefix="/api/v1/players", tags=["Players"])


class FeedEntryView(View):
    """Something that happened: points, a correction that took some back, a badge, a quest, a day saved by a freeze.

    `day` is the learner's own day it counts for, `at` when it was known. `title` is that of the rule, badge
    or quest, null if the game no longer knows it; `reason` is what staff says of a badge they have taken away.
    `total_xp` is what the points led to, `new_level` the level if that is another one than before.
    """

    id: UUID
    at: datetime
    kind: Happening
    day: date
    title: str | None
    reason: str | None
    amount: int
    rule: str | None
    source: SourceView | None
    total_xp: int | None
    new_level: int | None

    @classmethod
    def of(cls, value: FeedEntry) -> Self:
        """The view of the query's answer."""
        source = None
        if value.source_kind is not None and value.source_id is not None:
            source = SourceView(kind=value.source_kind, id=value.source_id)
        return cls(
            id=value.id,
            at=value.at,
            kind=value.kind,
            day=value.day,
            title=value.title,
            reason=value.reason,
            amount=value.amount,
            rule=value.rule,
            source=source,
            total_xp=value.total_xp,
            new_level=value.new_level,
        )


@router.get("/me/feed")
async def my_feed(
    db: Reader, user: Student, params: PageParams, academy: TheAcademy, catalogue: TheCatalogue
) -> Page[FeedEntryView]:
    """What happened in your game, newest first: points, corrections, levels, badges, quests, and freezes."""
    return await _feed(db, user.user_id, params, academy, catalogue)


@router.get("/{player_id}/feed")
async def feed_of(
    db: Reader, player_id: SeenPlayer, params: PageParams, academy: TheAcademy, catalogue: TheCatalogue
) -> Page[FeedEntryView]:
    """What happened in a learner's game: for the learner, the instructors of their classes, and staff."""
    return await _feed(db, player_id, params, academy, catalogue)


async def _feed(
    db: Connection, player_id: UUID, params: PageRequest, academy: Academy, catalogue: Catalogue
) -> Page[FeedEntryView]:
    after = params.after_as(datetime, UUID)
    now = await present(db, player_id, academy)
    rows = await feed(db, player_id, catalogue, now, after=after, limit=params.limit)
    return page(rows, params, key=lambda row: (row.at, row.id), view=FeedEntryView.of)
