"""Leagues: one's own cohort of the week, and how the weeks before came out."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import Page, PageParams, Reader, Student, View, page
from babyowl_chassis.http.pages import PageRequest
from babyowl_chassis.sql import Connection
from gamification.domain.leagues import League, Move, promoted_of, relegated_of
from gamification.domain.periods import ClosingPeriod, Cycle
from gamification.interfaces.http.dependencies import SeenPlayer, TheAcademy
from gamification.interfaces.http.seen_boards import AcademyViewer
from gamification.queries.leagues import CohortPlace, LeagueWeek, cohort_table, league_history, seat_of

router = APIRouter(prefix="/api/v1/leagues", tags=["Leagues"])
of_a_player = APIRouter(prefix="/api/v1/players", tags=["Leagues"])

Zone = Literal["promotion", "safe", "relegation"]
_ZONES: dict[Move, Zone] = {Move.PROMOTED: "promotion", Move.RELEGATED: "relegation", Move.LEFT: "relegation"}


class CohortPlaceView(View):
    """A place in your cohort; `zone` is what would come of it if the week closed now."""

    rank: int
    player_id: UUID | None
    name: str
    xp: int
    zone: Zone
    is_me: bool

    @classmethod
    def of(cls, value: CohortPlace) -> Self:
        """The view of the query's answer."""
        return cls(
            rank=value.rank,
            player_id=value.face.player_id,
            name=value.face.name,
            xp=value.xp,
            zone=_ZONES.get(value.move, "safe"),
            is_me=value.face.is_me,
        )


class MyLeagueView(View):
    """Your league, and the table of your cohort as it stands.

    The first points of the week bring you a seat: until then `rank` is null and nobody is shown; nor if you have
    left the leaderboards. `league` is null for who was in none last week: the first one is bronze. `week` is its
    Monday by the academy's clock; it closes some time after `ends_at`.
    """

    league: League | None
    week: date
    ends_at: datetime
    promoted: int
    relegated: int
    rank: int | None
    items: list[CohortPlaceView]


class LeagueWeekView(View):
    """How a week came out: without rank and points while you were on no leaderboard.

    `next_league` is null for who earned nothing in the lowest one.
    """

    week: date
    league: League
    rank: int | None
    xp: int | None
    move: Move
    next_league: League | None

    @classmethod
    def of(cls, value: LeagueWeek) -> Self:
        """The view of the query's answer."""
        return cls(
            week=value.week,
            league=League(value.league),
            rank=value.rank,
            xp=value.xp,
            move=Move(value.move),
            next_league=None if value.next_league is None else League(value.next_league),
        )


@router.get("/me")
async def my_league(db: Reader, user: Student, viewer: AcademyViewer, academy: TheAcademy) -> MyLeagueView:
    """Your league and cohort of this week, with who would go up and down."""
    seat = await seat_of(db, user.user_id)
    places = await cohort_table(db, seat, viewer=viewer)
    week = ClosingPeriod(Cycle.WEEK, seat.week or academy.this_week())
    return MyLeagueView(
        league=seat.league,
        week=week.starts_on,
        ends_at=week.ends_at(academy.zone),
        promoted=promoted_of(len(places)) if places and seat.league is not League.DIAMOND else 0,
        relegated=relegated_of(len(places)) if places and seat.league is not League.BRONZE else 0,
        rank=next((place.rank for place in places if place.face.is_me), None),
        items=[CohortPlaceView.of(place) for place in places],
    )


@router.get("/me/history")
async def my_league_history(db: Reader, user: Student, params: PageParams) -> Page[LeagueWeekView]:
    """How your weeks in leagues came out, newest first."""
    return await _history(db, user.user_id, params)


@of_a_player.get("/{player_id}/leagues")
async def league_history_of(db: Reader, player_id: SeenPlayer, params: PageParams) -> Page[LeagueWeekView]:
    """How a learner's weeks in leagues came out, newest first."""
    return await _history(db, player_id, params)


async def _history(db: Connection, player_id: UUID, params: PageRequest) -> Page[LeagueWeekView]:
    weeks = await league_history(db, player_id, after=params.after_as(date), limit=params.limit)
    return page(weeks, params, key=lambda week: (week.week,), view=LeagueWeekView.of)
