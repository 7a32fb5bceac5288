"""Proving who one is by the password, signing in, staying signed in."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Err, Ok, Result
from identity.application import limits
from identity.application.commands.begin_session import BeginSession, SessionOpen
from identity.application.commands.end_session import EndSession
from identity.application.commands.refresh_session import RefreshSession, SessionRevoked
from identity.application.ports import (
    AccessTokens,
    Credentials,
    CredentialsByEmail,
    Executes,
    Limit,
    Passwords,
    Revocations,
    Throttle,
)
from identity.application.tokens import RefreshTokens, token_hash
from identity.domain.errors import (
    EmailNotVerified,
    InvalidCredentials,
    RefreshTokenInvalid,
    RefreshTokenReused,
    TooManyAttempts,
)
from identity.domain.values import Email, PasswordHash


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client keeps of a sign-in. `expires_in` is the access token's, in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


class PasswordProof:
    """Checks a password under the limits. Only wrong guesses count, so no number of sign-ins uses them up.

    An address from which the account was signed in to before is spared the account's common limit: strangers
    who guess at a child's password from everywhere cannot keep the child out.
    """

    def __init__(self, passwords: Passwords, throttle: Throttle) -> None:
        self._passwords = passwords
        self._throttle = throttle

    async def prove(
        self, password: str, known: Credentials | None, *, account: str, address: str
    ) -> Result[PasswordHash, InvalidCredentials | TooManyAttempts]:
        """What the password was checked against. Does the same work whether or not the account exists.

        Counts as a guess until it is accepted.
        """
        # Counted before the check: fifty guesses at once would otherwise all find an untouched allowance.
        if wait := await self._throttle.charge(*await self._counted(account, address)):
            return Err(TooManyAttempts(wait))
        kept = known.password if known else None
        if not await self._passwords.verify(password, kept) or kept is None:
            return Err(InvalidCredentials())
        return Ok(kept)

    async def accept(self, *, account: str, address: str) -> None:
        """The proof led to what it was given for: it was no guess, and does not count as one."""
        await self._throttle.refund(*await self._counted(account, address))

    async def _counted(self, account: str, address: str) -> list[Limit]:
        counted = [limits.password_here(account, address), limits.password_from(address)]
        if not await self._throttle.remembers(limits.familiar(account, address)):
            counted.append(limits.password_anywhere(account))
        return counted

    async def trust(self, *, account: str, address: str) -> None:
        """The account was signed in to from here."""
        await self._throttle.remember(limits.familiar(account, address), limits.FAMILIAR_SECONDS)


class SignIn:
    """From a password to a session, and from one refresh token to the next."""

    def __init__(
        self,
        *,
        bus: Executes,
        proof: PasswordProof,
        credentials: CredentialsByEmail,
        refresh_tokens: RefreshTokens,
        access_tokens: AccessTokens,
        revocations: Revocations,
    ) -> None:
        self._bus = bus
        self._proof = proof
        self._credentials = credentials
        self._refresh_tokens = refresh_tokens
        self._access_tokens = access_tokens
        self._revocations = revocations

    async def login(
        self, email: Email, password: str, *, address: str
    ) -> Result[Tokens, InvalidCredentials | EmailNotVerified | TooManyAttempts]:
        """Sign in with address and password. `address` is where the client is, as the gateway saw it."""
        known, account = await self._credentials(email), email.address
        proven = await self._proof.prove(password, known, account=account, address=address)
        if isinstance(proven, Err):
            return proven
        if known is None:
            return Err(InvalidCredentials())
        refresh_token = self._refresh_tokens.first()
        opened = await self._bus.execute(BeginSession(known.user_id, proven.value, token_hash(refresh_token)))
        if isinstance(opened, Err):
            return opened
        await self._proof.accept(account=account, address=address)
        await self._proof.trust(account=account, address=address)
        return Ok(await self._tokens(opened.value, refresh_token))

    async def refresh(self, shown: str) -> Result[Tokens, RefreshTokenInvalid | RefreshTokenReused]:
        """Trade a refresh token for its successor and a fresh access token."""
        successor = self._refresh_tokens.successor(shown)
        outcome = await self._bus.execute(RefreshSession(token_hash(shown), token_hash(successor)))
        if isinstance(outcome, Err):
            return outcome
        if isinstance(outcome.value, SessionRevoked):
            await self._revocations.session_ended(outcome.value.session_id)
            return Err(RefreshTokenReused())
        return Ok(await self._tokens(outcome.value, successor))

    async def logout(self, session_id: UUID) -> None:
        """End this session; its access tokens are void at once."""
        await self._bus.execute(EndSession(session_id))
        await self._revocations.session_ended(session_id)

    async def _tokens(self, opened: SessionOpen, refresh_token: str) -> Tokens:
        access_token = await self._access_tokens.mint(opened.user_id, opened.role, opened.session_id, opened.epoch)
        return Tokens(access_token, refresh_token, self._access_tokens.life)
