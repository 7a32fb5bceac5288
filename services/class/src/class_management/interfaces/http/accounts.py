"""Credits: the balance, explained line by line, and changing it by hand."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from babyowl_chassis.http import PageParams, Reader, Staff, TheBus, page, refused
from babyowl_chassis.ids import utc_now
from class_management.application.commands.adjust_credits import AdjustCredits
from class_management.application.commands.record_purchase import RecordPurchase
from class_management.domain.errors import StudentNotEnrolled
from class_management.interfaces.http.bodies import AdjustmentBody, Moment, PurchaseBody
from class_management.interfaces.http.sight import TheSightOfOwn
from class_management.interfaces.http.views import BalanceView, CreditLineView, CreditStatementView, LotView
from class_management.queries.credits import credit_balance, credit_lines

router = APIRouter(prefix="/api/v1/classes/{class_id}/credits/{student_id}", tags=["Credits"])


@router.get("")
async def get_credits(
    student_id: UUID,
    params: PageParams,
    db: Reader,
    sight: TheSightOfOwn,
    as_of: Annotated[Moment | None, Query(description="A moment, past or ahead; now by default.")] = None,
) -> CreditStatementView:
    """What the student may still spend, and every line that led there, latest first."""
    sight.of_accounts()
    sight.of_student(student_id)
    moment: datetime = as_of or utc_now()
    found = await credit_balance(db, sight.class_id, student_id, as_of=moment)
    if found is None:
        raise refused(StudentNotEnrolled(student_id))
    rows = await credit_lines(db, found.enrollment_id, as_of=moment, after=params.after_as(int), limit=params.limit)
    lines = page(rows, params, key=lambda row: (row.number,), view=CreditLineView.of)
    return CreditStatementView(
        student_id=student_id,
        as_of=moment,
        balance=found.balance,
        owed=found.owed,
        lapsing=found.lapsing,
        zero_balance=found.zero_balance,
        closed_at=found.closed_at,
        lots=[LotView.model_validate(lot) for lot in found.lots],
        items=lines.items,
        next_cursor=lines.next_cursor,
    )


@router.post("/adjustments", status_code=201)
async def adjust_credits(
    class_id: UUID, student_id: UUID, body: AdjustmentBody, user: Staff, bus: TheBus
) -> BalanceView:
    """Give or take credits by hand; who did it, when and why stays in the ledger."""
    command = AdjustCredits(
        class_id=class_id,
        student_id=student_id,
        amount=body.amount,
        reason=body.reason,
        expires_at=body.expires_at,
        by=user.actor,
    )
    return await bus.answer(command, BalanceView)


@router.post("/purchases", status_code=201)
async def record_purchase(
    class_id: UUID, student_id: UUID, body: PurchaseBody, user: Staff, bus: TheBus
) -> BalanceView:
    """Put down credits that were bought; what is owed is settled first. The same reference counts once."""
    command = RecordPurchase(
        class_id=class_id,
        student_id=student_id,
        amount=body.amount,
        reference=body.reference,
        expires_at=body.expires_at,
        by=user.actor,
    )
    return await bus.answer(command, BalanceView)
