"""The register: marking one or all, correcting, and looking it up."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from babyowl_chassis.auth import Principal
from babyowl_chassis.http import (
    InstructorOrStaff,
    PageParams,
    Reader,
    TheBus,
    accepted,
    page,
    refused,
)
from babyowl_chassis.ids import utc_now
from babyowl_chassis.sql import Connection
from class_management.application.commands.take_attendance import MarkAttendance, TakeAttendance
from class_management.domain.errors import AttendanceNotMarked
from class_management.domain.values import Mark
from class_management.interfaces.http.bodies import MarkBody, Moment, RegisterBody
from class_management.interfaces.http.sight import TheSightOfMark, TheSightOfOwn
from class_management.interfaces.http.views import (
    GridLineView,
    GridMeetingView,
    GridView,
    MarkHistoryView,
    MarkView,
    RegisterView,
)
from class_management.queries.attendance import attendance_grid, latest_meetings, mark_history
from class_management.queries.reach import teaches

router = APIRouter(prefix="/api/v1/classes/{class_id}", tags=["Attendance"])

USUAL_MEETINGS: Final = 20
MOST_MEETINGS: Final = 100
A_WEEK: Final = timedelta(days=7)


@router.get("/attendance")
async def get_attendance(
    params: PageParams,
    db: Reader,
    sight: TheSightOfOwn,
    meetings: Annotated[int, Query(ge=1, le=MOST_MEETINGS, description="How many of them.")] = USUAL_MEETINGS,
    before: Annotated[
        Moment | None, Query(description="The last meetings that start before this moment; by default, in a week.")
    ] = None,
) -> GridView:
    """Marks at the last meetings, a line a student; a student sees only their own line, until they left.

    To go back in time, ask for those before the first one shown.
    """
    until = min(filter(None, (before or utc_now() + A_WEEK, sight.left_at)))
    shown = await latest_meetings(db, sight.class_id, before=until, limit=meetings)
    rows = await attendance_grid(
        db,
        sight.class_id,
        [meeting.id for meeting in shown],
        student_id=sight.only,
        after=params.after_as(UUID),
        limit=params.limit,
    )
    lines = page(rows, params, key=lambda row: (row.student_id,), view=GridLineView.of)
    columns = [GridMeetingView.of(meeting) for meeting in shown]
    return GridView(items=lines.items, next_cursor=lines.next_cursor, meetings=columns)


@router.put("/meetings/{meeting_id}/attendance")
async def take_attendance(
    class_id: UUID, meeting_id: UUID, body: RegisterBody, *, user: InstructorOrStaff, bus: TheBus, db: Reader
) -> RegisterView:
    """Mark many students at once: all of them, or, if one entry cannot be, none."""
    command = TakeAttendance(
        class_id=class_id,
        meeting_id=meeting_id,
        entries=tuple(Mark(entry.student_id, entry.status, entry.reason, entry.note) for entry in body.entries),
        by=user.actor,
    )
    marked = accepted(await bus.execute(command))
    return RegisterView.of(marked, with_balances=await _sees_accounts(db, class_id, user))


@router.put("/meetings/{meeting_id}/attendance/{student_id}")
async def mark_attendance(
    class_id: UUID,
    meeting_id: UUID,
    student_id: UUID,
    body: MarkBody,
    *,
    user: InstructorOrStaff,
    bus: TheBus,
    db: Reader,
) -> MarkView:
    """Mark one student, or correct the mark; the same mark again changes nothing."""
    command = MarkAttendance(
        class_id=class_id,
        meeting_id=meeting_id,
        entry=Mark(student_id, body.status, body.reason, body.note),
        by=user.actor,
    )
    marked = accepted(await bus.execute(command))
    return MarkView.of(marked, with_balance=await _sees_accounts(db, class_id, user))


@router.get("/meetings/{meeting_id}/attendance/{student_id}")
async def get_mark(meeting_id: UUID, student_id: UUID, db: Reader, sight: TheSightOfMark) -> MarkHistoryView:
    """A student's mark, with who changed it when, from what to what, and why."""
    sight.of_student(student_id)
    found = await mark_history(db, sight.class_id, meeting_id, student_id)
    if found is None:
        raise refused(AttendanceNotMarked(meeting_id, student_id))
    return MarkHistoryView.of(found)


async def _sees_accounts(db: Connection, class_id: UUID, user: Principal) -> bool:
    """Whether the credits of the class are this person's business: who only stands in keeps the register alone."""
    return user.actor.is_staff or await teaches(db, class_id, user.user_id)
