"""Seats: giving one, and who has one."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import InstructorOrStaff, Page, PageParams, Reader, Staff, TheBus, View, page
from class_management.application.commands.enroll_student import EnrollStudent
from class_management.domain.values import ZeroBalance
from class_management.interfaces.http.bodies import EnrollmentBody
from class_management.interfaces.http.dependencies import ThePeople
from class_management.interfaces.http.sight import TheSight
from class_management.interfaces.http.views import EnrollmentView
from class_management.queries.roster import balances_of_class, roster

router = APIRouter(prefix="/api/v1/classes/{class_id}", tags=["Enrollments"])


class RosterLineView(View):
    """A student of a class; the rate is the part of all marks (0 to 1) that say the student came.

    Who only stands in at a meeting is not told the balance and the vouchers.
    """

    enrollment_id: UUID
    student_id: UUID
    display_name: str | None
    avatar_url: str | None
    enrolled_at: datetime
    balance: int | None
    open_vouchers: int | None
    present: int
    late: int
    absent: int
    excused: int
    attendance_rate: float | None
    last_attended_at: datetime | None

    @classmethod
    def of(cls, value: Any, *, with_accounts: bool = False) -> Self:
        """As a query found it."""
        line = super().of(value)
        return line if with_accounts else line.model_copy(update={"balance": None, "open_vouchers": None})


class RosterView(View):
    """Everybody in a class."""

    items: list[RosterLineView]


class BalanceLineView(View):
    """What a student holds in a class; who has left has `closed_at`."""

    student_id: UUID
    display_name: str | None
    balance: int
    owed: int
    zero_balance: ZeroBalance
    next_expiry_at: datetime | None
    closed_at: datetime | None


@router.post("/enrollments", status_code=201)
async def enroll_student(
    class_id: UUID, body: EnrollmentBody, user: Staff, bus: TheBus, people: ThePeople
) -> EnrollmentView:
    """Give a student a seat and the class's package of credits."""
    await people.ensure_known([body.student_id])
    command = EnrollStudent(class_id=class_id, student_id=body.student_id, by=user.actor)
    return await bus.answer(command, EnrollmentView)


@router.get("/roster")
async def get_roster(db: Reader, _: InstructorOrStaff, sight: TheSight) -> RosterView:
    """Everybody in the class, with the credits they have left; for its instructor and the office.

    Who stands in at a meeting sees it too, without credits and vouchers.
    """
    sight.of_everybody()
    lines = await roster(db, sight.class_id)
    return RosterView(items=[RosterLineView.of(line, with_accounts=not sight.stands_in) for line in lines])


@router.get("/credits")
async def list_balances(
    params: PageParams, db: Reader, _: InstructorOrStaff, sight: TheSight
) -> Page[BalanceLineView]:
    """What everybody holds who has, or had, a seat; each balance is explained under the student's own credits."""
    sight.of_everybody()
    sight.of_accounts()
    rows = await balances_of_class(db, sight.class_id, after=params.after_as(UUID), limit=params.limit)
    return page(rows, params, key=lambda row: (row.student_id,), view=BalanceLineView.of)
