"""What people do with accounts, around the commands: limits and hashing before, revocation after.

Commands may run again, so that nothing slow and nothing outside Postgres is in them.
"""

import asyncio
from typing import Never, TypeVar
from uuid import UUID

from babyowl_kernel import Command, Err, Ok, Refusal, Result
from identity.application import limits
from identity.application.commands.change_password import ChangePassword
from identity.application.commands.register_user import RegisterUser
from identity.application.commands.request_password_reset import RequestPasswordReset
from identity.application.commands.resend_verification import ResendVerification
from identity.application.commands.reset_password import ResetPassword
from identity.application.commands.verify_email import VerifyEmail
from identity.application.ports import CredentialsById, Executes, Limit, Passwords, Revocations, Throttle
from identity.application.sign_in import PasswordProof
from identity.application.tokens import token_hash
from identity.domain.errors import (
    ChallengeExpired,
    ChallengeInvalid,
    InvalidCredentials,
    PasswordRequired,
    PasswordTooCommon,
    PasswordTooShort,
    TooManyAttempts,
    UserNotFound,
)
from identity.domain.policies import password_refused
from identity.domain.user import User
from identity.domain.values import Email, PasswordHash, Profile

E_co = TypeVar("E_co", bound=Refusal, covariant=True)

PasswordRefused = PasswordTooShort | PasswordTooCommon

LEAST_SECONDS = 0.1
"""What asking for a message takes at least: to have one sent takes longer than to find that there is no account,
and who asks is not to tell them apart by that."""


class Accounts:
    """Registration, verification, passwords, and the end of all sessions."""

    def __init__(
        self,
        *,
        bus: Executes,
        passwords: Passwords,
        proof: PasswordProof,
        credentials: CredentialsById,
        throttle: Throttle,
        revocations: Revocations,
    ) -> None:
        self._bus = bus
        self._passwords = passwords
        self._proof = proof
        self._credentials = credentials
        self._throttle = throttle
        self._revocations = revocations

    async def register(
        self, email: Email, password: str, profile: Profile, *, address: str
    ) -> Result[None, PasswordRefused | TooManyAttempts]:
        """Have an account made for whoever reads this mailbox. Says the same for an address it knows."""
        if refusal := password_refused(password, email):
            return Err(refusal)
        if wait := await self._throttle.charge(limits.registrations_from(address)):
            return Err(TooManyAttempts(wait))
        if wait := await self._throttle.charge(limits.messages_to(email)):
            return Err(TooManyAttempts(wait))
        kept = await self._passwords.hash(password)
        # An Err says that somebody registers the same address at this very moment: their message goes out.
        await self._bus.execute(RegisterUser(email, kept, profile))
        return Ok(None)

    async def resend_verification(self, email: Email, *, address: str) -> Result[None, TooManyAttempts]:
        """Send the verification again, if the address waits for one."""
        return await self._message(ResendVerification(email), email, limits.messages_from(address))

    async def forgot_password(self, email: Email, *, address: str) -> Result[None, TooManyAttempts]:
        """Send a reset link, if there is an account."""
        return await self._message(RequestPasswordReset(email), email, limits.messages_from(address))

    async def verify_email(
        self, token: str, password: str | None
    ) -> Result[None, ChallengeInvalid | ChallengeExpired | PasswordRequired | PasswordRefused]:
        """Follow the link in the message; the invited choose a password with it."""
        if password is None:
            return await self._bus.execute(VerifyEmail(token_hash(token), None))
        if refusal := password_refused(password, None):
            return Err(refusal)
        return await self._bus.execute(VerifyEmail(token_hash(token), await self._passwords.hash(password)))

    async def reset_password(
        self, token: str, password: str
    ) -> Result[User, ChallengeInvalid | ChallengeExpired | PasswordRefused]:
        """Choose a new password by the link in the message; every session ends."""
        if refusal := password_refused(password, None):
            return Err(refusal)
        kept = await self._passwords.hash(password)
        return await self.ending_sessions(ResetPassword(token_hash(token), kept))

    async def change_password(
        self, user_id: UUID, current: str, new: str, *, address: str
    ) -> Result[User, UserNotFound | InvalidCredentials | TooManyAttempts | PasswordRefused]:
        """Replace a password one knows; every session ends. Guessing at it is limited as at sign-in."""
        known = await self._credentials(user_id)
        if known is None:
            return Err(UserNotFound(user_id))
        if refusal := password_refused(new, known.email):
            return Err(refusal)
        account = known.email.address
        proven = await self._proof.prove(current, known, account=account, address=address)
        if isinstance(proven, Err):
            return proven
        await self._proof.accept(account=account, address=address)
        kept = await self._passwords.hash(new)
        return await self.ending_sessions(ChangePassword(user_id, proven.value, kept))

    async def password_for(self, password: str, email: Email) -> Result[PasswordHash, PasswordRefused]:
        """What is kept of a password that the staff choose for somebody."""
        if refusal := password_refused(password, email):
            return Err(refusal)
        return Ok(await self._passwords.hash(password))

    async def ending_sessions(self, command: Command[Result[User, E_co]]) -> Result[User, E_co]:
        """Carry out a command that may begin a new epoch of an account, and make it known at once."""
        outcome = await self._bus.execute(command)
        if isinstance(outcome, Ok):
            await self._revocations.epoch_began(outcome.value.id, outcome.value.epoch)
        return outcome

    async def _message(
        self, command: Command[Result[None, Never]], email: Email, limit: Limit
    ) -> Result[None, TooManyAttempts]:
        if wait := await self._throttle.charge(limit):
            return Err(TooManyAttempts(wait))
        await asyncio.gather(self._execute_unless_flooded(command, email), asyncio.sleep(LEAST_SECONDS))
        return Ok(None)

    async def _execute_unless_flooded(self, command: Command[Result[None, Never]], email: Email) -> None:
        # Silently: the mailbox is not to be flooded, and who asks gets the same answer either way.
        if await self._throttle.charge(limits.messages_to(email)) is None:
            await self._bus.execute(command)
