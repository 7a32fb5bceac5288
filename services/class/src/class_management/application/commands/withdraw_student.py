"""Staff take a student out of a class; what is left on the account stays there, should they come back."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.make_ups import Change, student_withdrawn
from class_management.application.ports import UnitOfWork
from class_management.application.seating import move_up
from class_management.domain.errors import ClassNotFound, ClassOver, StudentNotEnrolled
from class_management.domain.seats import Enrollment
from class_management.domain.values import ClassId, UserId

WithdrawalOutcome: TypeAlias = Result[Enrollment, ClassNotFound | ClassOver | StudentNotEnrolled]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawStudent(Command[WithdrawalOutcome]):
    """Exclusive, so that no voucher is overlooked that the student is getting at this moment."""

    exclusive: ClassVar[bool] = True

    class_id: ClassId
    student_id: UserId
    reason: str | None = None
    by: Actor


async def withdraw_student(
    command: WithdrawStudent, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> WithdrawalOutcome:
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    accounts = await uow.accounts.of_students(command.class_id, [command.student_id])
    account = accounts.get(command.student_id)
    if account is None:
        return Err(StudentNotEnrolled(command.student_id))
    now = clock()
    await student_withdrawn(account.id, uow, Change(command.by.user_id, now, new_id))
    account.lapse(now=now, new_id=new_id)
    left = class_.withdraw(
        command.student_id, credits_left=account.balance, reason=command.reason, by=command.by.user_id, now=now
    )
    if not isinstance(left, Err):
        account.close(now)
        await move_up(class_, uow, now=now)
    return left
