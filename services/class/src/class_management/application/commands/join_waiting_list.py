"""Staff put a student on the waiting list of a class that is full."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.application.seating import move_up
from class_management.domain import policies
from class_management.domain.errors import ClassNotFound
from class_management.domain.seat_errors import LearnerRefused, WaitingRefused
from class_management.domain.seats import WaitingPlace
from class_management.domain.values import ClassId, UserId

JoiningOutcome: TypeAlias = Result[WaitingPlace, ClassNotFound | LearnerRefused | WaitingRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWaitingList(Command[JoiningOutcome]):
    class_id: ClassId
    student_id: UserId
    by: Actor


async def join_waiting_list(command: JoinWaitingList, uow: UnitOfWork, clock: Clock) -> JoiningOutcome:
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    student = await uow.people.get(command.student_id)
    if refusal := policies.may_learn(command.student_id, student):
        return Err(refusal)
    now = clock()
    await move_up(class_, uow, now=now)
    joined = class_.join_waiting_list(command.student_id, by=command.by.user_id, now=now)
    if isinstance(joined, Err):
        return joined
    await move_up(class_, uow, now=now)
    return Ok(class_.seats.place_of(command.student_id) or joined.value)
