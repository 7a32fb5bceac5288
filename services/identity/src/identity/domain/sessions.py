"""Sessions: one sign-in on one device, kept up by refresh tokens that replace each other."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from babyowl_kernel import Err, Ok, Result
from identity.domain.errors import RefreshTokenInvalid
from identity.domain.values import TokenHash, UserRole, UserStatus

REFRESH_LIFE = timedelta(days=30)
SESSION_LIFE = timedelta(days=90)
GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Session:
    """A family of refresh tokens. It belongs to the epoch of the account in which it began."""

    id: UUID
    user_id: UUID
    epoch: int
    began_at: datetime

    @property
    def ends_at(self) -> datetime:
        """However busy it is kept, the password is asked for again then."""
        return self.began_at + SESSION_LIFE


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One member of the family, as it is kept: hashed. `generation` 0 was handed out at sign-in."""

    token_hash: TokenHash
    session_id: UUID
    generation: int
    issued_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session, token_hash: TokenHash, generation: int, now: datetime) -> "RefreshToken":
        """A token lives 30 days, but not longer than its session."""
        expires_at = min(now + REFRESH_LIFE, session.ends_at)
        return cls(token_hash, session.id, generation, now, expires_at)


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token somebody has just shown, as one atomic statement found and left it.

    `uses` counts this time too: exactly one of any number who show it at once reads 1.
    `first_used_at` is now for that one, and for the others the time of the first.
    """

    session: Session
    generation: int
    expires_at: datetime
    uses: int
    first_used_at: datetime
    session_revoked: bool
    role: UserRole
    status: UserStatus
    epoch: int


@dataclass(frozen=True, slots=True)
class Rotate:
    """The first use: the successor comes into being."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A second use within the grace, as of two tabs that woke together: the same successor again."""


@dataclass(frozen=True, slots=True)
class Revoke:
    """A second use after the grace: the token was copied, and nobody can say who holds the right one."""


Verdict = Rotate | Repeat | Revoke


def judge(presented: Presented, *, now: datetime) -> Result[Verdict, RefreshTokenInvalid]:
    """Decide what a refresh token is still good for."""
    session = presented.session
    ended = presented.session_revoked or session.epoch != presented.epoch or now >= session.ends_at
    if ended or now >= presented.expires_at or presented.status is not UserStatus.ACTIVE:
        return Err(RefreshTokenInvalid())
    if presented.uses == 1:
        return Ok(Rotate())
    return Ok(Repeat() if now - presented.first_used_at <= GRACE else Revoke())
