"""Moving from one class to another: two seats and two accounts change together, or not at all."""

from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import Err, NewId, Ok, Result
from class_management.domain.class_ import Class
from class_management.domain.credits import CreditAccount
from class_management.domain.seat_errors import TransferRefused
from class_management.domain.seats import Enrollment
from class_management.domain.values import UserId


@dataclass(frozen=True, slots=True)
class Transferred:
    """The seat in the other class, and the account that goes with it."""

    enrollment: Enrollment
    account: CreditAccount


def transfer(
    student_id: UserId,
    home: Class,
    account: CreditAccount,
    to: Class,
    account_there: CreditAccount | None,
    *,
    by: UserId,
    now: datetime,
    new_id: NewId,
) -> Result[Transferred, TransferRefused]:
    """Give up a seat for one in another class, with all the credits that are left; no package comes with it.

    `account_there` is the account of who had a seat there before.
    """
    account.lapse(now=now, new_id=new_id)
    credits_left = account.balance
    left = home.withdraw(student_id, to_class_id=to.id, credits_left=credits_left, by=by, now=now)
    if isinstance(left, Err):
        return left
    given = account.hand_over(to.id, by=by, now=now, new_id=new_id)
    if isinstance(given, Err):
        return given
    if account_there is not None:
        account_there.lapse(now=now, new_id=new_id)
    holding = credits_left + (0 if account_there is None else account_there.balance)
    enrolled = to.enroll(student_id, holding=holding, transferred_from=home.id, by=by, now=now, new_id=new_id)
    if isinstance(enrolled, Err):
        return enrolled
    taking_over = account_there or CreditAccount.open(to, enrolled.value, new_id=new_id)
    taking_over.reopen()
    account.close(now, gone_to=taking_over.id)
    taking_over.take_over(given.value, home.id, by=by, now=now, new_id=new_id)
    return Ok(Transferred(enrolled.value, taking_over))
