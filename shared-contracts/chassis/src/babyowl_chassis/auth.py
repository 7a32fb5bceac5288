"""Access tokens: who sends this request, shown by Identity's signature. Every service checks for itself.

Nothing else is believed: no header that a gateway or a client could set says who somebody is.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import httpx
import jwt
import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from babyowl_kernel import Actor

log = structlog.get_logger(__name__)

ALGORITHM = "RS256"
TOKEN_TYPE = "at+jwt"  # noqa: S105
ACCESS_TOKEN_SECONDS = 900
CLOCK_SKEW_SECONDS = 5
MAX_TOKEN_BYTES = 4096
MIN_KEY_BITS = 2048
FETCH_SECONDS = 5.0
REQUIRED_CLAIMS = ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "roles", "ver"]
SERVICE_ROLE = "service"

_unchecked = Counter(
    "babyowl_revocation_unchecked_total", "Requests let through on the signature alone while Redis was away"
)


class InvalidToken(Exception):
    """The token proves nothing. The reason is for the log, never for the sender."""


class KeysUnavailable(Exception):
    """Identity's public keys could not be fetched, and none are known from before."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a verified access token speaks for. `session_id` is None for a service's own account."""

    user_id: UUID
    roles: frozenset[str]
    session_id: UUID | None
    epoch: int
    expires_at: int
    scopes: frozenset[str] = frozenset()

    @property
    def actor(self) -> Actor:
        """The same person, in the domain's words."""
        return Actor(self.user_id, self.roles)

    @property
    def is_service(self) -> bool:
        """Whether a service speaks for itself, and not a person."""
        return SERVICE_ROLE in self.roles


class Keys(Protocol):
    """Public keys by their id."""

    async def get(self, kid: str) -> jwt.PyJWK:
        """The key; InvalidToken if there is none of this id, KeysUnavailable if nobody can say."""
        ...


def parse_keys(document: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The usable keys of a JWKS document: RSA, for signatures, at least 2048 bits; others are passed over.

    ValueError if it is no such document.
    """
    if not isinstance(document, Mapping) or not isinstance(entries := document.get("keys"), list):
        raise ValueError("not a JWKS document")  # noqa: TRY004  as for what is no JSON at all
    keys = {}
    for entry in entries:
        try:
            if (entry["kty"], entry["use"], entry["alg"]) == ("RSA", "sig", ALGORITHM):
                key = jwt.PyJWK(entry, algorithm=ALGORITHM)
                if key.key.key_size >= MIN_KEY_BITS:
                    keys[str(entry["kid"])] = key
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            log.warning("key_passed_over", error=repr(error))
    return keys


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """Keys that were handed over and never change."""

    keys: Mapping[str, jwt.PyJWK]

    async def get(self, kid: str) -> jwt.PyJWK:
        """The key of this id."""
        if kid not in self.keys:
            raise InvalidToken(f"unknown key {kid!r}")
        return self.keys[kid]


class FetchedKeys:
    """Identity's JWKS: one fetch at a time, its outcome shared by all who wait for it.

    Old keys are good until newer ones are here: nobody waits for a renewal, and one that fails is tried again. An
    unknown key id causes a fetch at most every ten seconds, so that forged ids cannot flood Identity.
    """

    FRESH_SECONDS = 300.0
    COOL_DOWN_SECONDS = 10.0
    COOL_DOWN_WITHOUT_KEYS_SECONDS = 1.0

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = url
        self._client = client
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def get(self, kid: str) -> jwt.PyJWK:
        """The key of this id, fetched if it is unknown."""
        if kid not in self._keys:
            await asyncio.shield(self._fetch_unless_cooling())
        elif time.monotonic() - self._fetched_at > self.FRESH_SECONDS:
            self._fetch_unless_cooling()
        if kid in self._keys:
            return self._keys[kid]
        if not self._keys:
            raise KeysUnavailable(self._url)
        raise InvalidToken(f"unknown key {kid!r}")

    def _fetch_unless_cooling(self) -> "asyncio.Task[None]":
        """The fetch under way, else a new one, else, if the last was a moment ago, that one."""
        pause = self.COOL_DOWN_SECONDS if self._keys else self.COOL_DOWN_WITHOUT_KEYS_SECONDS
        cooling = time.monotonic() - self._tried_at < pause
        if self._fetching is None or (self._fetching.done() and not cooling):
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            response = await self._client.get(self._url, timeout=FETCH_SECONDS)
            response.raise_for_status()
            keys = parse_keys(response.json())
        except (httpx.HTTPError, ValueError, RuntimeError) as error:  # RuntimeError: the client is closed
            log.warning("keys_not_fetched", url=self._url, error=repr(error))
            keys = {}
        self._tried_at = time.monotonic()
        if keys:
            self._keys, self._fetched_at = keys, self._tried_at


class TokenVerifier:
    """Checks access tokens strictly: one algorithm, one type, every claim present, nothing critical unknown."""

    CACHED_TOKENS = 10_000

    def __init__(self, keys: Keys, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._verified: OrderedDict[str, Principal] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """The token's principal. Raises InvalidToken, or KeysUnavailable when Identity cannot be asked."""
        known = self._verified.get(token)
        if known is not None and time.time() < known.expires_at:
            return known
        principal = await self._verify(token)
        self._verified[token] = principal
        if len(self._verified) > self.CACHED_TOKENS:
            self._verified.popitem(last=False)
        return principal

    async def _verify(self, token: str) -> Principal:
        if len(token) > MAX_TOKEN_BYTES:
            raise InvalidToken("too long")
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != ALGORITHM or str(header.get("typ")).lower() != TOKEN_TYPE or "crit" in header:
                raise InvalidToken("not an access token of ours by its header")
            claims = jwt.decode(
                token,
                await self._keys.get(str(header.get("kid"))),
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": REQUIRED_CLAIMS, "strict_aud": True},
            )
            return _principal(claims)
        except jwt.PyJWTError as error:
            raise InvalidToken(str(error)) from error


def _principal(claims: Mapping[str, Any]) -> Principal:
    roles, epoch, scope = claims["roles"], claims["ver"], claims.get("scope", "")
    well_formed = isinstance(roles, list) and all(isinstance(role, str) for role in roles)
    if not (well_formed and type(epoch) is int and isinstance(scope, str)):
        raise InvalidToken("malformed claims")
    is_service = SERVICE_ROLE in roles
    try:
        return Principal(
            user_id=UUID(claims["sub"]),
            roles=frozenset(roles),
            session_id=None if is_service else UUID(claims["sid"]),
            epoch=epoch,
            expires_at=int(claims["exp"]),
            scopes=frozenset(scope.split()),
        )
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise InvalidToken(f"malformed claims: {error!r}") from error


def denied_session_key(session_id: UUID) -> str:
    """The Redis key that exists while tokens of an ended session could still be alive."""
    return f"auth:denied:{session_id}"


def epoch_key(user_id: UUID) -> str:
    """The Redis key that holds a person's epoch: tokens with a smaller `ver` are worth nothing."""
    return f"auth:epoch:{user_id}"


# Two who tell of two epochs may overtake each other; the greater one stays.
_RAISE_EPOCH = """
local known = redis.call('GET', KEYS[1])
if not known or tonumber(known) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
"""


class Revocations:
    """Sessions that ended before their tokens did. Written by Identity, read by gateway and services.

    While Redis is away, or left alone, requests pass on their signature alone, for at most the fifteen minutes a
    token lives; each is counted. Identity keeps the truth, and writes it again.
    """

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._raise_epoch = redis.register_script(_RAISE_EPOCH)

    async def is_revoked(self, principal: Principal) -> bool:
        """Whether the session was ended, or every session of the person."""
        if principal.session_id is None:
            return False
        try:
            denied, epoch = await self._redis.mget(
                denied_session_key(principal.session_id), epoch_key(principal.user_id)
            )
        except (RedisError, OSError) as error:
            _unchecked.inc()
            log.warning("revocations_unreachable", error=repr(error))
            return False
        return denied is not None or (epoch is not None and principal.epoch < int(epoch))

    async def end_session(self, session_id: UUID) -> None:
        """Refuse the session's tokens until the last one has expired. Raises RedisError."""
        await self._redis.set(denied_session_key(session_id), 1, ex=ACCESS_TOKEN_SECONDS + 2 * CLOCK_SKEW_SECONDS)

    async def end_all_sessions(self, user_id: UUID, epoch: int) -> None:
        """Refuse every token of the person with a `ver` below this epoch. Raises RedisError."""
        seconds = ACCESS_TOKEN_SECONDS + 2 * CLOCK_SKEW_SECONDS
        await self._raise_epoch(keys=[epoch_key(user_id)], args=[epoch, seconds])
