"""What happens in Identity, in its own words."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import DomainEvent
from identity.domain.values import UserRole


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(DomainEvent):
    """Something that happened to one account."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(UserEvent):
    role: UserRole
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRequested(UserEvent):
    """A message that proves the address is due; for the invited it also asks for a password."""

    challenge_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserVerified(UserEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(UserEvent):
    challenge_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(UserEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUpdated(UserEvent):
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged(UserEvent):
    role: UserRole
    previous_role: UserRole


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeactivated(UserEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReactivated(UserEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AllSessionsEnded(UserEvent):
    """Asked for by the person; the other ways sessions end are told by their own events."""
