"""Signing keys in Postgres, their private parts encrypted; every replica signs with the same one."""

import asyncio
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from typing import Any

import jwt
import structlog
from asyncpg import PostgresError
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from babyowl_chassis.auth import ALGORITHM
from babyowl_chassis.database import Pool
from babyowl_chassis.sql import Connection
from babyowl_kernel import Clock, NewId
from identity.domain.signing_keys import Activate, Drop, KeyState, Publish, SigningKey, Step, next_step

log = structlog.get_logger(__name__)

KEY_BITS = 2048
_ROTATION_LOCK = 7_023_201

_ROTATION = "SELECT kid, state, published_at, activated_at, retired_at FROM signing_keys"
_PUBLISH = """
    INSERT INTO signing_keys (kid, state, public_jwk, private_key, published_at)
    VALUES ($1, 'published', $2, $3, $4)
"""
_RETIRE = "UPDATE signing_keys SET state = 'retired', retired_at = $1 WHERE state = 'active'"
_ACTIVATE = "UPDATE signing_keys SET state = 'active', activated_at = $2 WHERE kid = $1"
_DROP = "DELETE FROM signing_keys WHERE kid = $1"
_RING = "SELECT kid, state, public_jwk, private_key FROM signing_keys ORDER BY published_at DESC"


@dataclass(frozen=True, slots=True)
class Ring:
    """What one look at the table showed: the key to sign with, and the document for everybody who checks."""

    kid: str
    private_key: RSAPrivateKey
    jwks: dict[str, Any]
    read_at: float


class SigningKeys:
    """The ring of keys. Rotation is one replica's at a time; the others see it within half a minute."""

    FRESH_SECONDS = 30.0

    def __init__(self, database: Pool, *, secret: str, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._fernet = Fernet(_fernet_key(secret))
        self._clock = clock
        self._new_id = new_id
        self._ring: Ring | None = None
        self._reading = asyncio.Lock()

    async def ring(self) -> Ring:
        """The keys as of at most half a minute ago; those known before while Postgres is away."""
        ring = self._ring
        if ring is not None and time.monotonic() - ring.read_at < self.FRESH_SECONDS:
            return ring
        async with self._reading:
            if self._ring is ring:
                await self._read()
        assert self._ring is not None  # noqa: S101
        return self._ring

    async def rotate(self, *, forced: bool = False) -> list[Step]:
        """Take every step that is due, and say which; `forced` begins a rotation before its time."""
        steps: list[Step] = []
        async with self._database.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _ROTATION_LOCK)
            while step := next_step(await _known(connection), now=self._clock(), forced=forced):
                await self._take(step, connection)
                steps.append(step)
                forced = forced and not isinstance(step, Publish)
        for step in steps:
            log.info("signing_key_step", step=repr(step))
        if steps:
            self._ring = None
        return steps

    async def _take(self, step: Step, connection: Connection) -> None:
        now = self._clock()
        match step:
            case Publish():
                key = await asyncio.to_thread(generate_private_key, 65_537, KEY_BITS)
                pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
                kid = self._new_id().hex
                await connection.execute(_PUBLISH, kid, _public(key, kid), self._fernet.encrypt(pem), now)
            case Activate():
                await connection.execute(_RETIRE, now)
                await connection.execute(_ACTIVATE, step.kid, now)
            case Drop():
                await connection.execute(_DROP, step.kid)

    async def _read(self) -> None:
        try:
            rows = await self._database.fetch(_RING)
        except (PostgresError, OSError) as error:
            if self._ring is None:
                raise
            log.warning("signing_keys_not_read", error=repr(error))
            self._ring = replace(self._ring, read_at=time.monotonic())
            return
        active = next((row for row in rows if row["state"] == KeyState.ACTIVE), None)
        if active is None:
            await self.rotate()
            rows = await self._database.fetch(_RING)
            active = next(row for row in rows if row["state"] == KeyState.ACTIVE)
        private_key = load_pem_private_key(self._fernet.decrypt(active["private_key"]), password=None)
        assert isinstance(private_key, RSAPrivateKey)  # noqa: S101
        self._ring = Ring(
            kid=active["kid"],
            private_key=private_key,
            jwks={"keys": [row["public_jwk"] for row in rows]},
            read_at=time.monotonic(),
        )


async def _known(connection: Connection) -> list[SigningKey]:
    rows = await connection.fetch(_ROTATION)
    return [SigningKey(**{**dict(row), "state": KeyState(row["state"])}) for row in rows]


def _public(key: RSAPrivateKey, kid: str) -> dict[str, Any]:
    jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"kty": jwk["kty"], "use": "sig", "alg": ALGORITHM, "kid": kid, "n": jwk["n"], "e": jwk["e"]}


def _fernet_key(secret: str) -> bytes:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"babyowl signing keys").derive(secret.encode())
    return urlsafe_b64encode(derived)
