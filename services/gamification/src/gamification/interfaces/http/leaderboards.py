"""Leaderboards of the week and of all time, of the academy and of a class."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query

from babyowl_chassis.auth import Principal
from babyowl_chassis.http import CurrentUser, Reader, Student, View, refused
from babyowl_chassis.sql import Connection
from babyowl_kernel import Refusal
from gamification.domain.calendar import Academy
from gamification.domain.levels import level_for
from gamification.domain.policies import seeing_academy_leaderboard, seeing_class_leaderboard
from gamification.interfaces.http.dependencies import TheAcademy
from gamification.queries.classes import class_standing, has_seat
from gamification.queries.leaderboards import Board, Period, Place, around, top

router = APIRouter(prefix="/api/v1/leaderboards", tags=["Leaderboards"])

Limit = Annotated[int, Query(ge=1, le=100, description="How many of the first places.")]
Neighbours = Annotated[int, Query(ge=0, le=10, description="How many places before and behind you.")]


class PlaceView(View):
    """A place. Behind an alias there is neither picture nor id."""

    rank: int
    player_id: UUID | None
    name: str
    avatar_url: str | None
    xp: int
    level: int
    is_me: bool

    @classmethod
    def of(cls, value: Place) -> Self:
        """The view of the query's answer."""
        return cls(
            rank=value.rank,
            player_id=value.player_id,
            name=value.name,
            avatar_url=value.avatar_url,
            xp=value.xp,
            level=level_for(value.total_xp),
            is_me=value.is_me,
        )


class LeaderboardView(View):
    """A leaderboard's first places; `week` is its Monday, by the academy's clock."""

    period: Period
    week: date | None
    class_id: UUID | None
    items: list[PlaceView]


class MyPlaceView(View):
    """Where you stand, among your neighbours; `rank` is null and nobody is shown if you are not on it."""

    period: Period
    week: date | None
    class_id: UUID | None
    rank: int | None
    items: list[PlaceView]


@router.get("/{period}")
async def leaderboard(
    *,
    period: Period,
    db: Reader,
    user: CurrentUser,
    academy: TheAcademy,
    class_id: UUID | None = None,
    limit: Limit = 10,
) -> LeaderboardView:
    """The first places, of the academy or of one class."""
    board = await _board(db, user, academy, period, class_id)
    places = await top(db, board, viewer_id=user.user_id, limit=limit)
    return LeaderboardView(
        period=period, week=board.week, class_id=class_id, items=[PlaceView.of(place) for place in places]
    )


@router.get("/{period}/me")
async def my_place(
    *,
    period: Period,
    db: Reader,
    user: Student,
    academy: TheAcademy,
    class_id: UUID | None = None,
    neighbours: Neighbours = 2,
) -> MyPlaceView:
    """Your own rank, and who is just before and behind you."""
    board = await _board(db, user, academy, period, class_id)
    places = await around(db, board, player_id=user.user_id, neighbours=neighbours)
    return MyPlaceView(
        period=period,
        week=board.week,
        class_id=class_id,
        rank=next((place.rank for place in places if place.is_me), None),
        items=[PlaceView.of(place) for place in places],
    )


async def _board(db: Connection, user: Principal, academy: Academy, period: Period, class_id: UUID | None) -> Board:
    refusal: Refusal | None
    if class_id is None:
        refusal = seeing_academy_leaderboard(user.actor, has_seat=await has_seat(db, user.user_id))
    else:
        standing = await class_standing(db, class_id, user.user_id)
        refusal = seeing_class_leaderboard(user.actor, class_id, standing)
    if refusal is not None:
        raise refused(refusal)
    return Board(week=academy.this_week() if period is Period.WEEKLY else None, class_id=class_id)
