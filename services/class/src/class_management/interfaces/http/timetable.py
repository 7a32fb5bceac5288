"""Changing when a class meets, and who teaches a meeting."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from babyowl_chassis.http import Body, IfMatch, Staff, TheBus, View, accepted, etag
from class_management.application.commands.assign_substitute import AssignSubstitute
from class_management.application.commands.cancel_meeting import CancelledMeeting, CancelMeeting
from class_management.application.commands.move_meeting import MoveMeeting
from class_management.application.commands.replan_class import ReplanClass, ReplannedClass
from class_management.interfaces.http.bodies import MINUTE, LocalTime, Minutes, Reason, Weekday
from class_management.interfaces.http.dependencies import ThePeople
from class_management.interfaces.http.views import MeetingView, ScheduleView

router = APIRouter(prefix="/api/v1/classes/{class_id}", tags=["Meetings"])


class MovedMeetingBody(Body):
    """When the meeting takes place instead; what is left out stays."""

    local_date: date | None = None
    local_time: LocalTime | None = None
    duration_minutes: Minutes | None = None


class CancelledMeetingBody(Body):
    """Why, and whether the series gets another meeting at its end: by default that of a group does."""

    reason: Reason
    replace: bool | None = None


class SubstituteBody(Body):
    """Who teaches the meeting."""

    instructor_id: UUID


class NewScheduleBody(Body):
    """Another rhythm for the meetings on `from_date` and later. It begins with `first_date`: by default the first
    of its weekdays from then on.
    """

    from_date: date
    first_date: date | None = None
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    local_time: LocalTime
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    duration_minutes: Minutes = 60


class CancelledMeetingView(View):
    """A meeting that does not take place, and what the series has got for it."""

    meeting: MeetingView
    replacement: MeetingView | None

    @classmethod
    def of(cls, value: CancelledMeeting) -> Self:
        """Both meetings."""
        replacement = None if value.replacement is None else MeetingView.of(value.replacement)
        return cls(meeting=MeetingView.of(value.meeting), replacement=replacement)


class NewScheduleView(View):
    """The rhythm as it is now, and how many meetings are at another time."""

    schedule: ScheduleView
    meetings_moved: int

    @classmethod
    def of(cls, value: ReplannedClass) -> Self:
        """As the command left it."""
        return cls(schedule=ScheduleView.of(value.planned.timetable.schedule), meetings_moved=len(value.moved))


@router.put("/schedule")
async def replan_class(
    class_id: UUID, body: NewScheduleBody, *, user: Staff, bus: TheBus, if_match: IfMatch, response: Response
) -> NewScheduleView:
    """Let meetings follow another rhythm; those that began or were marked stay, and so do those before that day.

    The ETag is that of the class.
    """
    command = ReplanClass(
        class_id=class_id,
        from_date=body.from_date,
        first_date=body.first_date,
        time_zone=body.time_zone,
        local_time=body.local_time,
        weekdays=body.weekdays,
        duration=body.duration_minutes * MINUTE,
        expected_version=if_match,
        by=user.actor,
    )
    replanned = accepted(await bus.execute(command))
    response.headers["ETag"] = etag(replanned.planned.version)
    return NewScheduleView.of(replanned)


@router.patch("/meetings/{meeting_id}")
async def move_meeting(
    class_id: UUID,
    meeting_id: UUID,
    body: MovedMeetingBody,
    *,
    user: Staff,
    bus: TheBus,
    if_match: IfMatch,
    response: Response,
) -> MeetingView:
    """Let a meeting take place at another time, or for longer. The ETag of a meeting is its `sequence`."""
    command = MoveMeeting(
        class_id=class_id,
        meeting_id=meeting_id,
        local_date=body.local_date,
        local_time=body.local_time,
        duration=None if body.duration_minutes is None else body.duration_minutes * MINUTE,
        expected_sequence=if_match,
        by=user.actor,
    )
    moved = accepted(await bus.execute(command))
    response.headers["ETag"] = etag(moved.sequence)
    return MeetingView.of(moved)


@router.post("/meetings/{meeting_id}/cancellation")
async def cancel_meeting(
    class_id: UUID, meeting_id: UUID, body: CancelledMeetingBody, user: Staff, bus: TheBus
) -> CancelledMeetingView:
    """Let a meeting not take place. A group meets once more instead, on the next free date of its rhythm."""
    command = CancelMeeting(
        class_id=class_id, meeting_id=meeting_id, reason=body.reason, replace=body.replace, by=user.actor
    )
    return await bus.answer(command, CancelledMeetingView)


@router.put("/meetings/{meeting_id}/substitute")
async def assign_substitute(
    class_id: UUID, meeting_id: UUID, body: SubstituteBody, *, user: Staff, bus: TheBus, people: ThePeople
) -> MeetingView:
    """Let another instructor teach a meeting, who then sees the class and keeps that register."""
    await people.ensure_known([body.instructor_id])
    command = AssignSubstitute(
        class_id=class_id, meeting_id=meeting_id, substitute_id=body.instructor_id, by=user.actor
    )
    return MeetingView.of(accepted(await bus.execute(command)))


@router.delete("/meetings/{meeting_id}/substitute")
async def remove_substitute(class_id: UUID, meeting_id: UUID, user: Staff, bus: TheBus) -> MeetingView:
    """Give a meeting back to the instructor of the class."""
    command = AssignSubstitute(class_id=class_id, meeting_id=meeting_id, substitute_id=None, by=user.actor)
    return MeetingView.of(accepted(await bus.execute(command)))
