"""Meetings: those ahead of a person, and the series of a class."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from babyowl_chassis.http import CurrentUser, Page, PageParams, Reader, Staff, TheBus, etag, page, refused
from babyowl_chassis.ids import utc_now
from class_management.application.commands.add_meeting import AddMeeting
from class_management.domain.errors import MeetingNotFound
from class_management.interfaces.http.bodies import EARLIEST, LATEST, MINUTE, Moment, NewMeetingBody
from class_management.interfaces.http.sight import TheSight, TheSightOfMeeting, scope_of
from class_management.interfaces.http.views import MeetingView, SeriesMeetingView, UpcomingMeetingView
from class_management.queries.meetings import meeting_of_class, series_of_class, upcoming_meetings

router = APIRouter(tags=["Meetings"])


@router.get("/api/v1/meetings")
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


@router.get("/api/v1/classes/{class_id}/meetings")
async def get_series(
    params: PageParams,
    db: Reader,
    sight: TheSight,
    since: Annotated[
        Moment, Query(alias="from", description="Meetings that start at this moment or later.")
    ] = EARLIEST,
    until: Annotated[Moment, Query(alias="to", description="Meetings that start before this moment.")] = LATEST,
) -> Page[SeriesMeetingView]:
    """The meetings of a class in the order they take place, cancelled ones among them."""
    rows = await series_of_class(
        db,
        sight.class_id,
        since=since,
        until=until,
        after=params.after_as(datetime, UUID),
        limit=params.limit,
    )
    return page(rows, params, key=lambda row: (row.starts_at, row.id), view=SeriesMeetingView.of)


@router.get("/api/v1/classes/{class_id}/meetings/{meeting_id}")
async def get_meeting(
    meeting_id: UUID, db: Reader, sight: TheSightOfMeeting, response: Response
) -> SeriesMeetingView:
    """One meeting of a class, also for its guests; its ETag is its `sequence`."""
    found = await meeting_of_class(db, sight.class_id, meeting_id)
    if found is None:
        raise refused(MeetingNotFound(meeting_id))
    response.headers["ETag"] = etag(found.sequence)
    return SeriesMeetingView.of(found)


@router.post("/api/v1/classes/{class_id}/meetings", status_code=201)
async def add_meeting(class_id: UUID, body: NewMeetingBody, user: Staff, bus: TheBus) -> MeetingView:
    """Let a private class meet once more; it is paid from the credits its students have."""
    duration = None if body.duration_minutes is None else body.duration_minutes * MINUTE
    command = AddMeeting(
        class_id=class_id,
        local_date=body.local_date,
        local_time=body.local_time,
        duration=duration,
        by=user.actor,
    )
    return await bus.answer(command, MeetingView)
