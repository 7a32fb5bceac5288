"""Leaving a seat, changing it for one elsewhere, and waiting for one."""

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import (
    Body,
    CurrentUser,
    InstructorOrStaff,
    Page,
    PageParams,
    Reader,
    Staff,
    TheBus,
    View,
    accepted,
    page,
    refused,
)
from class_management.application.commands.accept_seat_offer import AcceptSeatOffer
from class_management.application.commands.join_waiting_list import JoinWaitingList
from class_management.application.commands.leave_waiting_list import LeaveWaitingList
from class_management.application.commands.transfer_student import TransferStudent
from class_management.application.commands.withdraw_student import WithdrawStudent
from class_management.domain.errors import StudentNotEnrolled
from class_management.domain.transfer import Transferred
from class_management.domain.values import EnrollmentStatus, SeatChange
from class_management.interfaces.http.bodies import EnrollmentBody, Reason
from class_management.interfaces.http.dependencies import ThePeople
from class_management.interfaces.http.sight import TheSight, TheSightOfOwn
from class_management.interfaces.http.views import EnrollmentView, ScheduleView
from class_management.queries.enrollments import enrollment_history
from class_management.queries.waiting import AwaitedSeat, awaited_seats, waiting_list

router = APIRouter(prefix="/api/v1/classes/{class_id}", tags=["Enrollments"])
offers = APIRouter(prefix="/api/v1/seat-offers", tags=["Enrollments"])


class WithdrawalBody(Body):
    """Why the student leaves, if there is something to say."""

    reason: Reason | None = None


class TransferBody(Body):
    """The class to go to."""

    to_class_id: UUID


class DepartureView(View):
    """A seat that was given up; its credits stay on the account, for when the student comes back."""

    id: UUID
    student_id: UUID
    status: EnrollmentStatus
    left_at: datetime


class SeatChangeView(View):
    """A line of an enrolment's history: who, when, what and why.

    `credits` is what the account held then; `other_class_id` the class the student came from, or went to.
    """

    number: int
    change: SeatChange
    credits: int
    other_class_id: UUID | None
    changed_by: UUID
    changed_by_name: str | None
    changed_at: datetime
    reason: str | None


class EnrollmentHistoryView(View):
    """A student's place in a class, with how it came to be as it is, oldest first."""

    id: UUID
    student_id: UUID
    display_name: str | None
    status: EnrollmentStatus
    enrolled_at: datetime
    left_at: datetime | None
    history: list[SeatChangeView]


class ArrivalView(View):
    """A seat in another class, and what its account holds with the credits that came along."""

    id: UUID
    class_id: UUID
    student_id: UUID
    balance: int
    enrolled_at: datetime

    @classmethod
    def of(cls, value: Transferred) -> Self:
        """The seat beside the account."""
        return cls.model_validate(
            {
                **{name: getattr(value.enrollment, name) for name in ("id", "student_id", "enrolled_at")},
                "class_id": value.account.class_id,
                "balance": value.account.balance,
            }
        )


class WaitingPlaceView(View):
    """A place on the waiting list; with `offer_expires_at`, a seat that is kept until then."""

    student_id: UUID
    joined_at: datetime
    offered_at: datetime | None
    offer_expires_at: datetime | None


class WaitingLineView(WaitingPlaceView):
    """A place on the waiting list, in order."""

    display_name: str | None
    position: int


class AwaitedSeatView(View):
    """A class in which I wait for a seat, and when it meets; with `offer_expires_at`, one is kept until then."""

    class_id: UUID
    class_name: str
    course_id: UUID
    schedule: ScheduleView
    next_meeting_at: datetime | None
    position: int
    joined_at: datetime
    offered_at: datetime | None
    offer_expires_at: datetime | None

    @classmethod
    def of(cls, value: AwaitedSeat) -> Self:
        """As a query found it: the rhythm lies flat among the other columns."""
        return cls.model_validate(
            {
                **{name: getattr(value, name) for name in cls.model_fields if name != "schedule"},
                "schedule": ScheduleView.of(value),
            }
        )


@router.get("/enrollments/{student_id}")
async def get_enrollment(student_id: UUID, db: Reader, sight: TheSightOfOwn) -> EnrollmentHistoryView:
    """A student's enrolment with its history, also after they have left; a student sees their own."""
    sight.of_accounts()
    sight.of_student(student_id)
    found = await enrollment_history(db, sight.class_id, student_id)
    if found is None:
        raise refused(StudentNotEnrolled(student_id))
    return EnrollmentHistoryView.of(found)


@router.post("/enrollments/{student_id}/withdrawal")
async def withdraw_student(
    class_id: UUID, student_id: UUID, body: WithdrawalBody, user: Staff, bus: TheBus
) -> DepartureView:
    """Take a student out of the class. Enrolling them again resumes the enrolment, without a second package."""
    command = WithdrawStudent(class_id=class_id, student_id=student_id, reason=body.reason, by=user.actor)
    return await bus.answer(command, DepartureView)


@router.post("/enrollments/{student_id}/transfer")
async def transfer_student(
    class_id: UUID, student_id: UUID, body: TransferBody, user: Staff, bus: TheBus
) -> ArrivalView:
    """Move a student to another class that takes students and has a free seat; all credits come along."""
    command = TransferStudent(class_id=class_id, student_id=student_id, to_class_id=body.to_class_id, by=user.actor)
    return await bus.answer(command, ArrivalView)


@router.get("/waiting-list")
async def get_waiting_list(
    params: PageParams, db: Reader, _: InstructorOrStaff, sight: TheSight
) -> Page[WaitingLineView]:
    """Who waits for a seat, in order; for the class's instructor and the office."""
    sight.of_everybody()
    sight.of_accounts()
    rows = await waiting_list(db, sight.class_id, after=params.after_as(int), limit=params.limit)
    return page(rows, params, key=lambda row: (row.number,), view=WaitingLineView.of)


@router.post("/waiting-list", status_code=201)
async def join_waiting_list(
    class_id: UUID, body: EnrollmentBody, user: Staff, bus: TheBus, people: ThePeople
) -> WaitingPlaceView:
    """Let a student wait for a seat of a class that is full. It moves up by itself when one comes free."""
    await people.ensure_known([body.student_id])
    command = JoinWaitingList(class_id=class_id, student_id=body.student_id, by=user.actor)
    return await bus.answer(command, WaitingPlaceView)


@router.post("/waiting-list/{student_id}/acceptance", status_code=201)
async def accept_seat_offer(class_id: UUID, student_id: UUID, user: CurrentUser, bus: TheBus) -> EnrollmentView:
    """Take the seat that is kept for me, or, as the office, for the student; it comes with the whole package."""
    command = AcceptSeatOffer(class_id=class_id, student_id=student_id, by=user.actor)
    return await bus.answer(command, EnrollmentView)


@router.delete("/waiting-list/{student_id}", status_code=204)
async def leave_waiting_list(class_id: UUID, student_id: UUID, user: CurrentUser, bus: TheBus) -> None:
    """Wait no longer, and decline the seat that may be kept; the next in line is offered it."""
    accepted(await bus.execute(LeaveWaitingList(class_id=class_id, student_id=student_id, by=user.actor)))


@offers.get("")
async def list_my_seat_offers(params: PageParams, db: Reader, user: CurrentUser) -> Page[AwaitedSeatView]:
    """The classes in which I wait for a seat, and the seats that are kept for me."""
    rows = await awaited_seats(db, user.user_id, after=params.after_as(datetime, UUID), limit=params.limit)
    return page(rows, params, key=lambda row: (row.joined_at, row.class_id), view=AwaitedSeatView.of)
