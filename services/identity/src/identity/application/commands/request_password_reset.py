"""Somebody has forgotten the password."""

from dataclasses import dataclass
from typing import Never

from babyowl_kernel import Clock, Command, NewId, Ok, Result
from identity.domain.repositories import UnitOfWork
from identity.domain.values import Email, Seal


@dataclass(frozen=True, slots=True)
class RequestPasswordReset(Command[Result[None, Never]]):
    """Whether there is such an account is not told."""

    email: Email


async def request_password_reset(
    command: RequestPasswordReset, uow: UnitOfWork, clock: Clock, new_id: NewId, seal: Seal
) -> Result[None, Never]:
    """The new link voids the older; a deactivated account gets none."""
    if user := await uow.users.by_email(command.email):
        user.request_password_reset(new_id(), seal, now=clock())
    return Ok(None)
