"""Staff give a student a seat, and with it the class's package of credits."""

from dataclasses import dataclass

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.ports import UnitOfWork
from class_management.domain import policies
from class_management.domain.class_ import Enrollment
from class_management.domain.credits import CreditAccount
from class_management.domain.errors import ClassNotFound, EnrollmentRefused, LearnerRefused
from class_management.domain.values import ClassId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollStudent(Command[Result[Enrollment, ClassNotFound | LearnerRefused | EnrollmentRefused]]):
    class_id: ClassId
    student_id: UserId
    by: Actor


async def enroll_student(
    command: EnrollStudent, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[Enrollment, ClassNotFound | LearnerRefused | EnrollmentRefused]:
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    student = await uow.people.get(command.student_id)
    if refusal := policies.may_learn(command.student_id, student):
        return Err(refusal)
    enrolled = class_.enroll(command.student_id, by=command.by.user_id, now=clock(), new_id=new_id)
    if not isinstance(enrolled, Err):
        uow.accounts.add(CreditAccount.open(class_, enrolled.value, new_id=new_id))
    return enrolled
