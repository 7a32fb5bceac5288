"""Somebody asks for the verification message again."""

from dataclasses import dataclass
from typing import Never

from babyowl_kernel import Clock, Command, NewId, Ok, Result
from identity.domain.repositories import UnitOfWork
from identity.domain.values import Email, Seal


@dataclass(frozen=True, slots=True)
class ResendVerification(Command[Result[None, Never]]):
    """Whether there is such an account, and whether it waits, is not told."""

    email: Email


async def resend_verification(
    command: ResendVerification, uow: UnitOfWork, clock: Clock, new_id: NewId, seal: Seal
) -> Result[None, Never]:
    """The new link voids the older."""
    if user := await uow.users.by_email(command.email):
        user.request_verification(new_id(), seal, now=clock())
    return Ok(None)
