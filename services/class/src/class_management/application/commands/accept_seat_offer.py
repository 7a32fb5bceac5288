"""A student, or the office for them, takes the seat that has come free."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.ports import UnitOfWork
from class_management.application.seating import Seated, give_seat
from class_management.domain import policies
from class_management.domain.errors import ClassNotFound
from class_management.domain.seat_errors import EnrollmentRefused, LearnerRefused, NotYourSeat, OfferRefused
from class_management.domain.values import ClassId, UserId

AcceptanceOutcome: TypeAlias = Result[
    Seated, ClassNotFound | NotYourSeat | LearnerRefused | OfferRefused | EnrollmentRefused
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptSeatOffer(Command[AcceptanceOutcome]):
    class_id: ClassId
    student_id: UserId
    by: Actor


async def accept_seat_offer(
    command: AcceptSeatOffer, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> AcceptanceOutcome:
    class_ = await uow.classes.for_student(command.class_id, command.student_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    student = await uow.people.get(command.student_id)
    if refusal := policies.may_answer_for(command.student_id, command.by) or policies.may_learn(
        command.student_id, student
    ):
        return Err(refusal)
    now = clock()
    offered = class_.seats.offer_of(command.student_id, now=now)
    if isinstance(offered, Err):
        return offered
    return await give_seat(class_, command.student_id, uow, by=command.by.user_id, now=now, new_id=new_id)
