"""Access tokens: RS256, `typ: at+jwt`, for people 15 minutes, for services 5."""

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import jwt

from babyowl_chassis.auth import ACCESS_TOKEN_SECONDS, ALGORITHM, SERVICE_ROLE, TOKEN_TYPE
from babyowl_kernel import Clock, NewId
from identity.domain.values import UserRole
from identity.infrastructure.signing_keys import SigningKeys

SERVICE_TOKEN_SECONDS = 300


class SignedAccessTokens:
    """Signs with the key that is active now."""

    def __init__(self, keys: SigningKeys, *, issuer: str, audience: str, clock: Clock, new_id: NewId) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._new_id = new_id

    @property
    def life(self) -> int:
        """How long a person's token is good for, in seconds."""
        return ACCESS_TOKEN_SECONDS

    async def mint(self, user_id: UUID, role: UserRole, session_id: UUID, epoch: int) -> str:
        """A person's token; void as soon as the session ends or a new epoch begins."""
        claims = {"sub": str(user_id), "sid": str(session_id), "roles": [role.value], "ver": epoch}
        return await self._signed(claims, ACCESS_TOKEN_SECONDS)

    async def mint_for_service(self, client_id: str, scopes: frozenset[str]) -> str:
        """A service's own token; it expires so soon that nothing needs to end it before."""
        claims = {
            "sub": str(uuid5(NAMESPACE_URL, f"{self._issuer}/services/{client_id}")),
            "roles": [SERVICE_ROLE],
            "scope": " ".join(sorted(scopes)),
            "ver": 0,
        }
        return await self._signed(claims, SERVICE_TOKEN_SECONDS)

    async def _signed(self, claims: dict[str, Any], seconds: int) -> str:
        ring, now = await self._keys.ring(), self._clock()
        registered = {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": now,
            "nbf": now,
            "exp": now + timedelta(seconds=seconds),
            "jti": str(self._new_id()),
        }
        header = {"typ": TOKEN_TYPE, "kid": ring.kid}
        return jwt.encode({**registered, **claims}, ring.private_key, algorithm=ALGORITHM, headers=header)
