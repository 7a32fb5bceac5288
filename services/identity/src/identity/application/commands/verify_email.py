"""Somebody follows the link that proves an address."""

from dataclasses import dataclass

from babyowl_kernel import Clock, Command, Err, Result
from identity.domain.errors import ChallengeExpired, ChallengeInvalid, PasswordRequired
from identity.domain.repositories import UnitOfWork
from identity.domain.values import PasswordHash, TokenHash


@dataclass(frozen=True, slots=True)
class VerifyEmail(Command[Result[None, ChallengeInvalid | ChallengeExpired | PasswordRequired]]):
    """The invited choose their password with it."""

    token: TokenHash
    password: PasswordHash | None


async def verify_email(
    command: VerifyEmail, uow: UnitOfWork, clock: Clock
) -> Result[None, ChallengeInvalid | ChallengeExpired | PasswordRequired]:
    """Make the account active."""
    user = await uow.users.by_challenge(command.token)
    if user is None:
        return Err(ChallengeInvalid())
    return user.verify(command.token, password=command.password, now=clock())
