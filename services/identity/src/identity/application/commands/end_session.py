"""Somebody signs out."""

from dataclasses import dataclass
from typing import Never
from uuid import UUID

from babyowl_kernel import Clock, Command, Ok, Result
from identity.domain.repositories import UnitOfWork


@dataclass(frozen=True, slots=True)
class EndSession(Command[Result[None, Never]]):
    session_id: UUID


async def end_session(command: EndSession, uow: UnitOfWork, clock: Clock) -> Result[None, Never]:
    """Doing it twice is doing it once."""
    await uow.sessions.revoke(command.session_id, now=clock())
    return Ok(None)
