"""Staff move a student to another class, with all the credits that are left."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.make_ups import student_transferred
from class_management.application.ports import UnitOfWork
from class_management.application.seating import move_up
from class_management.domain import policies
from class_management.domain.class_ import Class
from class_management.domain.credits import CreditAccount
from class_management.domain.errors import ClassNotFound, StudentNotEnrolled
from class_management.domain.seat_errors import LearnerRefused, SameClass, TransferRefused
from class_management.domain.transfer import Transferred, transfer
from class_management.domain.values import ClassId, UserId

TransferOutcome: TypeAlias = Result[Transferred, ClassNotFound | SameClass | LearnerRefused | TransferRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStudent(Command[TransferOutcome]):
    """Exclusive, so that no voucher is overlooked that the student is getting at this moment."""

    exclusive: ClassVar[bool] = True

    class_id: ClassId
    student_id: UserId
    to_class_id: ClassId
    by: Actor


async def transfer_student(command: TransferStudent, uow: UnitOfWork, clock: Clock, new_id: NewId) -> TransferOutcome:
    student_id = command.student_id
    if command.class_id == command.to_class_id:
        return Err(SameClass(command.class_id))
    if refusal := policies.may_learn(student_id, await uow.people.get(student_id)):
        return Err(refusal)
    # In the same order for everybody, so that two transfers in opposite directions never deadlock.
    in_order = sorted((command.class_id, command.to_class_id))
    classes: dict[ClassId, Class] = {}
    for class_id in in_order:
        class_ = await uow.classes.for_student(class_id, student_id)
        if class_ is None:
            return Err(ClassNotFound(class_id))
        classes[class_id] = class_
    accounts: dict[ClassId, CreditAccount] = {}
    for class_id in in_order:
        for account in (await uow.accounts.of_students(class_id, [student_id])).values():
            accounts[class_id] = account
    home, to = classes[command.class_id], classes[command.to_class_id]
    if home.id not in accounts:
        return Err(StudentNotEnrolled(student_id))
    now = clock()
    await move_up(to, uow, now=now)
    moved = transfer(
        student_id,
        home,
        accounts[home.id],
        to,
        accounts.get(to.id),
        by=command.by.user_id,
        now=now,
        new_id=new_id,
    )
    if isinstance(moved, Err):
        return moved
    if to.id not in accounts:
        uow.accounts.add(moved.value.account)
    await student_transferred(accounts[home.id].id, to, moved.value.enrollment, uow)
    await move_up(home, uow, now=now)
    return moved
