"""What a learner earned, day by day, for a chart or a calendar."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query

from babyowl_chassis.http import Reader, Student, View, refused
from babyowl_chassis.sql import Connection
from gamification.domain.calendar import Academy
from gamification.domain.errors import RangeUnsuitable
from gamification.domain.facts import Fact
from gamification.interfaces.http.dependencies import Day, SeenPlayer, TheAcademy
from gamification.queries.days import DayOfXp, xp_by_day
from gamification.queries.present import present

router = APIRouter(prefix="/api/v1/players", tags=["Players"])

DEFAULT_DAYS = 30
MOST_DAYS = 366

First = Annotated[Day | None, Query(alias="from", description=f"{DEFAULT_DAYS - 1} days before `to`, if left out.")]
Last = Annotated[Day | None, Query(alias="to", description="The learner's own today, if left out.")]


class DayView(View):
    """A day of the learner's own; `done` counts what was done on it, and `frozen` says that a freeze bridged it."""

    day: date
    xp: int
    done: Mapping[Fact, int]
    frozen: bool

    @classmethod
    def of(cls, value: DayOfXp) -> Self:
        """The view of the query's answer."""
        done = {Fact(fact): number for fact, number in value.done.items()}
        return cls(day=value.day, xp=value.xp, done=done, frozen=value.frozen)


class XpByDayView(View):
    """Every day of the range, those without points too."""

    total_xp: int
    items: list[DayView]


@router.get("/me/xp-by-day")
async def my_xp_by_day(
    db: Reader, user: Student, academy: TheAcademy, first: First = None, last: Last = None
) -> XpByDayView:
    """What you earned on each day, for at most 366 days: what is corrected is corrected here, too."""
    return await _xp_by_day(db, user.user_id, academy, first, last)


@router.get("/{player_id}/xp-by-day")
async def xp_by_day_of(
    db: Reader, player_id: SeenPlayer, academy: TheAcademy, first: First = None, last: Last = None
) -> XpByDayView:
    """What a learner earned on each day: for the learner, the instructors of their classes, and staff."""
    return await _xp_by_day(db, player_id, academy, first, last)


async def _xp_by_day(
    db: Connection, player_id: UUID, academy: Academy, first: date | None, last: date | None
) -> XpByDayView:
    now = await present(db, player_id, academy)
    last = last or now.today
    first = first or date.fromordinal(max(1, last.toordinal() - DEFAULT_DAYS + 1))
    # The very first and the very last date there is are infinite in Postgres.
    if first == date.min or last == date.max or not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise refused(RangeUnsuitable(MOST_DAYS))
    days = await xp_by_day(db, player_id, first, last, open_freezes=now.open_freezes)
    return XpByDayView(total_xp=sum(day.xp for day in days), items=[DayView.of(day) for day in days])
