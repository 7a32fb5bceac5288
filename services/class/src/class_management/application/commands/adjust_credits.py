"""Staff change a student's credits by hand, and say why."""

from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.credit_errors import AdjustmentRefused
from class_management.domain.credits import CreditAccount
from class_management.domain.errors import StudentNotEnrolled
from class_management.domain.values import ClassId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustCredits(Command[Result[CreditAccount, StudentNotEnrolled | AdjustmentRefused]]):
    class_id: ClassId
    student_id: UserId
    amount: int
    reason: str
    expires_at: datetime | None = None
    by: Actor


async def adjust_credits(
    command: AdjustCredits, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[CreditAccount, StudentNotEnrolled | AdjustmentRefused]:
    accounts = await uow.accounts.of_students(command.class_id, [command.student_id])
    account = accounts.get(command.student_id)
    if account is None:
        return Err(StudentNotEnrolled(command.student_id))
    return account.adjust(
        command.amount,
        reason=command.reason,
        expires_at=command.expires_at,
        by=command.by.user_id,
        now=clock(),
        new_id=new_id,
    )
