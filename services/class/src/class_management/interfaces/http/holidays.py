"""The holiday calendar of the academy."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response

from babyowl_chassis.http import (
    Body,
    CurrentUser,
    Page,
    PageParams,
    Reader,
    Staff,
    TheBus,
    UnkeyedBus,
    View,
    accepted,
    page,
    refused,
)
from babyowl_chassis.ids import utc_now
from babyowl_chassis.unit_of_work import VersionConflict
from babyowl_kernel import Err
from class_management.application.commands.declare_holiday import DeclaredHoliday, DeclareHoliday
from class_management.application.commands.observe_holiday import ObserveHoliday
from class_management.application.commands.withdraw_holiday import WithdrawHoliday
from class_management.domain.schedule_errors import HolidayNotFound
from class_management.interfaces.http.bodies import Name
from class_management.interfaces.http.views import WallTime
from class_management.queries.holidays import classes_hit, holiday_exists, list_holidays, meetings_hit

router = APIRouter(prefix="/api/v1/holidays", tags=["Holidays"])


HELD = ("id", "name", "first_date", "last_date")
BUSY = "Too many are changing this class at once; nothing of it was moved."


class HolidayBody(Body):
    """The first and the last day on which nobody meets."""

    name: Name
    first_date: date
    last_date: date


class HolidayView(View):
    """Days on which no class is planned. `meetings_hit` counts meetings ahead that were planned for them before; it
    is for the office, and null for others.
    """

    id: UUID
    name: str
    first_date: date
    last_date: date
    meetings_hit: int | None

    @classmethod
    def of(cls, value: Any) -> Self:
        """As it was declared, or as a query found it."""
        if isinstance(value, DeclaredHoliday):
            return cls(**{name: getattr(value.holiday, name) for name in HELD}, meetings_hit=value.meetings_hit)
        return super().of(value)


class MeetingHitView(View):
    """A meeting ahead on a holiday."""

    id: UUID
    number: int
    class_id: UUID
    class_name: str
    local_date: date
    local_time: WallTime
    starts_at: datetime


class ClassInTheWayView(View):
    """A class whose meetings could not be moved, and why."""

    class_id: UUID
    code: str
    detail: str


class ObservanceView(View):
    """How many meetings have made way for a holiday in this round, and the classes where none did.

    `classes_left` counts those that the round did not come to; `next_cursor` goes on with them.
    """

    meetings_moved: int
    refused: list[ClassInTheWayView]
    classes_left: int
    next_cursor: str | None


@router.get("")
async def get_holidays(
    params: PageParams,
    db: Reader,
    user: CurrentUser,
    since: Annotated[date | None, Query(alias="from", description="Holidays that end on this day or later.")] = None,
) -> Page[HolidayView]:
    """The days on which the academy is closed; today's and those ahead unless told otherwise."""
    now = utc_now()
    rows = await list_holidays(
        db,
        now=now,
        since=since or now.date(),
        counting=user.actor.is_staff,
        after=params.after_as(date, UUID),
        limit=params.limit,
    )
    return page(rows, params, key=lambda row: (row.first_date, row.id), view=HolidayView.of)


@router.post("", status_code=201)
async def declare_holiday(body: HolidayBody, user: Staff, bus: TheBus) -> HolidayView:
    """Close the academy. Nothing is planned on these days any more; what is planned already stays until it is
    moved: see the meetings of the holiday, and its observance.
    """
    command = DeclareHoliday(name=body.name, first_date=body.first_date, last_date=body.last_date, by=user.actor)
    return await bus.answer(command, HolidayView)


@router.get("/{holiday_id}/meetings")
async def get_meetings_hit(holiday_id: UUID, params: PageParams, db: Reader, _: Staff) -> Page[MeetingHitView]:
    """The meetings ahead that are planned on its days, soonest first."""
    if not await holiday_exists(db, holiday_id):
        raise refused(HolidayNotFound(holiday_id))
    rows = await meetings_hit(
        db, holiday_id, now=utc_now(), after=params.after_as(datetime, UUID), limit=params.limit
    )
    return page(rows, params, key=lambda row: (row.starts_at, row.id), view=MeetingHitView.of)


@router.post("/{holiday_id}/observance")
async def observe_holiday(
    holiday_id: UUID, params: PageParams, db: Reader, user: Staff, bus: UnkeyedBus
) -> ObservanceView:
    """Move the meetings ahead on its days to the end of their series, so many classes a round, each by itself.

    A class that refuses, or that others are changing, is named and passed over. Going on with the cursor comes to
    the classes that are left; without it, the next round begins again with whatever has not moved.
    """
    if not await holiday_exists(db, holiday_id):
        raise refused(HolidayNotFound(holiday_id))
    hit = await classes_hit(db, holiday_id, now=utc_now(), after=params.after_as(UUID), limit=params.limit)
    this_round = page(hit, params, key=lambda each: (each.id,), view=lambda each: each.id)
    moved, in_the_way = 0, []
    for class_id in this_round.items:
        command = ObserveHoliday(holiday_id=holiday_id, class_id=class_id, by=user.actor)
        try:
            outcome = await bus.execute(command)
        except VersionConflict:
            in_the_way.append(ClassInTheWayView(class_id=class_id, code="busy", detail=BUSY))
            continue
        if isinstance(outcome, Err):
            refusal = outcome.refusal
            in_the_way.append(ClassInTheWayView(class_id=class_id, code=refusal.code, detail=refusal.reason))
        else:
            moved += len(outcome.value)
    return ObservanceView(
        meetings_moved=moved,
        refused=in_the_way,
        classes_left=hit[params.limit].left if this_round.next_cursor else 0,
        next_cursor=this_round.next_cursor,
    )


@router.delete("/{holiday_id}", status_code=204)
async def withdraw_holiday(holiday_id: UUID, user: Staff, bus: TheBus) -> Response:
    """Open the academy after all. Meetings that made way stay where they are."""
    accepted(await bus.execute(WithdrawHoliday(holiday_id=holiday_id, by=user.actor)))
    return Response(status_code=204)
