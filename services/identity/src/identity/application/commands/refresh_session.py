"""A client shows its refresh token."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, Ok, Result
from identity.application.commands.begin_session import SessionOpen
from identity.domain.errors import RefreshTokenInvalid
from identity.domain.repositories import UnitOfWork
from identity.domain.sessions import RefreshToken, Revoke, Rotate, judge
from identity.domain.values import TokenHash


@dataclass(frozen=True, slots=True)
class SessionRevoked:
    """The token had been copied. No refusal: the revocation has to be committed."""

    session_id: UUID


@dataclass(frozen=True, slots=True)
class RefreshSession(Command[Result[SessionOpen | SessionRevoked, RefreshTokenInvalid]]):
    """`successor` is the one token that follows from the one shown."""

    shown: TokenHash
    successor: TokenHash


async def refresh_session(
    command: RefreshSession, uow: UnitOfWork, clock: Clock
) -> Result[SessionOpen | SessionRevoked, RefreshTokenInvalid]:
    """Exactly one of any number who show a token at once brings its successor into being."""
    now = clock()
    shown = await uow.sessions.present(command.shown, now=now)
    if shown is None:
        return Err(RefreshTokenInvalid())
    match judge(shown, now=now):
        case Err() as refused:
            return refused
        case Ok(Revoke()):
            await uow.sessions.revoke(shown.session.id, now=now)
            return Ok(SessionRevoked(shown.session.id))
        case Ok(Rotate()):
            successor = RefreshToken.of(shown.session, command.successor, shown.generation + 1, now)
            await uow.sessions.succeed(successor)
    return Ok(SessionOpen(shown.session.id, shown.session.user_id, shown.role, shown.epoch))
