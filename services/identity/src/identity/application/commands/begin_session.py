"""Somebody who has proven the password signs in."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, NewId, Ok, Result
from identity.domain.errors import EmailNotVerified, InvalidCredentials
from identity.domain.repositories import UnitOfWork
from identity.domain.sessions import RefreshToken, Session
from identity.domain.values import PasswordHash, TokenHash, UserRole, UserStatus


@dataclass(frozen=True, slots=True)
class SessionOpen:
    """For whom an access token may now be signed."""

    session_id: UUID
    user_id: UUID
    role: UserRole
    epoch: int


@dataclass(frozen=True, slots=True)
class BeginSession(Command[Result[SessionOpen, InvalidCredentials | EmailNotVerified]]):
    """`proven` is what the password was checked against, outside this transaction."""

    user_id: UUID
    proven: PasswordHash
    refresh_token: TokenHash


async def begin_session(
    command: BeginSession, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[SessionOpen, InvalidCredentials | EmailNotVerified]:
    """Only the active sign in, and only with the password that is still theirs."""
    user = await uow.users.get(command.user_id)
    if user is None or user.password != command.proven or user.status is UserStatus.DEACTIVATED:
        return Err(InvalidCredentials())
    if user.status is UserStatus.PENDING:
        # Whoever registers an address chooses a password: were they told that it waits, they would know that
        # nobody had an account there before. A password that the staff chose, strangers don't have.
        return Err(EmailNotVerified() if user.created_by is not None else InvalidCredentials())
    session = Session(new_id(), user.id, user.epoch, clock())
    await uow.sessions.begin(session, RefreshToken.of(session, command.refresh_token, 0, session.began_at))
    return Ok(SessionOpen(session.id, user.id, user.role, user.epoch))
