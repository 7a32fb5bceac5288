"""A student, or the office, gives up waiting for a seat, or declines the one that was offered."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, Result
from class_management.application.ports import UnitOfWork
from class_management.application.seating import move_up
from class_management.domain import policies
from class_management.domain.errors import ClassNotFound
from class_management.domain.seat_errors import NotWaiting, NotYourSeat
from class_management.domain.seats import WaitingPlace
from class_management.domain.values import ClassId, UserId

LeavingOutcome: TypeAlias = Result[WaitingPlace, ClassNotFound | NotYourSeat | NotWaiting]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveWaitingList(Command[LeavingOutcome]):
    class_id: ClassId
    student_id: UserId
    by: Actor


async def leave_waiting_list(command: LeaveWaitingList, uow: UnitOfWork, clock: Clock) -> LeavingOutcome:
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    if refusal := policies.may_answer_for(command.student_id, command.by):
        return Err(refusal)
    now = clock()
    left = class_.leave_waiting_list(command.student_id)
    if not isinstance(left, Err):
        await move_up(class_, uow, now=now)
    return left
