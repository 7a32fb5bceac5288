"""Leaderboards of the week, of the month and of all time; of the academy, of a course and of a class."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from babyowl_chassis.http import CurrentUser, PageParams, Reader, State, Student, View, page, refused
from babyowl_kernel import Refusal
from gamification.domain.boards import Board, Period
from gamification.domain.errors import OneBoardOnly
from gamification.domain.levels import level_for
from gamification.domain.policies import (
    seeing_academy_leaderboard,
    seeing_class_leaderboard,
    seeing_course_leaderboard,
)
from gamification.interfaces.http.dependencies import TheAcademy
from gamification.queries.classes import class_standing, course_standing, has_seat
from gamification.queries.faces import Viewer
from gamification.queries.leaderboards import Leaderboards
from gamification.queries.points import CountedPoints, counted_points, score_of
from gamification.queries.standings import Place

router = APIRouter(prefix="/api/v1/leaderboards", tags=["Leaderboards"])

TheLeaderboards = Annotated[Leaderboards, State("leaderboards")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many of the first places.")]
Neighbours = Annotated[int, Query(ge=0, le=10, description="How many places before and behind you.")]


async def _asked_for(
    *,
    period: Period,
    db: Reader,
    user: CurrentUser,
    academy: TheAcademy,
    class_id: Annotated[UUID | None, Query(description="The class whose members are ranked.")] = None,
    course_id: Annotated[UUID | None, Query(description="The course whose points are ranked.")] = None,
) -> "Asked":
    """The board that is asked for, by somebody who may see it."""
    refusal: Refusal | None
    if class_id is not None and course_id is not None:
        refusal = OneBoardOnly()
    elif class_id is not None:
        refusal = seeing_class_leaderboard(user.actor, class_id, await class_standing(db, class_id, user.user_id))
    elif course_id is not None:
        standing = await course_standing(db, course_id, user.user_id)
        refusal = seeing_course_leaderboard(user.actor, course_id, standing)
    else:
        refusal = seeing_academy_leaderboard(user.actor, has_seat=await has_seat(db, user.user_id))
    if refusal is not None:
        raise refused(refusal)
    board = Board.of_today(period, academy, course_id=course_id, class_id=class_id)
    return Asked(period, board, Viewer.of(user.actor))


@dataclass(frozen=True, slots=True)
class Asked:
    """A board, and who looks at it."""

    period: Period
    board: Board
    viewer: Viewer


AskedBoard = Annotated[Asked, Depends(_asked_for)]


class BoardView(View):
    """Which board it is. `starts_on` is the first day of its week or month, by the academy's clock."""

    period: Period
    starts_on: date | None
    class_id: UUID | None
    course_id: UUID | None


class PlaceView(View):
    """A place. Behind an alias there is neither picture nor id, nor behind a name that is shortened."""

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


class LeaderboardView(BoardView):
    """A leaderboard's first places."""

    items: list[PlaceView]


class MyPlaceView(BoardView):
    """Where you stand, among your neighbours; `rank` is null and nobody is shown if you are not on it."""

    rank: int | None
    items: list[PlaceView]


class CountedPointsView(View):
    """Points that count on a board: what one rule gave for one thing, corrections taken off."""

    rule: str
    amount: int
    source_kind: str
    source_id: UUID
    counts_on: date

    @classmethod
    def of(cls, value: CountedPoints) -> Self:
        """The view of the query's answer."""
        return cls(
            rule=value.rule,
            amount=value.amount,
            source_kind=value.source_kind,
            source_id=value.source_id,
            counts_on=value.counts_on,
        )


class MyPointsView(BoardView):
    """Why you stand where you stand.

    `xp` is the sum of all the points listed; `reached_at` is when you did what brought you there, and decides
    among equals; `to_next_place` is how many points more put you before the one ahead.
    """

    rank: int | None
    xp: int
    reached_at: datetime | None
    to_next_place: int | None
    items: list[CountedPointsView]
    next_cursor: str | None


@router.get("/{period}")
async def leaderboard(
    asked: AskedBoard, db: Reader, leaderboards: TheLeaderboards, limit: Limit = 10
) -> LeaderboardView:
    """The first places, of the academy, of a course or of a class."""
    places = await leaderboards.top(db, asked.board, viewer=asked.viewer, limit=limit)
    return LeaderboardView(**_which(asked), items=[PlaceView.of(place) for place in places])


@router.get("/{period}/me")
async def my_place(
    asked: AskedBoard, db: Reader, leaderboards: TheLeaderboards, _: Student, neighbours: Neighbours = 2
) -> MyPlaceView:
    """Your own rank, and who is just before and behind you."""
    places = await leaderboards.around(db, asked.board, viewer=asked.viewer, neighbours=neighbours)
    return MyPlaceView(
        **_which(asked),
        rank=next((place.rank for place in places if place.is_me), None),
        items=[PlaceView.of(place) for place in places],
    )


@router.get("/{period}/me/points")
async def my_points(
    asked: AskedBoard, db: Reader, leaderboards: TheLeaderboards, _: Student, params: PageParams
) -> MyPointsView:
    """Why you stand where you stand: the points that count on the board, the latest first."""
    me = asked.viewer
    places = await leaderboards.around(db, asked.board, viewer=me, neighbours=1)
    mine = next((number for number, place in enumerate(places) if place.is_me), None)
    score = await score_of(db, asked.board, me.id)
    rows = await counted_points(
        db, asked.board, me.id, after=params.after_as(date, str, UUID, str), limit=params.limit
    )
    points = page(rows, params, key=lambda row: row.key, view=CountedPointsView.of)
    return MyPointsView(
        **_which(asked),
        rank=None if mine is None else places[mine].rank,
        xp=score.xp if score else 0,
        reached_at=score.reached_at if score else None,
        to_next_place=places[mine - 1].xp - places[mine].xp + 1 if mine else None,
        items=points.items,
        next_cursor=points.next_cursor,
    )


def _which(asked: Asked) -> dict[str, Any]:
    board = asked.board
    return {
        "period": asked.period,
        "starts_on": board.starts_on,
        "class_id": board.class_id,
        "course_id": board.course_id,
    }
