"""Accounts and sessions in Postgres."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from babyowl_chassis.sql import Connection, Statement
from babyowl_chassis.unit_of_work import SqlRepository, SqlUnitOfWork
from babyowl_kernel import Refusal
from identity.domain.errors import EmailTaken
from identity.domain.sessions import Presented, RefreshToken, Session
from identity.domain.user import User
from identity.domain.values import Email, TokenHash, UserRole, UserStatus
from identity.infrastructure.mappers import USERS
from identity.infrastructure.tables import metadata

_users = metadata.tables["users"]
_challenges = metadata.tables["challenges"]
_sessions = metadata.tables["sessions"]
_tokens = metadata.tables["refresh_tokens"]

_ACTIVE_SUPER_ADMINS = Statement(
    select(_users.c.id)
    .where(_users.c.role == UserRole.SUPER_ADMIN.value, _users.c.status == UserStatus.ACTIVE.value)
    .order_by(_users.c.id)
    .with_for_update()
)


class SqlUsers(SqlRepository[User]):
    """All accounts."""

    mapping = USERS

    async def by_email(self, email: Email) -> User | None:
        """Whose address it is."""
        return await self._find(_users.c.email == bindparam("email"), email=email.address)

    async def by_challenge(self, token: TokenHash) -> User | None:
        """Whose open challenge this token answers."""
        owner = select(_challenges.c.user_id).where(_challenges.c.token_hash == bindparam("token"))
        return await self._find(_users.c.id == owner.scalar_subquery(), token=token)

    async def other_active_super_admins(self, than: UUID) -> int:
        """Counts them under a lock on each, always taken in the same order."""
        found = await _ACTIVE_SUPER_ADMINS.fetch(self.connection)
        return sum(1 for row in found if row["id"] != than)


_BEGIN = Statement(
    insert(_sessions).values({name: bindparam(name) for name in ("id", "user_id", "epoch", "began_at")})
)
_ISSUE = Statement(
    insert(_tokens).values(
        {
            "uses": 0,
            **{
                name: bindparam(name)
                for name in ("token_hash", "session_id", "generation", "issued_at", "expires_at")
            },
        }
    )
)
# Two who show one token at once wait here for each other: the second reads what the first has written,
# `uses` and `first_used_at` included, however old its snapshot is.
_PRESENT = Statement(
    update(_tokens)
    .where(
        _tokens.c.token_hash == bindparam("token"),
        _sessions.c.id == _tokens.c.session_id,
        _users.c.id == _sessions.c.user_id,
    )
    .values(uses=_tokens.c.uses + 1, first_used_at=func.coalesce(_tokens.c.first_used_at, bindparam("now")))
    .returning(
        _tokens.c.generation,
        _tokens.c.expires_at,
        _tokens.c.uses,
        _tokens.c.first_used_at,
        _sessions.c.id.label("session_id"),
        _sessions.c.user_id,
        _sessions.c.epoch.label("session_epoch"),
        _sessions.c.began_at,
        _sessions.c.revoked_at,
        _users.c.role,
        _users.c.status,
        _users.c.epoch,
    )
)
_REVOKE = Statement(
    update(_sessions)
    .where(_sessions.c.id == bindparam("session_id"), _sessions.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


class SqlSessions:
    """All sign-ins. Not an aggregate: what has to hold holds within one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def begin(self, session: Session, first: RefreshToken) -> None:
        """Take in a new session with its first token."""
        await _BEGIN.execute(
            self._connection,
            id=session.id,
            user_id=session.user_id,
            epoch=session.epoch,
            began_at=session.began_at,
        )
        await self.succeed(first)

    async def present(self, token: TokenHash, *, now: datetime) -> Presented | None:
        """Note that the token was shown; None if it was never issued."""
        row = await _PRESENT.fetchrow(self._connection, token=token, now=now)
        if row is None:
            return None
        return Presented(
            session=Session(row["session_id"], row["user_id"], row["session_epoch"], row["began_at"]),
            generation=row["generation"],
            expires_at=row["expires_at"],
            uses=row["uses"],
            first_used_at=row["first_used_at"],
            session_revoked=row["revoked_at"] is not None,
            role=UserRole(row["role"]),
            status=UserStatus(row["status"]),
            epoch=row["epoch"],
        )

    async def succeed(self, successor: RefreshToken) -> None:
        """Take in the next token of a session."""
        await _ISSUE.execute(
            self._connection,
            token_hash=successor.token_hash,
            session_id=successor.session_id,
            generation=successor.generation,
            issued_at=successor.issued_at,
            expires_at=successor.expires_at,
        )

    async def revoke(self, session_id: UUID, *, now: datetime) -> bool:
        """End one session; False if it was over already, or never was."""
        return await _REVOKE.execute(self._connection, session_id=session_id, now=now) == 1


class IdentityUnitOfWork(SqlUnitOfWork):
    """One transaction's view of accounts and sessions."""

    constraints: ClassVar[Mapping[str, Refusal]] = {"uq_users_email": EmailTaken()}

    def __init__(self, connection: Connection, *, locking: bool = False) -> None:
        super().__init__(connection, locking=locking)
        self.users = SqlUsers(self)
        self.sessions = SqlSessions(connection)
