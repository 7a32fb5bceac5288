"""Somebody signs out everywhere."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, Ok, Result
from identity.domain.errors import UserNotFound
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User


@dataclass(frozen=True, slots=True)
class EndAllSessions(Command[Result[User, UserNotFound]]):
    user_id: UUID


async def end_all_sessions(command: EndAllSessions, uow: UnitOfWork, clock: Clock) -> Result[User, UserNotFound]:
    """On every device, this one too."""
    user = await uow.users.get(command.user_id)
    if user is None:
        return Err(UserNotFound(command.user_id))
    user.end_all_sessions(now=clock())
    return Ok(user)
