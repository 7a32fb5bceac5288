"""Leaderboards of weeks and months that are over."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query

from babyowl_chassis.http import Page, PageParams, Reader, Student, View, page, refused
from babyowl_chassis.sql import Connection
from gamification.domain.errors import PeriodNotClosed
from gamification.domain.periods import ClosingPeriod, Cycle
from gamification.interfaces.http.dependencies import Day
from gamification.interfaces.http.seen_boards import Seen, SeenBoards
from gamification.queries.closed_leaderboards import (
    Closed,
    ClosedBoard,
    FinalPlace,
    around,
    closed_periods,
    final_places,
    is_closed,
)

router = APIRouter(prefix="/api/v1/leaderboards", tags=["Leaderboards"])

Neighbours = Annotated[int, Query(ge=0, le=10, description="How many places before and behind you.")]


class ClosingEach(StrEnum):
    """What closes: weeks, months."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def cycle(self) -> Cycle:
        """The same, in the words of the domain."""
        return Cycle.WEEK if self is ClosingEach.WEEKLY else Cycle.MONTH


class ClosedPeriodView(View):
    """A week or month that is over. `rank` and `xp` are your own, null if you had no place."""

    starts_on: date
    ends_on: date
    closed_at: datetime
    rank: int | None
    xp: int | None


class FinalPlaceView(View):
    """A place as it was when the period closed. The learner is shown as they appear today."""

    rank: int
    player_id: UUID | None
    name: str
    xp: int
    is_me: bool

    @classmethod
    def of(cls, value: FinalPlace) -> Self:
        """The view of the query's answer."""
        return cls(
            rank=value.rank,
            player_id=value.face.player_id,
            name=value.face.name,
            xp=value.xp,
            is_me=value.face.is_me,
        )


class MyFinalPlaceView(View):
    """Where you stood, among your neighbours; `rank` is null and nobody is shown if you had no place."""

    starts_on: date
    ends_on: date
    rank: int | None
    items: list[FinalPlaceView]


@router.get("/{period}/closed")
async def closed(
    *,
    period: ClosingEach,
    db: Reader,
    seen: SeenBoards,
    params: PageParams,
) -> Page[ClosedPeriodView]:
    """The weeks or months that are over, newest first, and your own place in each."""
    found = await closed_periods(
        db,
        period.cycle,
        viewer=seen.viewer,
        course_id=seen.course_id,
        class_id=seen.class_id,
        after=params.after_as(date),
        limit=params.limit,
    )

    def view(value: Closed) -> ClosedPeriodView:
        return ClosedPeriodView(
            starts_on=value.starts_on,
            ends_on=ClosingPeriod(period.cycle, value.starts_on).last_day,
            closed_at=value.closed_at,
            rank=value.rank,
            xp=value.xp,
        )

    return page(found, params, key=lambda each: (each.starts_on,), view=view)


@router.get("/{period}/closed/{starts_on}")
async def closed_leaderboard(
    *,
    period: ClosingEach,
    starts_on: Day,
    db: Reader,
    seen: SeenBoards,
    params: PageParams,
) -> Page[FinalPlaceView]:
    """The places as they were at the close of that Monday's week, or of the month that began on that day.

    Corrections that came later are not in them. Who has left the leaderboards since is missing; the ranks stay.
    """
    board = await _board(db, ClosingPeriod(period.cycle, starts_on), seen)
    places = await final_places(db, board, viewer=seen.viewer, after=params.after_as(int), limit=params.limit)
    return page(places, params, key=lambda place: (place.position,), view=FinalPlaceView.of)


@router.get("/{period}/closed/{starts_on}/me")
async def my_final_place(
    *,
    period: ClosingEach,
    starts_on: Day,
    db: Reader,
    _: Student,
    seen: SeenBoards,
    neighbours: Neighbours = 2,
) -> MyFinalPlaceView:
    """Your own place at the close, and who was just before and behind you."""
    closing = ClosingPeriod(period.cycle, starts_on)
    board = await _board(db, closing, seen)
    places = await around(db, board, viewer=seen.viewer, neighbours=neighbours)
    return MyFinalPlaceView(
        starts_on=starts_on,
        ends_on=closing.last_day,
        rank=next((place.rank for place in places if place.face.is_me), None),
        items=[FinalPlaceView.of(place) for place in places],
    )


async def _board(db: Connection, period: ClosingPeriod, seen: Seen) -> ClosedBoard:
    if not await is_closed(db, period):
        raise refused(PeriodNotClosed())
    return ClosedBoard.of(period, course_id=seen.course_id, class_id=seen.class_id)
