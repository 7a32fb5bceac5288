"""Signing keys in Postgres: encrypted, rotated in three steps, by one replica at a time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import jwt
import pytest
from cryptography.fernet import InvalidToken as WrongSecret

from babyowl_chassis.auth import FixedKeys, InvalidToken, TokenVerifier, parse_keys
from babyowl_chassis.database import Pool, open_pool
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.testing import TurnableClock, fresh_database
from identity.bootstrap import service
from identity.domain.signing_keys import Activate, Drop, Publish
from identity.domain.values import UserRole
from identity.infrastructure.access_tokens import SignedAccessTokens
from identity.infrastructure.signing_keys import SigningKeys

from .world import START

WHERE = {"issuer": "https://babyowl.academy", "audience": "babyowl"}


@pytest.fixture
async def pool(postgres_admin_url: str) -> AsyncIterator[Pool]:
    async with (
        fresh_database(service, postgres_admin_url) as url,
        open_pool(url, application="tests", size=10) as opened,
    ):
        yield opened


def ring_of(pool: Pool, clock: TurnableClock, secret: str = "secret") -> SigningKeys:
    return SigningKeys(pool, secret=secret, clock=clock, new_id=new_id)


async def shown(keys: SigningKeys) -> set[str]:
    return {key["kid"] for key in (await keys.ring()).jwks["keys"]}


async def test_the_first_key_is_there_when_it_is_needed(pool: Pool) -> None:
    keys = ring_of(pool, TurnableClock(START))
    ring = await keys.ring()
    assert await shown(keys) == {ring.kid}


async def test_ten_replicas_that_start_together_make_one_key(pool: Pool) -> None:
    rings = await asyncio.gather(*(ring_of(pool, TurnableClock(START)).ring() for _ in range(10)))
    assert len({ring.kid for ring in rings}) == 1
    assert await pool.fetchval("SELECT count(*) FROM signing_keys") == 1


async def test_a_key_is_published_then_active_then_retired_then_gone(pool: Pool) -> None:
    clock = TurnableClock(START)
    keys = ring_of(pool, clock)
    old = (await keys.ring()).kid
    [published] = await keys.rotate(forced=True)
    assert published == Publish()
    both = await shown(keys)
    assert (len(both), (await keys.ring()).kid) == (2, old)
    assert await keys.rotate(forced=True) == []
    [new] = both - {old}
    clock.turn(timedelta(minutes=10))
    assert await keys.rotate() == [Activate(new)]
    assert ((await keys.ring()).kid, await shown(keys)) == (new, both)
    clock.turn(timedelta(hours=1))
    assert await keys.rotate() == [Drop(old)]
    assert await shown(keys) == {new}


async def test_replicas_that_rotate_at_once_take_each_step_once(pool: Pool) -> None:
    clock = TurnableClock(START)
    await ring_of(pool, clock).ring()
    clock.turn(timedelta(days=30))
    taken = await asyncio.gather(*(ring_of(pool, clock).rotate() for _ in range(8)))
    assert [step for steps in taken for step in steps] == [Publish()]
    clock.turn(timedelta(minutes=10))
    taken = await asyncio.gather(*(ring_of(pool, clock).rotate() for _ in range(8)))
    assert len([step for steps in taken for step in steps]) == 1
    assert await pool.fetchval("SELECT count(*) FROM signing_keys WHERE state = 'active'") == 1


async def test_a_private_key_cannot_be_read_from_the_table(pool: Pool) -> None:
    await ring_of(pool, TurnableClock(START)).ring()
    kept: bytes = await pool.fetchval("SELECT private_key FROM signing_keys")
    assert b"PRIVATE" not in kept
    with pytest.raises(WrongSecret):
        await ring_of(pool, TurnableClock(START), secret="another").ring()


async def test_tokens_of_the_retired_key_are_good_until_they_expire(pool: Pool) -> None:
    clock = TurnableClock(utc_now())
    keys = ring_of(pool, clock)
    tokens = SignedAccessTokens(keys, **WHERE, clock=utc_now, new_id=new_id)
    user_id, session_id = new_id(), new_id()
    before = await tokens.mint(user_id, UserRole.STUDENT, session_id, 4)
    await keys.rotate(forced=True)
    clock.turn(timedelta(minutes=10))
    await keys.rotate()
    after = await tokens.mint(user_id, UserRole.STUDENT, session_id, 4)
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    verifier = TokenVerifier(FixedKeys(parse_keys((await keys.ring()).jwks)), **WHERE)
    for token in (before, after):
        principal = await verifier.verify(token)
        assert (principal.user_id, principal.session_id, principal.epoch) == (user_id, session_id, 4)
        assert principal.roles == {"student"}


async def test_a_token_says_all_that_a_verifier_asks_for(pool: Pool) -> None:
    keys = ring_of(pool, TurnableClock(START))
    tokens = SignedAccessTokens(keys, **WHERE, clock=utc_now, new_id=new_id)
    token = await tokens.mint(new_id(), UserRole.STAFF, new_id(), 0)
    assert jwt.get_unverified_header(token) == {
        "alg": "RS256",
        "typ": "at+jwt",
        "kid": (await keys.ring()).kid,
    }
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "sid", "roles", "ver", "iat", "nbf", "exp", "jti"}
    assert claims["exp"] - claims["iat"] == 900


async def test_a_services_token_is_short_and_narrow(pool: Pool) -> None:
    keys = ring_of(pool, TurnableClock(START))
    tokens = SignedAccessTokens(keys, **WHERE, clock=utc_now, new_id=new_id)
    token = await tokens.mint_for_service("class", frozenset({"people:read"}))
    principal = await TokenVerifier(FixedKeys(parse_keys((await keys.ring()).jwks)), **WHERE).verify(token)
    assert principal.is_service
    assert principal.scopes == {"people:read"}
    assert principal.session_id is None
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 300


async def test_a_token_for_another_audience_is_worth_nothing_here(pool: Pool) -> None:
    keys = ring_of(pool, TurnableClock(START))
    elsewhere = SignedAccessTokens(keys, issuer=WHERE["issuer"], audience="elsewhere", clock=utc_now, new_id=new_id)
    token = await elsewhere.mint(new_id(), UserRole.STAFF, new_id(), 0)
    with pytest.raises(InvalidToken):
        await TokenVerifier(FixedKeys(parse_keys((await keys.ring()).jwks)), **WHERE).verify(token)
