"""Access tokens for tests, signed with a key of the tests' own."""

import json
import time
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from babyowl_chassis.auth import ALGORITHM, TOKEN_TYPE, FixedKeys
from babyowl_chassis.ids import new_id

KID = "tests"
_NAMES = UUID("0192d3a4-0000-7000-8000-000000000000")


@cache
def signing_key() -> rsa.RSAPrivateKey:
    """The tests' private key, made once a process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwks() -> dict[str, Any]:
    """The public part, as Identity would show it."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key()))
    return {"keys": [public | {"kid": KID, "use": "sig", "alg": ALGORITHM}]}


def public_keys() -> FixedKeys:
    """The keys for a verifier."""
    return FixedKeys({KID: jwt.PyJWK(jwks()["keys"][0], algorithm=ALGORITHM)})


def claims(user_id: UUID, *roles: str, **changed: Any) -> dict[str, Any]:
    """The claims of a valid access token; a claim changed to None is left out."""
    now = int(time.time())
    valid = {
        "iss": "https://babyowl.academy",
        "aud": "babyowl",
        "sub": str(user_id),
        "sid": str(uuid5(_NAMES, str(user_id))),
        "roles": list(roles),
        "ver": 0,
        "iat": now,
        "nbf": now,
        "exp": now + 900,
        "jti": str(new_id()),
    }
    return {name: value for name, value in (valid | changed).items() if value is not None}


def sign(payload: dict[str, Any], **header: Any) -> str:
    """A token over these claims; header fields can be changed."""
    return jwt.encode(payload, signing_key(), ALGORITHM, {"typ": TOKEN_TYPE, "kid": KID, **header})


def access_token(user_id: UUID, *roles: str, **changed: Any) -> str:
    """A valid access token of this person."""
    return sign(claims(user_id, *roles, **changed))


def service_token(client_id: str, *scopes: str) -> str:
    """A valid token of a service's own account."""
    return access_token(uuid5(_NAMES, client_id), "service", scope=" ".join(scopes), sid=None)
