"""Excusing oneself, and making up for it: vouchers, the meetings they are good for, and booking one."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query

from babyowl_chassis.http import (
    Body,
    CurrentUser,
    Page,
    PageParams,
    Reader,
    Student,
    TheBus,
    View,
    accepted,
    page,
    refused,
)
from babyowl_chassis.ids import utc_now
from class_management.application.commands.book_make_up import BookMakeUp
from class_management.application.commands.cancel_make_up import CancelMakeUp
from class_management.application.commands.excuse_self import ExcuseSelf
from class_management.domain.make_up_errors import VoucherNotFound
from class_management.domain.values import VoucherStatus
from class_management.interfaces.http.bodies import Reason
from class_management.interfaces.http.views import MarkView, WallTime
from class_management.queries.vouchers import VoucherLine, list_vouchers, make_up_meetings

excuses = APIRouter(prefix="/api/v1/classes/{class_id}/meetings/{meeting_id}", tags=["Attendance"])
router = APIRouter(prefix="/api/v1/vouchers", tags=["Make-ups"])


class ExcuseBody(Body):
    """Why the student does not come."""

    reason: Reason


class BookingBody(Body):
    """The meeting to come to, and the class that it is a meeting of."""

    class_id: UUID
    meeting_id: UUID


class BookingView(View):
    """A place at a meeting of another class."""

    class_id: UUID
    meeting_id: UUID
    starts_at: datetime
    ends_at: datetime
    booked_by: UUID
    booked_at: datetime


class VoucherView(View):
    """The right to make up for a missed meeting; `class_id` and `meeting_id` say which one was missed."""

    id: UUID
    status: VoucherStatus
    student_id: UUID
    class_id: UUID
    course_id: UUID
    meeting_id: UUID
    issued_at: datetime
    expires_at: datetime
    booking: BookingView | None


class BookingLineView(BookingView):
    """A place at a meeting of another class, by name."""

    class_name: str


class VoucherLineView(VoucherView):
    """A voucher in a list, with the names that go with it."""

    student_name: str | None
    class_name: str
    meeting_starts_at: datetime
    booking: BookingLineView | None

    @classmethod
    def of(cls, value: VoucherLine) -> Self:
        """As a query found it: the booking lies flat among the other columns."""
        booking = None
        if value.host_meeting_id is not None:
            booking = {
                "class_id": value.host_class_id,
                "class_name": value.host_class_name,
                "meeting_id": value.host_meeting_id,
                "starts_at": value.host_starts_at,
                "ends_at": value.host_ends_at,
                "booked_by": value.booked_by,
                "booked_at": value.booked_at,
            }
        own = {name: getattr(value, name) for name in cls.model_fields if name != "booking"}
        return cls.model_validate({**own, "booking": booking})


class MakeUpMeetingView(View):
    """A meeting of another class that a voucher can be used for."""

    id: UUID
    number: int
    class_id: UUID
    class_name: str
    instructor_id: UUID
    instructor_name: str | None
    time_zone: str
    local_date: date
    local_time: WallTime
    starts_at: datetime
    ends_at: datetime
    free_seats: int


@excuses.post("/excuse", status_code=201)
async def excuse_self(class_id: UUID, meeting_id: UUID, body: ExcuseBody, user: Student, bus: TheBus) -> MarkView:
    """Say in time that one will not come. It costs nothing, and gives a voucher where the class has them."""
    command = ExcuseSelf(class_id=class_id, meeting_id=meeting_id, reason=body.reason, by=user.actor)
    return await bus.answer(command, MarkView)


@router.get("")
async def list_my_vouchers(
    params: PageParams,
    db: Reader,
    user: CurrentUser,
    student_id: Annotated[UUID | None, Query(description="For the office: those of one student.")] = None,
    status: Annotated[VoucherStatus | None, Query()] = None,
) -> Page[VoucherLineView]:
    """My vouchers, latest first; for the office, everybody's."""
    if not user.actor.is_staff and student_id not in (None, user.user_id):
        return Page(items=[], next_cursor=None)
    rows = await list_vouchers(
        db,
        student_id if user.actor.is_staff else user.user_id,
        status=status,
        as_of=utc_now(),
        after=params.after_as(datetime, UUID),
        limit=params.limit,
    )
    return page(rows, params, key=lambda row: (row.issued_at, row.id), view=VoucherLineView.of)


@router.get("/{voucher_id}/meetings")
async def list_make_up_meetings(
    voucher_id: UUID, params: PageParams, db: Reader, user: CurrentUser
) -> Page[MakeUpMeetingView]:
    """Meetings with a free seat that the voucher can be used for, soonest first; none if it is not open."""
    rows = await make_up_meetings(
        db,
        voucher_id,
        student_id=None if user.actor.is_staff else user.user_id,
        as_of=utc_now(),
        after=params.after_as(datetime, UUID),
        limit=params.limit,
    )
    if rows is None:
        raise refused(VoucherNotFound(voucher_id))
    return page(rows, params, key=lambda row: (row.starts_at, row.id), view=MakeUpMeetingView.of)


@router.post("/{voucher_id}/booking", status_code=201)
async def book_make_up(voucher_id: UUID, body: BookingBody, user: CurrentUser, bus: TheBus) -> VoucherView:
    """Take a free seat at that meeting. The credit it will cost is set aside, so that it is there on the day."""
    command = BookMakeUp(voucher_id=voucher_id, class_id=body.class_id, meeting_id=body.meeting_id, by=user.actor)
    return await bus.answer(command, VoucherView)


@router.delete("/{voucher_id}/booking")
async def cancel_make_up(voucher_id: UUID, user: CurrentUser, bus: TheBus) -> VoucherView:
    """Give the place back before the meeting begins: the credit is free again, and the voucher open."""
    return VoucherView.of(accepted(await bus.execute(CancelMakeUp(voucher_id=voucher_id, by=user.actor))))
