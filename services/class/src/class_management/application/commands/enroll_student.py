"""Staff give a student a seat, and with it the class's package of credits; who had one before resumes it."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.ports import UnitOfWork
from class_management.application.seating import Seated, give_seat
from class_management.domain import policies
from class_management.domain.errors import ClassNotFound
from class_management.domain.seat_errors import EnrollmentRefused, LearnerRefused
from class_management.domain.values import ClassId, UserId

EnrollmentOutcome: TypeAlias = Result[Seated, ClassNotFound | LearnerRefused | EnrollmentRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollStudent(Command[EnrollmentOutcome]):
    """For somebody who has been offered a seat, this is their acceptance.

    Exclusive, since the seats of a class are wanted by many at once: waiting costs less than trying again.
    """

    exclusive: ClassVar[bool] = True

    class_id: ClassId
    student_id: UserId
    by: Actor


async def enroll_student(command: EnrollStudent, uow: UnitOfWork, clock: Clock, new_id: NewId) -> EnrollmentOutcome:
    class_ = await uow.classes.for_student(command.class_id, command.student_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    student = await uow.people.get(command.student_id)
    if refusal := policies.may_learn(command.student_id, student):
        return Err(refusal)
    return await give_seat(class_, command.student_id, uow, by=command.by.user_id, now=clock(), new_id=new_id)
