"""Access tokens: a table of everything a token must not be, and who a good one speaks for."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from hypothesis import given

from babyowl_chassis.auth import InvalidToken, Principal, TokenVerifier
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving
from babyowl_chassis.testing.tokens import KID, access_token, claims, public_keys, service_token, sign, signing_key

ISSUER, AUDIENCE = "https://babyowl.academy", "babyowl"
USER = new_id()
NOW = int(time.time())
RS256 = {"alg": "RS256", "typ": "at+jwt", "kid": KID}


def verifier() -> TokenVerifier:
    return TokenVerifier(public_keys(), issuer=ISSUER, audience=AUDIENCE)


def changed(**claims: Any) -> str:
    return access_token(USER, "student", **claims)


def header(**fields: Any) -> str:
    return sign(claims(USER, "student"), **fields)


def part(content: object) -> str:
    return text_of(json.dumps(content).encode())


def text_of(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def signed(head: object, body: object) -> str:
    """Signed with the right key, whatever it says: the library that signs would refuse some of it."""
    content = f"{part(head)}.{part(body)}"
    return f"{content}.{text_of(signing_key().sign(content.encode(), PKCS1v15(), hashes.SHA256()))}"


def unsigned(algorithm: str) -> str:
    return f"{part(RS256 | {'alg': algorithm})}.{part(claims(USER, 'super_admin'))}."


def hmac_with_the_public_key(algorithm: str) -> str:
    pem = (
        signing_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    content = f"{part(RS256 | {'alg': algorithm})}.{part(claims(USER, 'super_admin'))}"
    digest = hmac.new(pem, content.encode(), getattr(hashlib, algorithm.replace("HS", "sha"))).digest()
    return f"{content}.{text_of(digest)}"


def with_the_attackers_key(**fields: Any) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    fields = {name: public if value == "the attacker's" else value for name, value in fields.items()}
    return jwt.encode(claims(USER, "super_admin"), key, "RS256", RS256 | fields)


def tampered() -> str:
    head, _, signature = changed().split(".")
    return f"{head}.{part(claims(USER, 'super_admin'))}.{signature}"


REFUSED: dict[str, Callable[[], str]] = {
    "algorithm none": lambda: unsigned("none"),
    "algorithm None": lambda: unsigned("None"),
    "RS256 with no signature": lambda: unsigned("RS256"),
    "HS256 with the public key": lambda: hmac_with_the_public_key("HS256"),
    "HS512 with the public key": lambda: hmac_with_the_public_key("HS512"),
    "PS256 with the right key": lambda: jwt.encode(
        claims(USER, "student"), signing_key(), "PS256", RS256 | {"alg": "PS256"}
    ),
    "RS512 with the right key": lambda: jwt.encode(
        claims(USER, "student"), signing_key(), "RS512", RS256 | {"alg": "RS512"}
    ),
    "another's key under our key id": with_the_attackers_key,
    "another's key beside it": lambda: with_the_attackers_key(jwk="the attacker's"),
    "another's key somewhere": lambda: with_the_attackers_key(jku="https://attacker.example/jwks.json"),
    "another's certificate": lambda: with_the_attackers_key(x5u="https://attacker.example/", x5c=["MII"]),
    "claims exchanged after signing": tampered,
    "an unknown key id": lambda: header(kid="unknown"),
    "no key id": lambda: signed({"alg": "RS256", "typ": "at+jwt"}, claims(USER, "student")),
    "a key id that is a number": lambda: signed(RS256 | {"kid": 1}, claims(USER, "student")),
    "type JWT": lambda: header(typ="JWT"),
    "no type": lambda: header(typ=None),
    "a refresh token's type": lambda: header(typ="rt+jwt"),
    "something critical unknown": lambda: header(crit=["exp"]),
    "something critical of our own name": lambda: header(crit=["babyowl"], babyowl=1),
    "something critical empty": lambda: header(crit=[]),
    "wrong issuer": lambda: changed(iss="https://attacker.example"),
    "issuer with a slash more": lambda: changed(iss=ISSUER + "/"),
    "issuers in a list": lambda: signed(RS256, claims(USER, "student", iss=[ISSUER])),
    "wrong audience": lambda: changed(aud="somebody else"),
    "our audience among others": lambda: changed(aud=[AUDIENCE, "somebody else"]),
    "our audience alone in a list": lambda: changed(aud=[AUDIENCE]),
    "expired": lambda: changed(exp=NOW - 60),
    "expired at no time": lambda: changed(exp="never"),
    "not valid yet": lambda: changed(nbf=NOW + 60),
    "issued in the future": lambda: changed(iat=NOW + 60),
    **{
        f"without {claim}": lambda claim=claim: changed(**{claim: None})  # type: ignore[misc]
        for claim in ("iss", "aud", "sub", "sid", "roles", "ver", "iat", "nbf", "exp", "jti")
    },
    "roles as text": lambda: changed(roles="super_admin"),
    "roles as a table": lambda: changed(roles={"super_admin": True}),
    "roles of numbers": lambda: changed(roles=[1]),
    "a version as text": lambda: changed(ver="0"),
    "a version of true": lambda: changed(ver=True),
    "a version of a fraction": lambda: changed(ver=0.0),
    "a subject that is no id": lambda: changed(sub="me"),
    "a subject that is a number": lambda: changed(sub=5),
    "a session that is no id": lambda: changed(sid="mine"),
    "scopes in a list": lambda: changed(scope=["people:read"]),
    "a token too long": lambda: changed(more="x" * 4096),
    "nothing": lambda: "",
    "one word": lambda: "token",
    "two dots": lambda: "..",
    "four parts": lambda: changed() + ".more",
    "a break inside": lambda: changed().replace(".", ".\n", 1),
    "letters of no base64": lambda: "§." + changed(),
    "a header that is a list": lambda: f"{part([1])}.{part({})}.x",
    "claims that are a list": lambda: signed(RS256, [1]),
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED.keys())
async def test_a_token_that_proves_nothing_is_refused(token: Callable[[], str]) -> None:
    with pytest.raises(InvalidToken):
        await verifier().verify(token())


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
async def test_no_text_at_all_is_more_than_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        await verifier().verify(text)


async def test_a_good_token_says_who_it_is() -> None:
    session = new_id()
    principal = await verifier().verify(changed(sid=str(session), ver=3, exp=NOW + 500))
    assert principal == Principal(USER, frozenset({"student"}), session, epoch=3, expires_at=NOW + 500)
    assert not principal.is_service


async def test_clocks_may_differ_by_a_few_seconds() -> None:
    now = int(time.time())
    principal = await verifier().verify(changed(exp=now - 2, nbf=now + 2, iat=now + 2))
    assert principal.user_id == USER


async def test_a_service_speaks_for_itself_within_its_scopes() -> None:
    principal = await verifier().verify(service_token("class", "people:read", "courses:read"))
    assert principal.is_service
    assert principal.session_id is None
    assert principal.scopes == {"people:read", "courses:read"}


async def test_a_token_believed_once_is_not_believed_beyond_its_end() -> None:
    tokens, token = verifier(), changed()
    principal = await tokens.verify(token)
    assert await tokens.verify(token) is principal
    with time_machine.travel(NOW + 3600), pytest.raises(InvalidToken, match="expired"):
        await tokens.verify(token)


async def test_memory_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = verifier()
    monkeypatch.setattr(tokens, "CACHED_TOKENS", 3)
    for _ in range(5):
        await tokens.verify(changed())
    assert len(tokens._verified) == 3


class TestAtTheDoor:
    @pytest.mark.parametrize(
        "value", ["Bearer", "Bearer ", "Basic YTpi", "bearer x y", "x" * 5000, "Bearer \xff"], ids=repr
    )
    async def test_an_authorization_that_is_none_of_ours_is_401(self, served: Serving, value: str) -> None:
        answer = await served.client.get("/api/v1/jars", headers=[(b"Authorization", value.encode("latin-1"))])
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    async def test_no_token_is_401_of_another_kind(self, served: Serving) -> None:
        answer = await served.client.get("/api/v1/jars")
        assert (answer.status_code, answer.json()["code"]) == (401, "authentication_required")

    async def test_the_wrong_role_is_403_and_names_the_right_ones(self, served: Serving) -> None:
        answer = await served.as_("student").post("/api/v1/jars", json={"label": "blue", "capacity": 1})
        assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
        assert answer.json()["roles"] == ["staff", "super_admin"]

    async def test_a_service_is_no_person(self, served: Serving) -> None:
        answer = await served.as_service("people:read").get("/api/v1/jars")
        assert (answer.status_code, answer.json()["code"]) == (403, "role_required")

    async def test_headers_that_say_who_somebody_is_are_not_believed(self, served: Serving) -> None:
        said = {
            "X-User-Id": str(USER),
            "X-User-Roles": "super_admin",
            "X-Forwarded-User": "root",
            "Remote-User": "root",
        }
        assert (await served.client.get("/api/v1/jars", headers=said)).status_code == 401
        answer = await served.as_("student").post("/api/v1/jars", json={"label": "blue", "capacity": 1}, headers=said)
        assert answer.status_code == 403

    async def test_the_reason_is_for_the_log_alone(self, served: Serving) -> None:
        answer = await served.client.get("/api/v1/jars", headers={"Authorization": f"Bearer {changed(exp=NOW - 60)}"})
        assert "expired" not in answer.text
