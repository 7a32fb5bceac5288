"""What Identity's tests stand on: its repositories in memory, a clock to turn, and fakes that count."""

import copy
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from babyowl_chassis.bus import Bus, Transactions
from babyowl_chassis.ids import new_id
from babyowl_chassis.refused import accepted
from babyowl_chassis.testing import MemoryRepository, MemoryStore, MemoryUnitOfWork, Serving, TurnableClock
from babyowl_chassis.unit_of_work import ConstraintViolated
from babyowl_contracts import Event
from babyowl_kernel import Refusal
from identity.application.commands.provision_user import ProvisionUser
from identity.application.handlers import HANDLERS
from identity.application.publishing import published
from identity.application.tokens import ChallengeTokens
from identity.domain.errors import EmailTaken
from identity.domain.sessions import Presented, RefreshToken, Session
from identity.domain.user import User
from identity.domain.values import Email, PasswordHash, Profile, TokenHash, UserRole
from identity.infrastructure.passwords import BcryptPasswords

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "a secret of the tests"


@dataclass
class KeptSession:
    session: Session
    revoked_at: datetime | None = None


@dataclass
class KeptToken:
    token: RefreshToken
    uses: int = 0
    first_used_at: datetime | None = None


@dataclass
class IdentityStore(MemoryStore):
    sessions: dict[UUID, KeptSession] = field(default_factory=dict)
    tokens: dict[TokenHash, KeptToken] = field(default_factory=dict)


class MemoryUsers(MemoryRepository[User]):
    aggregate = User

    def add(self, aggregate: User) -> None:
        others = self._uow.store.aggregates.get(User, {}).values()
        if any(isinstance(other, User) and other.email == aggregate.email for other in others):
            raise ConstraintViolated("uq_users_email")
        super().add(aggregate)

    async def by_email(self, email: Email) -> User | None:
        return next((user for user in await self._all() if user.email == email), None)

    async def by_challenge(self, token: TokenHash) -> User | None:
        for user in await self._all():
            if any(challenge.token_hash == token for challenge in user.challenges.values()):
                return user
        return None

    async def other_active_super_admins(self, than: UUID) -> int:
        return sum(1 for user in await self._all() if user.is_active_super_admin and user.id != than)


class MemorySessions:
    def __init__(self, uow: "MemoryIdentityUnitOfWork", store: IdentityStore) -> None:
        self._uow = uow
        self.sessions = copy.deepcopy(store.sessions)
        self.tokens = copy.deepcopy(store.tokens)

    async def begin(self, session: Session, first: RefreshToken) -> None:
        self.sessions[session.id] = KeptSession(session)
        await self.succeed(first)

    async def present(self, token: TokenHash, *, now: datetime) -> Presented | None:
        kept = self.tokens.get(token)
        if kept is None:
            return None
        kept.uses += 1
        kept.first_used_at = kept.first_used_at or now
        family = self.sessions[kept.token.session_id]
        user = await self._uow.users.get(family.session.user_id)
        assert user is not None
        return Presented(
            session=family.session,
            generation=kept.token.generation,
            expires_at=kept.token.expires_at,
            uses=kept.uses,
            first_used_at=kept.first_used_at,
            session_revoked=family.revoked_at is not None,
            role=user.role,
            status=user.status,
            epoch=user.epoch,
        )

    async def succeed(self, successor: RefreshToken) -> None:
        self.tokens[successor.token_hash] = KeptToken(successor)

    async def revoke(self, session_id: UUID, *, now: datetime) -> bool:
        family = self.sessions.get(session_id)
        if family is None or family.revoked_at is not None:
            return False
        self.sessions[session_id] = replace(family, revoked_at=now)
        return True


class MemoryIdentityUnitOfWork(MemoryUnitOfWork):
    constraints: ClassVar[Mapping[str, Refusal]] = {"uq_users_email": EmailTaken()}

    def __init__(self, store: IdentityStore, *, locking: bool = False) -> None:
        super().__init__(store, locking=locking)
        self._identity = store
        self.users = MemoryUsers(self)
        self.sessions = MemorySessions(self, store)

    def commit(self) -> None:
        super().commit()
        self._identity.sessions, self._identity.tokens = self.sessions.sessions, self.sessions.tokens


class World:
    """Identity's commands over one kind of store, with a clock to turn and what became of it all."""

    def __init__(
        self,
        transactions: Transactions,
        *,
        events: Callable[[], Awaitable[list[Event]]],
        find: Callable[[UUID], Awaitable[User | None]],
    ) -> None:
        self.clock = TurnableClock(START)
        self.challenge_tokens = ChallengeTokens(SECRET)
        self.bus = Bus(
            transactions,
            publish=published,
            handlers=HANDLERS,
            dependencies={"clock": self.clock, "seal": self.challenge_tokens.seal},
        )
        self.events = events
        self.find = find

    async def user(self, user_id: UUID) -> User:
        """The account as it is stored now."""
        user = await self.find(user_id)
        assert user is not None
        return user


def a_user(
    *,
    email: str = "ana@example.org",
    role: UserRole = UserRole.STUDENT,
    password: str | None = "kept",
    now: datetime = START,
) -> User:
    """A pending account, made by the staff."""
    kept = None if password is None else PasswordHash(password)
    user = User.create(new_id(), Email(email), kept, role, Profile("Ana"), by=new_id(), now=now)
    user.collect_events()
    return user


def an_active_user(*, role: UserRole = UserRole.STUDENT, email: str = "ana@example.org") -> User:
    """An account that has proven its address."""
    user = User.provision(new_id(), Email(email), PasswordHash("kept"), role, Profile("Ana"), now=START)
    user.collect_events()
    return user


class CountingPasswords:
    """Keeps passwords as they are, and counts the work that was done."""

    def __init__(self) -> None:
        self.work: Counter[str] = Counter()

    async def hash(self, password: str) -> PasswordHash:
        self.work["hash"] += 1
        return PasswordHash(f"kept:{password}")

    async def verify(self, password: str, kept: PasswordHash | None) -> bool:
        self.work["verify"] += 1
        return kept == f"kept:{password}"


class NotedRevocations:
    """Notes what would have been told."""

    def __init__(self) -> None:
        self.sessions: list[UUID] = []
        self.epochs: list[tuple[UUID, int]] = []

    async def session_ended(self, session_id: UUID) -> None:
        self.sessions.append(session_id)

    async def epoch_began(self, user_id: UUID, epoch: int) -> None:
        self.epochs.append((user_id, epoch))


class PlainAccessTokens:
    """Tokens that show what they were minted for."""

    life = 900

    async def mint(self, user_id: UUID, role: UserRole, session_id: UUID, epoch: int) -> str:
        return f"{user_id} {role} {session_id} {epoch}"


AUTH = "/api/v1/auth"
PASSWORD = "a decent password"


async def provision(served: Serving, role: UserRole, email: str, password: str = PASSWORD) -> User:
    """An account that works at once, in a running service."""
    passwords = cast(BcryptPasswords, served.running.parts.state["passwords"])
    command = ProvisionUser(Email(email), await passwords.hash(password), role, Profile("Somebody"))
    return accepted(await served.running.parts.bus.execute(command))


async def sign_in(served: Serving, email: str, password: str = PASSWORD) -> dict[str, Any]:
    """Sign in over HTTP; the tokens."""
    answer = await served.client.post(f"{AUTH}/login", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def bearing(tokens: dict[str, Any]) -> dict[str, str]:
    """The header that shows the access token."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def message_of(served: Serving, kind: type[Event]) -> dict[str, Any]:
    """What Notification is told about the newest challenge of this kind."""
    challenge_id = cast(Any, (await served.events(kind))[-1].data).challenge_id
    challenges = cast(ChallengeTokens, served.running.parts.state["challenge_tokens"])
    row = await served.resources.database.fetchrow("SELECT * FROM challenges WHERE id = $1", challenge_id)
    assert row is not None
    return {**dict(row), "token": challenges.token(challenge_id, row["purpose"])}
