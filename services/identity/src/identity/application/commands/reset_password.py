"""Somebody follows the reset link."""

from dataclasses import dataclass

from babyowl_kernel import Clock, Command, Err, Ok, Result
from identity.domain.errors import ChallengeExpired, ChallengeInvalid
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User
from identity.domain.values import PasswordHash, TokenHash


@dataclass(frozen=True, slots=True)
class ResetPassword(Command[Result[User, ChallengeInvalid | ChallengeExpired]]):
    token: TokenHash
    password: PasswordHash


async def reset_password(
    command: ResetPassword, uow: UnitOfWork, clock: Clock
) -> Result[User, ChallengeInvalid | ChallengeExpired]:
    """Replace the password; every session ends."""
    user = await uow.users.by_challenge(command.token)
    if user is None:
        return Err(ChallengeInvalid())
    match user.reset_password(command.token, command.password, now=clock()):
        case Err() as refused:
            return refused
        case Ok():
            return Ok(user)
