"""Staff put down that a student has bought credits."""

from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.credit_errors import GrantRefused
from class_management.domain.credits import CreditAccount
from class_management.domain.errors import StudentNotEnrolled
from class_management.domain.values import ClassId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPurchase(Command[Result[CreditAccount, StudentNotEnrolled | GrantRefused]]):
    """`reference` is what the purchase is known by where it was paid, such as the number of an invoice."""

    class_id: ClassId
    student_id: UserId
    amount: int
    reference: str
    expires_at: datetime | None = None
    by: Actor


async def record_purchase(
    command: RecordPurchase, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[CreditAccount, StudentNotEnrolled | GrantRefused]:
    accounts = await uow.accounts.of_students(command.class_id, [command.student_id])
    account = accounts.get(command.student_id)
    if account is None:
        return Err(StudentNotEnrolled(command.student_id))
    granted = account.grant(
        command.amount,
        "purchase",
        reference=command.reference,
        expires_at=command.expires_at,
        by=command.by.user_id,
        now=clock(),
        new_id=new_id,
    )
    return granted if isinstance(granted, Err) else Ok(account)
