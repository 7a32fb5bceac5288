"""Identity's public keys: fetched once for all who wait, kept when Identity is away, never trusted when weak."""

import asyncio
import json
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from babyowl_chassis.auth import FetchedKeys, InvalidToken, KeysUnavailable, parse_keys
from babyowl_chassis.testing import Serving, eventually
from babyowl_chassis.testing.tokens import KID, jwks

URL = "http://identity/.well-known/jwks.json"
[GOOD] = jwks()["keys"]


class Identity:
    """Answers with `document`, or with what `failing` says, after `gate` is open; counts."""

    def __init__(self) -> None:
        self.document: Any = jwks()
        self.failing: Exception | int | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = 0
        self.keys = FetchedKeys(URL, httpx.AsyncClient(transport=httpx.MockTransport(self._answer)))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await self.gate.wait()
        if isinstance(self.failing, Exception):
            raise self.failing
        return httpx.Response(self.failing or 200, json=self.document)

    async def gets(self, kid: str = KID) -> bool:
        return isinstance(await self.keys.get(kid), jwt.PyJWK)


@pytest.fixture
def identity() -> Identity:
    return Identity()


async def test_fifty_who_wait_are_one_fetch(identity: Identity) -> None:
    identity.gate.clear()
    waiting = [asyncio.create_task(identity.gets()) for _ in range(50)]
    await eventually(lambda: identity.asked)
    identity.gate.set()
    assert all(await asyncio.gather(*waiting))
    assert identity.asked == 1


async def test_fifty_who_wait_in_vain_are_one_fetch_too(identity: Identity) -> None:
    identity.gate.clear()
    identity.failing = httpx.ConnectTimeout("away")
    waiting = [asyncio.create_task(identity.gets()) for _ in range(50)]
    await eventually(lambda: identity.asked)
    identity.gate.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, KeysUnavailable) for outcome in outcomes)
    assert identity.asked == 1


async def test_who_gives_up_waiting_does_not_spoil_it_for_the_others(identity: Identity) -> None:
    identity.gate.clear()
    impatient, patient = (asyncio.create_task(identity.gets()) for _ in range(2))
    await eventually(lambda: identity.asked)
    impatient.cancel()
    identity.gate.set()
    assert await patient


@pytest.mark.parametrize("failing", [httpx.ConnectError("away"), 503, "garbage", "a list", "no keys"], ids=str)
async def test_old_keys_are_good_while_new_ones_cannot_be_had(
    identity: Identity, monkeypatch: pytest.MonkeyPatch, failing: Any
) -> None:
    assert await identity.gets()
    monkeypatch.setattr(identity.keys, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(identity.keys, "COOL_DOWN_SECONDS", 0.0)
    documents: dict[Any, Any] = {"garbage": "<html>", "a list": [GOOD], "no keys": {"keys": []}}
    if failing in documents:
        identity.document = documents[failing]
    else:
        identity.failing = failing
    for _ in range(5):
        assert await identity.gets()
    await eventually(lambda: identity.asked > 1)


async def test_nobody_waits_for_a_renewal(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await identity.gets()
    monkeypatch.setattr(identity.keys, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(identity.keys, "COOL_DOWN_SECONDS", 0.0)
    identity.gate.clear()
    async with asyncio.timeout(1):
        assert await identity.gets()
    await eventually(lambda: identity.asked == 2)
    identity.gate.set()


async def test_a_withdrawn_key_is_refused_after_the_renewal(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await identity.gets()
    monkeypatch.setattr(identity.keys, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(identity.keys, "COOL_DOWN_SECONDS", 0.0)
    identity.document = {"keys": [GOOD | {"kid": "next"}]}

    async def refused() -> bool:
        try:
            return not await identity.gets()
        except InvalidToken:
            return True

    assert await eventually(refused)
    assert await identity.gets("next")


async def test_a_new_key_is_found_by_its_first_token(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await identity.gets()
    monkeypatch.setattr(identity.keys, "COOL_DOWN_SECONDS", 0.0)
    identity.document = {"keys": [GOOD, GOOD | {"kid": "next"}]}
    assert await identity.gets("next")


async def test_forged_key_ids_do_not_flood_identity(identity: Identity) -> None:
    assert await identity.gets()
    for number in range(100):
        with pytest.raises(InvalidToken, match="unknown key"):
            await identity.gets(f"forged-{number}")
    assert identity.asked == 1


async def test_without_any_key_it_asks_again_but_not_at_once(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity.failing = 503
    for _ in range(10):
        with pytest.raises(KeysUnavailable):
            await identity.gets()
    assert identity.asked == 1
    identity.failing = None
    monkeypatch.setattr(identity.keys, "COOL_DOWN_WITHOUT_KEYS_SECONDS", 0.0)
    assert await identity.gets()


def weak() -> dict[str, Any]:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    numbers: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(small.public_key()))
    return numbers | {"kid": KID, "use": "sig", "alg": "RS256"}


UNUSABLE: dict[str, Any] = {
    "too small": weak(),
    "symmetric": {"kty": "oct", "k": "c2VjcmV0", "kid": KID, "use": "sig", "alg": "HS256"},
    "for encryption": GOOD | {"use": "enc"},
    "for no stated use": {name: value for name, value in GOOD.items() if name != "use"},
    "of another algorithm": GOOD | {"alg": "RS512"},
    "without an id": {name: value for name, value in GOOD.items() if name != "kid"},
    "without its number": {name: value for name, value in GOOD.items() if name != "n"},
    "with a broken number": GOOD | {"n": "§"},
    "no key at all": "key",
    "nothing": None,
}


@pytest.mark.parametrize("entry", UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_an_unusable_key_is_passed_over_and_the_others_stay(entry: Any) -> None:
    assert list(parse_keys({"keys": [entry, GOOD | {"kid": "good"}]})) == ["good"]


async def test_while_identity_is_away_a_service_answers_503_and_not_401(
    served: Serving, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity.failing = httpx.ConnectError("away")
    monkeypatch.setattr(served.resources.tokens, "_keys", identity.keys)
    answer = await served.as_("student").get("/api/v1/jars")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
