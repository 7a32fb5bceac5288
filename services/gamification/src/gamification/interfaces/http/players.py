"""A learner's own numbers, history, and how the learner appears to others."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from babyowl_chassis.http import (
    Body,
    Page,
    PageParams,
    Reader,
    Student,
    TheBus,
    View,
    accepted,
    page,
)
from gamification.application.commands.choose_appearance import KEPT, ChooseAppearance
from gamification.domain.values import Appearance, Visibility
from gamification.interfaces.http.dependencies import SeenPlayer, TheAcademy
from gamification.queries.history import LedgerLine, history
from gamification.queries.players import PlayerStats, player_stats

router = APIRouter(prefix="/api/v1/players", tags=["Players"])

MAX_ALIAS_LENGTH = 100
"""Of the input; the rule for aliases is stricter, and says so itself."""


class LevelView(View):
    """A level; `starts_at` and `next_at` are points."""

    number: int
    starts_at: int
    next_at: int


class StreakView(View):
    """Days are those of the learner's own zone."""

    current_days: int
    longest_days: int
    last_active_on: date | None


class PlayerView(View):
    """How far a learner is."""

    player_id: UUID
    display_name: str | None
    avatar_url: str | None
    total_xp: int
    xp_this_week: int
    xp_to_next_level: int
    level: LevelView
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
            streak=StreakView.of(value.streak),
            leaderboard=Visibility(value.leaderboard),
            alias=value.alias,
        )


class SourceView(View):
    """What the points came from."""

    kind: str
    id: UUID


class LedgerLineView(View):
    """Points earned by a rule or, below zero, taken back by a correction."""

    id: UUID
    rule: str
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
            amount=value.amount,
            source=SourceView(kind=value.source_kind, id=value.source_id),
            earned_on=value.earned_on,
            recorded_at=value.recorded_at,
        )


class AppearanceBody(Body):
    """What is left out stays as it is; an alias of null gives the learner their own name back."""

    # Factories, so that the API's document does not promise a default: the route looks at what was given.
    leaderboard: Visibility = Field(default_factory=lambda: Visibility.SHOWN)
    alias: Annotated[str, Field(max_length=MAX_ALIAS_LENGTH)] | None = Field(default_factory=lambda: None)


class AppearanceView(View):
    """How a learner appears to others."""

    leaderboard: Visibility
    alias: str | None

    @classmethod
    def of(cls, value: Appearance) -> Self:
        """The view of the domain's value."""
        return cls(leaderboard=value.leaderboard, alias=value.alias.text if value.alias else None)


@router.get("/me")
async def my_stats(db: Reader, user: Student, academy: TheAcademy) -> PlayerView:
    """Your points, level and streak."""
    return PlayerView.of(await player_stats(db, user.user_id, now=academy.clock(), academy_zone=academy.zone))


@router.patch("/me")
async def choose_my_appearance(body: AppearanceBody, bus: TheBus, user: Student) -> AppearanceView:
    """Choose whether you stand on leaderboards, and under which name."""
    given = body.model_fields_set
    command = ChooseAppearance(
        player_id=user.user_id,
        leaderboard=body.leaderboard if "leaderboard" in given else KEPT,
        alias=body.alias if "alias" in given else KEPT,
    )
    return AppearanceView.of(accepted(await bus.execute(command)))


@router.get("/me/history")
async def my_history(db: Reader, user: Student, params: PageParams) -> Page[LedgerLineView]:
    """Your ledger, newest line first: what you earned, and what a correction took back."""
    rows = await history(db, user.user_id, after=params.after_as(datetime, UUID), limit=params.limit)
    return page(rows, params, key=lambda row: (row.recorded_at, row.id), view=LedgerLineView.of)


@router.get("/{player_id}")
async def stats_of(player_id: SeenPlayer, db: Reader, academy: TheAcademy) -> PlayerView:
    """A learner's points, level and streak: for the learner, the instructors of their classes, and staff."""
    return PlayerView.of(await player_stats(db, player_id, now=academy.clock(), academy_zone=academy.zone))
