"""What the use cases need from outside: hashing, throttling, revocation, signing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar
from uuid import UUID

from babyowl_kernel import Command
from identity.domain.values import Email, PasswordHash, UserRole

R = TypeVar("R")


class Executes(Protocol):
    """The bus: runs a command in a transaction of its own."""

    async def execute(self, command: Command[R], /) -> R: ...


class Passwords(Protocol):
    """Slow on purpose, and bounded: may raise when too many wait already."""

    async def hash(self, password: str) -> PasswordHash:
        """What is kept of this password."""

    async def verify(self, password: str, kept: PasswordHash | None) -> bool:
        """Whether it is the password. With nothing kept: False, after the same work."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` at once, then one every `every` seconds. `key` may be personal; it is stored hashed."""

    key: str
    burst: int
    every: float


class Throttle(Protocol):
    """Counts attempts, shared by all replicas."""

    async def charge(self, *limits: Limit) -> int | None:
        """Count one attempt against all the limits, or, if one is used up, against none.

        Answers the seconds to wait in that case.
        """

    async def refund(self, *limits: Limit) -> None:
        """Take back one attempt from each: it turned out to be an honest one."""

    async def remember(self, key: str, seconds: int) -> None:
        """Note something for a while."""

    async def remembers(self, key: str) -> bool:
        """Whether it was noted and the while is not over."""


class Revocations(Protocol):
    """Tells gateway and services at once which access tokens are void before their time.

    It never raises: Postgres keeps the truth, from which a periodic task tells it again.
    """

    async def session_ended(self, session_id: UUID) -> None:
        """Void what was issued for this session."""

    async def epoch_began(self, user_id: UUID, epoch: int) -> None:
        """Void what was issued to this person in earlier epochs."""


class AccessTokens(Protocol):
    """Signs what a person shows to every service for the next minutes."""

    async def mint(self, user_id: UUID, role: UserRole, session_id: UUID, epoch: int) -> str:
        """A signed access token."""

    @property
    def life(self) -> int:
        """How long it is good for, in seconds."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is checked against."""

    user_id: UUID
    email: Email
    password: PasswordHash | None


CredentialsByEmail: TypeAlias = Callable[[Email], Awaitable[Credentials | None]]
CredentialsById: TypeAlias = Callable[[UUID], Awaitable[Credentials | None]]
