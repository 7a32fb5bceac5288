"""Leaderboards of the week, of the month and of all time; of the academy, of a course and of a class."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from babyowl_chassis.http import PageParams, Reader, State, Student, View, page
from gamification.domain.boards import Board, Period
from gamification.domain.levels import level_for
from gamification.interfaces.http.dependencies import TheAcademy, TheCatalogue
from gamification.interfaces.http.seen_boards import SeenBoards
from gamification.queries.faces import Viewer
from gamification.queries.leaderboards import Leaderboards
from gamification.queries.points import CountedPoints, counted_points, score_of
from gamification.queries.standings import Place

router = APIRouter(prefix="/api/v1/leaderboards", tags=["Leaderboards"])

TheLeaderboards = Annotated[Leaderboards, State("leaderboards")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many of the first places.")]
Neighbours = Annotated[int, Query(ge=0, le=10, description="How many places before and behind you.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """A board, and who looks at it."""

    period: Period
    board: Board
    viewer: Viewer


async def _asked_for(period: Period, seen: SeenBoards, academy: TheAcademy) -> Asked:
    """The board of the running period, for somebody who may see it."""
    board = Board.of_today(period, academy, course_id=seen.course_id, class_id=seen.class_id)
    return Asked(period, board, seen.viewer)


AskedBoard = Annotated[Asked, Depends(_asked_for)]


class BoardView(View):
    """Which board it is. `starts_on` is the first day of its week or month, by the academy's clock."""

    period: Period
    starts_on: date | None
    class_id: UUID | None
    course_id: UUID | None


class PlaceView(View):
    """A place. Who you do not know is shown by an alias and without an id, and so is who has chosen an alias."""

    rank: int
    player_id: UUID | None
    name: str
    xp: int
    level: int
    is_me: bool

    @classmethod
    def of(cls, value: Place) -> Self:
        """The view of the query's answer."""
        return cls(
            rank=value.rank,
            player_id=value.face.player_id,
            name=value.face.name,
            xp=value.xp,
            level=level_for(value.total_xp),
            is_me=value.face.is_me,
        )


class LeaderboardView(BoardView):
    """A leaderboard's first places."""

    items: list[PlaceView]


class MyPlaceView(BoardView):
    """Where you stand, among your neighbours; `rank` is null and nobody is shown if you are not on it."""

    rank: int | None
    items: list[PlaceView]


class CountedPointsView(View):
    """Points that count on a board: what one rule gave for one thing, corrections taken off.

    `title` is that of the rule, badge or quest; null if the game no longer knows it.
    """

    rule: str
    title: str | None
    amount: int
    source_kind: str
    source_id: UUID
    counts_on: date

    @classmethod
    def of(cls, value: CountedPoints) -> Self:
        """The view of the query's answer."""
        return cls(
            rule=value.rule,
            title=value.title,
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
        rank=next((place.rank for place in places if place.face.is_me), None),
        items=[PlaceView.of(place) for place in places],
    )


@router.get("/{period}/me/points")
async def my_points(
    asked: AskedBoard,
    db: Reader,
    leaderboards: TheLeaderboards,
    catalogue: TheCatalogue,
    _: Student,
    params: PageParams,
) -> MyPointsView:
    """Why you stand where you stand: the points that count on the board, the latest first."""
    me = asked.viewer
    places = await leaderboards.around(db, asked.board, viewer=me, neighbours=1)
    mine = next((number for number, place in enumerate(places) if place.face.is_me), None)
    score = await score_of(db, asked.board, me.id)
    rows = await counted_points(
        db, asked.board, me.id, catalogue, after=params.after_as(date, str, UUID, str), limit=params.limit
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
