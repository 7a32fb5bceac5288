"""Where accounts and sessions are found again."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from identity.domain.sessions import Presented, RefreshToken, Session
from identity.domain.user import User
from identity.domain.values import Email, TokenHash


class Users(Protocol):
    """All accounts; an address belongs to one of them at most."""

    async def get(self, id: UUID, /) -> User | None:  # noqa: A002
        """The account, if there is one."""

    def add(self, aggregate: User, /) -> None:
        """Take in a new account."""

    async def by_email(self, email: Email) -> User | None:
        """Whose address it is."""

    async def by_challenge(self, token: TokenHash) -> User | None:
        """Whose open challenge this token answers."""

    async def other_active_super_admins(self, than: UUID) -> int:
        """How many there are beside this one; they stay as they are until the transaction ends."""


class Sessions(Protocol):
    """All sign-ins and their refresh tokens."""

    async def begin(self, session: Session, first: RefreshToken) -> None:
        """Take in a new session with its first token."""

    async def present(self, token: TokenHash, *, now: datetime) -> Presented | None:
        """Note that the token was shown, in one atomic statement; None if it was never issued."""

    async def succeed(self, successor: RefreshToken) -> None:
        """Take in the next token of a session."""

    async def revoke(self, session_id: UUID, *, now: datetime) -> bool:
        """End one session; False if it was over already, or never was."""


class UnitOfWork(Protocol):
    """One transaction's view of both."""

    @property
    def users(self) -> Users: ...

    @property
    def sessions(self) -> Sessions: ...
