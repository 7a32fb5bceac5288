"""What Identity tells the others. Names and addresses are asked for at Identity itself."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from babyowl_contracts.event import Event

Role = Literal["super_admin", "staff", "instructor", "student"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(Event, type="identity.UserRegistered.v1"):
    """Somebody has an account; it is pending until the e-mail address is verified.

    `time_zone` is the IANA name of the person's zone; null in events from before it was told.
    """

    user_id: UUID
    role: Role
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserVerified(Event, type="identity.UserVerified.v1"):
    """The person has shown that the e-mail address is theirs; the account is active."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerificationRequested(Event, type="identity.EmailVerificationRequested.v1"):
    """A message with a verification link is due; its text is asked for by the challenge's id."""

    user_id: UUID
    challenge_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(Event, type="identity.PasswordResetRequested.v1"):
    """A message with a reset link is due; its text is asked for by the challenge's id."""

    user_id: UUID
    challenge_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event, type="identity.PasswordChanged.v1"):
    """The password was changed or reset; every session has ended."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUpdated(Event, type="identity.ProfileUpdated.v1"):
    """Name, avatar, time zone or locale changed; who shows people asks for the new profile.

    `time_zone` is the IANA name of the zone the person lives by from now on, changed or not; null in events from
    before it was told.
    """

    user_id: UUID
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged(Event, type="identity.RoleChanged.v1"):
    """The person has another role from now on."""

    user_id: UUID
    role: Role
    previous_role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeactivated(Event, type="identity.UserDeactivated.v1"):
    """The account is closed for now; every session has ended."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReactivated(Event, type="identity.UserReactivated.v1"):
    """The account is open again."""

    user_id: UUID
