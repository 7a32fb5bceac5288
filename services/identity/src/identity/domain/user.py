"""The account of one person."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from babyowl_kernel import AggregateRoot, Err, Ok, Result
from identity.domain.errors import (
    AccountDeactivated,
    AccountNotPending,
    ChallengeExpired,
    ChallengeInvalid,
    PasswordRequired,
)
from identity.domain.events import (
    AllSessionsEnded,
    PasswordChanged,
    PasswordResetRequested,
    ProfileUpdated,
    RoleChanged,
    UserDeactivated,
    UserReactivated,
    UserRegistered,
    UserVerified,
    VerificationRequested,
)
from identity.domain.values import (
    Challenge,
    ChallengePurpose,
    Email,
    PasswordHash,
    Profile,
    Seal,
    TokenHash,
    UserRole,
    UserStatus,
)


@dataclass(kw_only=True)
class User(AggregateRoot):
    """A person's account: address, password, role, state, profile, and the challenges that are open.

    `epoch` counts how often all sessions were ended: what was issued in an earlier epoch is void.
    `created_by` is who on the staff made the account; None means that the person registered.
    At most one challenge per purpose is open, so that a new one voids the older.
    """

    email: Email
    password: PasswordHash | None
    role: UserRole
    status: UserStatus
    profile: Profile
    created_at: datetime
    created_by: UUID | None = None
    verified_at: datetime | None = None
    epoch: int = 0
    epoch_began_at: datetime | None = None
    challenges: dict[ChallengePurpose, Challenge] = field(default_factory=dict)

    @classmethod
    def register(
        cls, user_id: UUID, email: Email, password: PasswordHash, profile: Profile, *, now: datetime
    ) -> "User":
        """Somebody comes by themselves, as a student."""
        return cls._new(user_id, email, password, UserRole.STUDENT, profile, created_by=None, now=now)

    @classmethod
    def create(
        cls,
        user_id: UUID,
        email: Email,
        password: PasswordHash | None,
        role: UserRole,
        profile: Profile,
        *,
        by: UUID,
        now: datetime,
    ) -> "User":
        """The staff make an account for somebody; without a password the person is invited to choose one."""
        return cls._new(user_id, email, password, role, profile, created_by=by, now=now)

    @classmethod
    def provision(
        cls,
        user_id: UUID,
        email: Email,
        password: PasswordHash,
        role: UserRole,
        profile: Profile,
        *,
        now: datetime,
    ) -> "User":
        """An operator makes an account that works at once, without any message."""
        user = cls._new(user_id, email, password, role, profile, created_by=None, now=now)
        user._prove_address(now)
        return user

    @property
    def is_active_super_admin(self) -> bool:
        """Whether the academy would be without this super admin, were the account closed."""
        return self.role is UserRole.SUPER_ADMIN and self.status is UserStatus.ACTIVE

    @classmethod
    def _new(
        cls,
        user_id: UUID,
        email: Email,
        password: PasswordHash | None,
        role: UserRole,
        profile: Profile,
        *,
        created_by: UUID | None,
        now: datetime,
    ) -> "User":
        user = cls(
            id=user_id,
            email=email,
            password=password,
            role=role,
            status=UserStatus.PENDING,
            profile=profile,
            created_at=now,
            created_by=created_by,
        )
        user.record(UserRegistered(user_id=user_id, role=role, time_zone=profile.time_zone))
        return user

    def register_again(self, profile: Profile) -> Result[None, AccountNotPending]:
        """Nobody can say which of two registrations of an unproven address was its owner's.

        So neither password counts: whoever reads the message chooses one, and no stranger, before the owner or
        after, has chosen it for them. An account that staff made stays as they made it.
        """
        if self.status is not UserStatus.PENDING or self.created_by is not None:
            return Err(AccountNotPending())
        self.password = None
        self.challenges.pop(ChallengePurpose.VERIFY_EMAIL, None)
        self.update_profile(profile)
        return Ok(None)

    def request_verification(
        self, challenge_id: UUID, seal: Seal, *, now: datetime
    ) -> Result[Challenge, AccountNotPending]:
        """Have a message sent that proves the address, or invites who has no password yet."""
        if self.status is not UserStatus.PENDING:
            return Err(AccountNotPending())
        purpose = ChallengePurpose.INVITATION if self.password is None else ChallengePurpose.VERIFY_EMAIL
        challenge = self._challenge(challenge_id, purpose, seal, now)
        self.record(VerificationRequested(user_id=self.id, challenge_id=challenge.id))
        return Ok(challenge)

    def verify(
        self, token: TokenHash, *, password: PasswordHash | None, now: datetime
    ) -> Result[None, ChallengeInvalid | ChallengeExpired | PasswordRequired]:
        """The link in the message was followed; the invited bring the password they chose.

        A password is taken from the invited alone: the others have one that the link says nothing about.
        """
        purposes = (ChallengePurpose.VERIFY_EMAIL, ChallengePurpose.INVITATION)
        challenge = self._answered(token, *purposes)
        if challenge is None:
            return Err(ChallengeInvalid())
        if challenge.is_over(now):
            return Err(ChallengeExpired())
        invited = challenge.purpose is ChallengePurpose.INVITATION
        if invited and password is None:
            return Err(PasswordRequired())
        if invited:
            self.password = password
        self._prove_address(now)
        return Ok(None)

    def request_password_reset(
        self, challenge_id: UUID, seal: Seal, *, now: datetime
    ) -> Result[Challenge, AccountDeactivated]:
        """Have a message sent that lets its reader choose a new password."""
        if self.status is UserStatus.DEACTIVATED:
            return Err(AccountDeactivated())
        challenge = self._challenge(challenge_id, ChallengePurpose.RESET_PASSWORD, seal, now)
        self.record(PasswordResetRequested(user_id=self.id, challenge_id=challenge.id))
        return Ok(challenge)

    def reset_password(
        self, token: TokenHash, password: PasswordHash, *, now: datetime
    ) -> Result[None, ChallengeInvalid | ChallengeExpired]:
        """Choose a new password by the link; having read the message proves the address as well."""
        challenge = self._answered(token, ChallengePurpose.RESET_PASSWORD)
        if challenge is None or self.status is UserStatus.DEACTIVATED:
            return Err(ChallengeInvalid())
        if challenge.is_over(now):
            return Err(ChallengeExpired())
        self.change_password(password, now=now)
        if self.status is UserStatus.PENDING:
            self._prove_address(now)
        return Ok(None)

    def change_password(self, password: PasswordHash, *, now: datetime) -> None:
        """Replace the password; every session ends, and no reset link outlives it."""
        self.password = password
        self.challenges.pop(ChallengePurpose.RESET_PASSWORD, None)
        self._begin_epoch(now)
        self.record(PasswordChanged(user_id=self.id))

    def update_profile(self, profile: Profile) -> None:
        """Show the person as they want to be shown."""
        if profile != self.profile:
            self.profile = profile
            self.record(ProfileUpdated(user_id=self.id, time_zone=profile.time_zone))

    def change_role(self, role: UserRole, *, now: datetime) -> None:
        """Give the person another role; they sign in anew to have it."""
        if role is self.role:
            return
        previous, self.role = self.role, role
        self._begin_epoch(now)
        self.record(RoleChanged(user_id=self.id, role=role, previous_role=previous))

    def deactivate(self, *, now: datetime) -> None:
        """Close the account for now; every session ends and no open link works."""
        if self.status is UserStatus.DEACTIVATED:
            return
        self.status = UserStatus.DEACTIVATED
        self.challenges.clear()
        self._begin_epoch(now)
        self.record(UserDeactivated(user_id=self.id))

    def reactivate(self) -> None:
        """Open the account again, as far as it had come: who never proved the address is pending."""
        if self.status is not UserStatus.DEACTIVATED:
            return
        self.status = UserStatus.ACTIVE if self.verified_at else UserStatus.PENDING
        self.record(UserReactivated(user_id=self.id))

    def end_all_sessions(self, *, now: datetime) -> None:
        """Sign the person out everywhere."""
        self._begin_epoch(now)
        self.record(AllSessionsEnded(user_id=self.id))

    def _challenge(self, id: UUID, purpose: ChallengePurpose, seal: Seal, now: datetime) -> Challenge:  # noqa: A002
        challenge = Challenge.issue(id, purpose, seal, now)
        self.challenges[purpose] = challenge
        return challenge

    def _answered(self, token: TokenHash, *purposes: ChallengePurpose) -> Challenge | None:
        open_ones = (self.challenges[purpose] for purpose in purposes if purpose in self.challenges)
        return next((challenge for challenge in open_ones if challenge.token_hash == token), None)

    def _prove_address(self, now: datetime) -> None:
        self.challenges.pop(ChallengePurpose.VERIFY_EMAIL, None)
        self.challenges.pop(ChallengePurpose.INVITATION, None)
        self.status = UserStatus.ACTIVE
        self.verified_at = now
        self.record(UserVerified(user_id=self.id))

    def _begin_epoch(self, now: datetime) -> None:
        self.epoch += 1
        self.epoch_began_at = now
