"""Giving a seat, and moving the waiting list up: what several commands have in common."""

from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import Err, NewId, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.class_ import Class
from class_management.domain.credits import CreditAccount
from class_management.domain.seat_errors import EnrollmentRefused
from class_management.domain.seats import Enrollment
from class_management.domain.values import UserId


@dataclass(frozen=True, slots=True)
class Seated:
    """A seat, and the account that goes with it."""

    enrollment: Enrollment
    account: CreditAccount


async def move_up(class_: Class, uow: UnitOfWork, *, now: datetime) -> None:
    """Let offers lapse that nobody took, and keep each free seat for whoever has waited longest.

    Students whose account is deactivated are passed over, and keep their place. Every command ends with this that
    may leave a seat free.
    """
    waiting = [place.student_id for place in class_.seats.waiting]
    away = await uow.people.deactivated_among(waiting) if waiting else frozenset()
    class_.move_up(passing_over=away, now=now)


async def give_seat(
    class_: Class, student_id: UserId, uow: UnitOfWork, *, by: UserId, now: datetime, new_id: NewId
) -> Result[Seated, EnrollmentRefused]:
    """A seat with the package of the class; to who had one before, that seat, and the account as they left it."""
    await move_up(class_, uow, now=now)
    account = None
    if student_id in class_.seats.enrollments:
        account = (await uow.accounts.of_students(class_.id, [student_id]))[student_id]
        account.lapse(now=now, new_id=new_id)
    holding = None if account is None else account.balance
    enrolled = class_.enroll(student_id, holding=holding, by=by, now=now, new_id=new_id)
    if isinstance(enrolled, Err):
        return enrolled
    if account is None:
        expires_at = class_.package_expires_at(now)
        account = CreditAccount.open(class_, enrolled.value, expires_at=expires_at, new_id=new_id)
        uow.accounts.add(account)
    else:
        account.reopen()
    return Ok(Seated(enrolled.value, account))
