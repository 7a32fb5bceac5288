"""Time passes, and what an account has not spent by then is let go."""

from dataclasses import dataclass

from babyowl_kernel import Clock, Command, NewId, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.values import EnrollmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseCredits(Command[Result[None, None]]):
    """Done again, or by two at once, it does nothing more."""

    enrollment_id: EnrollmentId


async def lapse_credits(command: LapseCredits, uow: UnitOfWork, clock: Clock, new_id: NewId) -> Result[None, None]:
    account = await uow.accounts.get(command.enrollment_id)
    if account is not None:
        account.lapse(now=clock(), new_id=new_id)
    return Ok(None)
