"""Somebody who knows the password replaces it."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, Ok, Result
from identity.domain.errors import InvalidCredentials
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User
from identity.domain.values import PasswordHash


@dataclass(frozen=True, slots=True)
class ChangePassword(Command[Result[User, InvalidCredentials]]):
    """`proven` is what the old password was checked against, outside this transaction."""

    user_id: UUID
    proven: PasswordHash
    password: PasswordHash


async def change_password(command: ChangePassword, uow: UnitOfWork, clock: Clock) -> Result[User, InvalidCredentials]:
    """Replace the password, unless it was replaced since it was proven; every session ends."""
    user = await uow.users.get(command.user_id)
    if user is None or user.password != command.proven:
        return Err(InvalidCredentials())
    user.change_password(command.password, now=clock())
    return Ok(user)
