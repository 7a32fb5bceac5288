"""What Identity refuses."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated


@dataclass(frozen=True, slots=True)
class EmailInvalid(Invalid):
    @property
    def reason(self) -> str:
        return "This is not an e-mail address that mail can be sent to."


@dataclass(frozen=True, slots=True)
class DisplayNameInvalid(Invalid):
    @property
    def reason(self) -> str:
        return "A display name has 1 to 100 printable characters."


@dataclass(frozen=True, slots=True)
class AvatarUrlInvalid(Invalid):
    @property
    def reason(self) -> str:
        return "An avatar is an https URL of at most 2,000 characters."


@dataclass(frozen=True, slots=True)
class TimeZoneUnknown(Invalid):
    @property
    def reason(self) -> str:
        return "The time zone is not in the IANA database; an example that is: Asia/Jakarta."


@dataclass(frozen=True, slots=True)
class LocaleInvalid(Invalid):
    @property
    def reason(self) -> str:
        return "A locale is a language, or a language and a region: en, id, pt-BR."


@dataclass(frozen=True, slots=True)
class PasswordTooShort(Invalid):
    least: int

    @property
    def reason(self) -> str:
        return f"A password has at least {self.least} characters."


@dataclass(frozen=True, slots=True)
class PasswordTooCommon(Invalid):
    @property
    def reason(self) -> str:
        return "This password is among the first ones that somebody would guess."


@dataclass(frozen=True, slots=True)
class PasswordRequired(Invalid):
    @property
    def reason(self) -> str:
        return "Who accepts an invitation chooses a password with it."


@dataclass(frozen=True, slots=True)
class EmailTaken(Conflict):
    @property
    def reason(self) -> str:
        return "Somebody already has an account with this e-mail address."


@dataclass(frozen=True, slots=True)
class UserNotFound(NotFound):
    user_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such user."


@dataclass(frozen=True, slots=True)
class StaleVersion(Conflict):
    current: int

    @property
    def reason(self) -> str:
        return "Somebody changed it since you read it: read it again."


@dataclass(frozen=True, slots=True)
class InvalidCredentials(Unauthenticated):
    """Also the answer for an account that is not there, has no password, is deactivated, or was registered only."""

    @property
    def reason(self) -> str:
        return "E-mail address or password are wrong, or the address is not verified yet."


@dataclass(frozen=True, slots=True)
class EmailNotVerified(Forbidden):
    """Said only to who knows the password of an account that staff made."""

    @property
    def reason(self) -> str:
        return "Verify the e-mail address first; a new message can be asked for."


@dataclass(frozen=True, slots=True)
class TooManyAttempts(TooMany):
    retry_after: int

    @property
    def reason(self) -> str:
        return f"Too many attempts: try again in {self.retry_after} seconds."


@dataclass(frozen=True, slots=True)
class ChallengeInvalid(Invalid):
    """Never issued, used already, or voided by a newer one: nobody learns which."""

    @property
    def reason(self) -> str:
        return "This link does not work, or no longer: ask for a new message."


@dataclass(frozen=True, slots=True)
class ChallengeExpired(Invalid):
    @property
    def reason(self) -> str:
        return "This link has expired: ask for a new message."


@dataclass(frozen=True, slots=True)
class ChallengeNotOpen(NotFound):
    @property
    def reason(self) -> str:
        return "The challenge was answered, voided by a newer one, or has expired."


@dataclass(frozen=True, slots=True)
class PeopleIdsInvalid(Invalid):
    most: int

    @property
    def reason(self) -> str:
        return f"Ask for 1 to {self.most} ids, separated by commas."


@dataclass(frozen=True, slots=True)
class AccountNotPending(Conflict):
    @property
    def reason(self) -> str:
        return "Only an account that waits for its verification can do this."


@dataclass(frozen=True, slots=True)
class AccountDeactivated(Conflict):
    @property
    def reason(self) -> str:
        return "The account is deactivated."


@dataclass(frozen=True, slots=True)
class RefreshTokenInvalid(Unauthenticated):
    @property
    def reason(self) -> str:
        return "The session has ended: sign in again."


@dataclass(frozen=True, slots=True)
class RefreshTokenReused(Unauthenticated):
    """A spent token came back after the grace: somebody has a copy, so nobody keeps the session."""

    @property
    def reason(self) -> str:
        return "This refresh token was used before, so the session was ended: sign in again."


@dataclass(frozen=True, slots=True)
class ServiceCredentialsInvalid(Unauthenticated):
    @property
    def reason(self) -> str:
        return "No service has this client id and secret."


@dataclass(frozen=True, slots=True)
class RoleOutOfReach(Forbidden):
    role: str

    @property
    def reason(self) -> str:
        return "Staff look after students and instructors; only a super admin looks after the others."


@dataclass(frozen=True, slots=True)
class OwnAccount(Forbidden):
    @property
    def reason(self) -> str:
        return "Nobody changes the role or the state of their own account."


@dataclass(frozen=True, slots=True)
class LastSuperAdmin(Conflict):
    @property
    def reason(self) -> str:
        return "The academy would be left without an active super admin."
