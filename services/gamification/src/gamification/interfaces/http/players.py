"""A learner's own numbers and history."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import (
    Page,
    PageParams,
    Reader,
    Student,
    View,
    page,
)
from gamification.domain.values import Visibility
from gamification.interfaces.http.dependencies import SeenPlayer, TheAcademy, TheCatalogue
from gamification.queries.history import LedgerLine, history
from gamification.queries.players import Fall, PlayerStats, player_stats

router = APIRouter(prefix="/api/v1/players", tags=["Players"])


class LevelView(View):
    """A level; `starts_at` and `next_at` are points."""

    number: int
    starts_at: int
    next_at: int


class StreakView(View):
    """Days are those of the learner's own zone, weeks the ISO weeks with an active day.

    `freezes` are held for days that will be missed; `frozen_on` are those the running streak last survived by one.
    """

    current_days: int
    longest_days: int
    last_active_on: date | None
    current_weeks: int
    longest_weeks: int
    freezes: int
    frozen_on: list[date]


class SourceView(View):
    """What the points came from."""

    kind: str
    id: UUID


class LedgerLineView(View):
    """Points earned by a rule or, below zero, taken back by a correction.

    `title` is that of the rule, badge or quest; null if the game no longer knows it.
    """

    id: UUID
    rule: str
    title: str | None
    amount: int
    source: SourceView
    earned_on: date
    recorded_at: datetime

    @classmethod
    def of(cls, value: LedgerLine) -> Self:
        """The view of the query's answer."""
        return cls(
            id=value.id,
            rule=value.rule,
            title=value.title,
            amount=value.amount,
            source=SourceView(kind=value.source_kind, id=value.source_id),
            earned_on=value.earned_on,
            recorded_at=value.recorded_at,
        )


class FallView(View):
    """The points are below a level that was reached before: by `missing_xp`, since a correction took some back.

    `correction` is that line of the ledger; null if it is not known any more.
    """

    missing_xp: int
    correction: LedgerLineView | None

    @classmethod
    def of(cls, value: Fall) -> Self:
        """The view of the query's answer."""
        line = value.correction
        return cls(missing_xp=value.missing_xp, correction=None if line is None else LedgerLineView.of(line))


class PlayerView(View):
    """How far a learner is; `highest_level` is never taken back, and `fell_back` explains a level below it."""

    player_id: UUID
    display_name: str | None
    avatar_url: str | None
    total_xp: int
    xp_this_week: int
    xp_to_next_level: int
    level: LevelView
    highest_level: int
    fell_back: FallView | None
    streak: StreakView
    leaderboard: Visibility
    alias: str | None

    @classmethod
    def of(cls, value: PlayerStats) -> Self:
        """The view of the query's answer."""
        return cls(
            player_id=value.player_id,
            display_name=value.display_name,
            avatar_url=value.avatar_url,
            total_xp=value.total_xp,
            xp_this_week=value.xp_this_week,
            xp_to_next_level=value.level.next_at - value.total_xp,
            level=LevelView.of(value.level),
            highest_level=value.highest_level,
            fell_back=None if value.fall is None else FallView.of(value.fall),
            streak=StreakView.of(value.streak),
            leaderboard=Visibility(value.leaderboard),
            alias=value.alias,
        )


@router.get("/me")
async def my_stats(db: Reader, user: Student, academy: TheAcademy, catalogue: TheCatalogue) -> PlayerView:
    """Your points, level and streak."""
    return PlayerView.of(await player_stats(db, user.user_id, academy, catalogue))


@router.get("/me/history")
async def my_history(db: Reader, user: Student, params: PageParams, catalogue: TheCatalogue) -> Page[LedgerLineView]:
    """Your ledger, newest line first: what you earned, and what a correction took back."""
    rows = await history(db, user.user_id, catalogue, after=params.after_as(datetime, UUID), limit=params.limit)
    return page(rows, params, key=lambda row: (row.recorded_at, row.id), view=LedgerLineView.of)


@router.get("/{player_id}")
async def stats_of(player_id: SeenPlayer, db: Reader, academy: TheAcademy, catalogue: TheCatalogue) -> PlayerView:
    """A learner's points, level and streak: for the learner, the instructors of their classes, and staff."""
    return PlayerView.of(await player_stats(db, player_id, academy, catalogue))
