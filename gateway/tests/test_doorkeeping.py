"""Whose request it is, and how many they may make."""

import asyncio
import hmac
import json
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from babyowl_chassis.auth import Revocations
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import eventually, tokens
from babyowl_local.redis import RedisServer
from gateway.app import JWKS_PATH
from gateway.quota import Allowance, LocalBuckets
from gateway.routes import OPERATIONS, PREFIXES, Access

from .house import House, Opens, closed_port, table_with

PATH = "/api/v1/courses"


@pytest.fixture
def free_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, to be stopped and hung."""
    server = RedisServer(tmp_path, durable=False)
    server.launch()
    try:
        server.await_ready()
        yield server
    finally:
        server.stop()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


OPEN = {"/api/v1/badges"}
"""What says nothing about anybody."""
CLOSED = [route for route in PREFIXES if not route.secret and route.path not in OPEN]


def test_whole_prefixes_are_open_only_where_they_are_meant_to_be() -> None:
    assert {route.path for route in PREFIXES if route.access is Access.PUBLIC and not route.secret} == OPEN


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.path)
@pytest.mark.parametrize("beneath", ["", "/x", "/login", "/verify-email"])
async def test_without_a_token_nothing_beneath_a_prefix_is_reached(house: House, route: Any, beneath: str) -> None:
    answer = await house.client.get(route.path + beneath)
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_required")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert house.services.seen == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda route: f"{route.method} {route.path}")
async def test_only_the_operations_named_one_by_one_are_public(house: House, operation: Any) -> None:
    assert operation.access is Access.PUBLIC
    if operation.path == JWKS_PATH:
        assert (await house.client.get(operation.path)).json() == tokens.jwks()
        return
    passed = await house.client.request(operation.method, operation.path, json={})
    assert passed.status_code == 200
    for other in ("GET", "PUT", "DELETE"):
        refused = await house.client.request(other, operation.path)
        assert refused.status_code == 401
    slash = await house.client.request(operation.method, operation.path + "/", json={})
    assert slash.status_code == 401


async def test_a_stale_token_does_not_keep_anybody_from_signing_in(house: House) -> None:
    answer = await house.client.post("/api/v1/auth/refresh", json={}, headers=bearer("stale"))
    assert answer.status_code == 200


def forged_with_the_public_key() -> str:
    """HS256 with the published key as the secret: the classic confusion. PyJWT refuses to make one, so by hand."""
    pem = (
        tokens.signing_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    header = {"alg": "HS256", "typ": "at+jwt", "kid": tokens.KID}
    parts = (header, tokens.claims(new_id(), "super_admin"))
    signed = b".".join(jwt.utils.base64url_encode(json.dumps(part).encode()) for part in parts)
    return b".".join((signed, jwt.utils.base64url_encode(hmac.digest(pem, signed, "sha256")))).decode()


WORTHLESS = {
    "nonsense": lambda: "nonsense",
    "empty": lambda: "..",
    "alg none": lambda: jwt.encode(
        tokens.claims(new_id(), "student"), "", "none", {"typ": "at+jwt", "kid": tokens.KID}
    ),
    "HS256 with the public key": forged_with_the_public_key,
    "wrong issuer": lambda: tokens.access_token(new_id(), "student", iss="https://elsewhere"),
    "wrong audience": lambda: tokens.access_token(new_id(), "student", aud="elsewhere"),
    "wrong type": lambda: tokens.sign(tokens.claims(new_id(), "student"), typ="JWT"),
    "expired": lambda: tokens.access_token(new_id(), "student", exp=int(time.time()) - 60),
    "not yet valid": lambda: tokens.access_token(new_id(), "student", nbf=int(time.time()) + 600),
    "without an end": lambda: tokens.access_token(new_id(), "student", exp=None),
    "unknown crit": lambda: tokens.sign(tokens.claims(new_id(), "student"), crit=["b64"]),
    "unknown key": lambda: tokens.sign(tokens.claims(new_id(), "student"), kid="other"),
    "tampered": lambda: tokens.access_token(new_id(), "student")[:-6] + "AAAAAA",
    "a service's account": lambda: tokens.service_token("class", "people:read"),
}


@pytest.mark.parametrize("make", WORTHLESS.values(), ids=WORTHLESS.keys())
async def test_a_worthless_token_is_refused_and_goes_nowhere(house: House, make: Any) -> None:
    answer = await house.client.get(PATH, headers=bearer(make()))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert "invalid_token" in answer.headers["www-authenticate"]
    assert house.services.seen == []


async def test_another_scheme_than_bearer_is_refused(house: House) -> None:
    answer = await house.client.get(PATH, headers={"Authorization": "Basic b3dsOm93bA=="})
    assert answer.status_code == 401


async def test_an_optional_route_is_open_but_not_for_bad_tokens(house_with: Opens) -> None:
    table = table_with(PATH, access=Access.OPTIONAL)
    async with house_with(table=table) as house:
        assert (await house.client.get(PATH)).status_code == 200
        assert (await house.client.get(PATH, headers=house.someone())).status_code == 200
        assert (await house.client.get(PATH, headers=bearer("bad"))).status_code == 401


async def test_an_ended_session_is_refused_at_once_though_its_token_was_seen_before(
    house: House, redis: Redis
) -> None:
    user_id, session_id = new_id(), new_id()
    headers = house.someone(user_id=user_id, sid=str(session_id))
    assert (await house.client.get(PATH, headers=headers)).status_code == 200
    await Revocations(redis).end_session(session_id)
    assert (await house.client.get(PATH, headers=headers)).json()["code"] == "invalid_token"
    another = house.someone(user_id=user_id, sid=str(new_id()))
    assert (await house.client.get(PATH, headers=another)).status_code == 200


async def test_after_signing_out_everywhere_only_younger_tokens_count(house: House, redis: Redis) -> None:
    user_id = new_id()
    await Revocations(redis).end_all_sessions(user_id, 3)
    assert (await house.client.get(PATH, headers=house.someone(user_id=user_id, ver=2))).status_code == 401
    assert (await house.client.get(PATH, headers=house.someone(user_id=user_id, ver=3))).status_code == 200


async def test_without_any_keys_tokens_cannot_be_judged(house_with: Opens) -> None:
    async with house_with(identity_url=f"http://127.0.0.1:{closed_port()}") as house:
        answer = await house.client.get(PATH, headers=house.someone())
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "retry-after" in answer.headers
        assert (await house.client.get("/readyz")).json()["failing"] == ["keys"]


async def test_keys_once_known_outlive_identity(house_with: Opens) -> None:
    async with house_with() as house:
        assert (await house.client.get(PATH, headers=house.someone())).status_code == 200
        house.services.has_keys = False
        assert (await house.client.get(PATH, headers=house.someone())).status_code == 200
        assert (await house.client.get("/readyz")).status_code == 200


async def test_a_person_has_so_many_requests_and_is_told_how_many_are_left(house_with: Opens) -> None:
    async with house_with(rate_limit_per_minute=5) as house:
        headers = house.someone()
        answers = [await house.client.get(PATH, headers=headers) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers[:5]] == [
            f"r={left}" for left in (4, 3, 2, 1, 0)
        ]
        assert answers[0].headers["ratelimit-policy"] == '"user";q=5;w=60'
        refused = answers[-1]
        assert refused.json()["code"] == "rate_limited"
        assert 1 <= int(refused.headers["retry-after"]) <= 12
        assert len(house.services.seen) == 5
        assert (await house.client.get(PATH, headers=house.someone())).status_code == 200


async def test_a_person_is_counted_once_whatever_session_they_use(house_with: Opens) -> None:
    async with house_with(rate_limit_per_minute=2) as house:
        user_id = new_id()
        answers = [
            await house.client.get(PATH, headers=house.someone(user_id=user_id, sid=str(new_id()))) for _ in range(3)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_the_limit_is_exact_under_concurrency_and_shared_by_all_gateways(house_with: Opens) -> None:
    async with house_with(rate_limit_per_minute=100) as one, house_with(rate_limit_per_minute=100) as other:
        user_id, started = new_id(), time.monotonic()
        answers = await asyncio.gather(
            *(
                house.client.get(PATH, headers=house.someone(user_id=user_id))
                for _ in range(100)
                for house in (one, other)
            )
        )
        earned_meanwhile = int((time.monotonic() - started) / 0.6) + 1
        passed = sum(answer.status_code == 200 for answer in answers)
        assert {answer.status_code for answer in answers} == {200, 429}
        assert 100 <= passed <= 100 + earned_meanwhile


async def test_an_allowance_is_earned_again_with_time(house_with: Opens) -> None:
    async with house_with(rate_limit_per_minute=120) as house:
        headers = house.someone()

        async def get() -> int:
            return (await house.client.get(PATH, headers=headers)).status_code

        while await get() == 200:
            pass

        async def passes_again() -> bool:
            return await get() == 200

        await eventually(passes_again, timeout=3)


async def test_nobody_is_counted_by_address_and_more_strictly_where_they_sign_in(
    house_with: Opens, redis: Redis
) -> None:
    async with house_with(
        rate_limit_anonymous_per_minute=4, rate_limit_login_per_minute=2, trusted_proxies=["127.0.0.0/8"]
    ) as house:
        here = {"X-Forwarded-For": f"2001:db8:{new_id().hex[-4:]}:1::1"}
        neighbour = {"X-Forwarded-For": here["X-Forwarded-For"][:-1] + "2"}
        logins = [await house.client.post("/api/v1/auth/login", headers=here) for _ in range(3)]
        assert [answer.status_code for answer in logins] == [200, 200, 429]
        assert logins[0].headers["ratelimit-policy"] == '"login";q=2;w=60'
        visits = [await house.client.get(PATH, headers=neighbour) for _ in range(5)]
        assert [answer.status_code for answer in visits] == [401, 401, 401, 401, 429]
        assert (await house.client.post("/api/v1/auth/login", headers=neighbour)).status_code == 429
        elsewhere = {"X-Forwarded-For": f"2001:db8:{new_id().hex[-4:]}:2::1"}
        assert (await house.client.post("/api/v1/auth/login", headers=elsewhere)).status_code == 200


async def test_bad_tokens_are_charged_to_the_address_they_come_from(house_with: Opens) -> None:
    async with house_with(rate_limit_anonymous_per_minute=3, trusted_proxies=["127.0.0.1/32"]) as house:
        here = {"X-Forwarded-For": "198.51.100.7"}
        answers = [await house.client.get(PATH, headers=here | bearer(f"bad{n}")) for n in range(5)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]


async def test_without_redis_requests_pass_and_this_gateway_counts_alone(
    house_with: Opens, free_redis: RedisServer
) -> None:
    async with house_with(redis_url=free_redis.url, rate_limit_per_minute=3) as house:
        assert (await house.client.get(PATH, headers=house.someone())).status_code == 200
        await asyncio.to_thread(free_redis.stop)
        before = fallbacks()
        headers = house.someone()
        answers = [await house.client.get(PATH, headers=headers) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert fallbacks() == before + 5
        ready = await house.client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")

        await asyncio.to_thread(free_redis.launch)
        await asyncio.to_thread(free_redis.await_ready)

        async def counted_together_again() -> bool:
            return bool((await house.client.get("/readyz")).json()["status"] == "ready")

        await eventually(counted_together_again)
        assert (await house.client.get(PATH, headers=headers)).status_code == 200


async def test_a_redis_that_hangs_holds_nobody_up_for_long(house_with: Opens, free_redis: RedisServer) -> None:
    async with house_with(redis_url=free_redis.url) as house:
        assert (await house.client.get(PATH, headers=house.someone())).status_code == 200
        free_redis.process.send_signal(signal.SIGSTOP)
        try:
            started = time.monotonic()
            answers = await asyncio.gather(*(house.client.get(PATH, headers=house.someone()) for _ in range(20)))
            assert {answer.status_code for answer in answers} == {200}
            assert time.monotonic() - started < 3
            started = time.monotonic()
            assert (await house.client.get(PATH, headers=house.someone())).status_code == 200
            assert time.monotonic() - started < 0.5
        finally:
            free_redis.process.send_signal(signal.SIGCONT)


async def test_a_forgotten_script_is_taught_again(house: House, redis: Redis) -> None:
    await redis.script_flush()
    before = fallbacks()
    assert (await house.client.get(PATH, headers=house.someone())).status_code == 200
    assert fallbacks() == before


def test_local_buckets_are_bounded() -> None:
    buckets, allowance = LocalBuckets(capacity=3), Allowance("user", 1)
    assert buckets.charge(allowance, "first").passed
    assert not buckets.charge(allowance, "first").passed
    for name in "abc":
        buckets.charge(allowance, name)
    assert buckets.charge(allowance, "first").passed


def fallbacks() -> float:
    return REGISTRY.get_sample_value("babyowl_gateway_quota_fallbacks_total") or 0.0
