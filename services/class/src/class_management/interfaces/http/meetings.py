"""Meetings ahead."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from babyowl_chassis.http import CurrentUser, Page, PageParams, Reader, page
from babyowl_chassis.ids import utc_now
from class_management.interfaces.http.bodies import Moment
from class_management.interfaces.http.sight import scope_of
from class_management.interfaces.http.views import UpcomingMeetingView
from class_management.queries.meetings import upcoming_meetings

router = APIRouter(prefix="/api/v1/meetings", tags=["Meetings"])


@router.get("")
async def list_my_meetings(
    params: PageParams,
    db: Reader,
    user: CurrentUser,
    since: Annotated[Moment | None, Query(description="Meetings that end after this moment; now by default.")] = None,
) -> Page[UpcomingMeetingView]:
    """My meetings ahead, soonest first: those I attend, those I teach, or, for the office, all."""
    rows = await upcoming_meetings(
        db,
        scope_of(user),
        user.user_id,
        since=since or utc_now(),
        after=params.after_as(datetime, UUID),
        limit=params.limit,
    )
    return page(rows, params, key=lambda row: (row.starts_at, row.id), view=UpcomingMeetingView.of)
