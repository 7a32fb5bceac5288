"""Sessions that end before their tokens do; and what happens while nobody can tell."""

import time
from collections.abc import AsyncIterator

import httpx
import jars
import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from babyowl_chassis.auth import ACCESS_TOKEN_SECONDS, Revocations, denied_session_key, epoch_key
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, serving

JARS = "/api/v1/jars"


@pytest.fixture
async def identity(redis_url: str) -> AsyncIterator[Revocations]:
    """Identity's end of it."""
    redis: Redis = Redis.from_url(redis_url)
    yield Revocations(redis)
    await redis.aclose()


def signed_in(served: Serving, **changed: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {served.token('student', **changed)}"}  # type: ignore[arg-type]


async def get(served: Serving, headers: dict[str, str]) -> httpx.Response:
    return await served.client.get(JARS, headers=headers)


def unchecked() -> float:
    return REGISTRY.get_sample_value("babyowl_revocation_unchecked_total") or 0


async def test_an_ended_session_is_refused_at_once_and_no_other(served: Serving, identity: Revocations) -> None:
    session, other = new_id(), new_id()
    ended, alive = (signed_in(served, sid=str(one)) for one in (session, other))
    assert (await get(served, ended)).status_code == 200
    await identity.end_session(session)
    answer = await get(served, ended)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert (await get(served, alive)).status_code == 200


async def test_all_sessions_of_a_person_end_with_the_next_epoch(served: Serving, identity: Revocations) -> None:
    person = new_id()
    old, older = (signed_in(served, user_id=person, ver=epoch, sid=str(new_id())) for epoch in (2, 1))
    await identity.end_all_sessions(person, epoch=3)
    new = signed_in(served, user_id=person, ver=3)
    assert [(await get(served, headers)).status_code for headers in (older, old, new)] == [401, 401, 200]
    assert (await get(served, signed_in(served, ver=0))).status_code == 200


async def test_what_is_denied_is_forgotten_only_after_the_last_token_has_expired(
    identity: Revocations, redis_url: str
) -> None:
    session, person = new_id(), new_id()
    await identity.end_session(session)
    await identity.end_all_sessions(person, epoch=1)
    async with Redis.from_url(redis_url) as redis:
        for key in (denied_session_key(session), epoch_key(person)):
            assert ACCESS_TOKEN_SECONDS < await redis.ttl(key) <= ACCESS_TOKEN_SECONDS + 60


async def test_while_redis_is_away_the_signature_is_enough_and_each_request_is_counted(
    postgres_admin_url: str,
) -> None:
    async with serving(jars.service, admin_url=postgres_admin_url, redis_url="redis://127.0.0.1:1/0") as served:
        before, started = unchecked(), time.perf_counter()
        answers = [await get(served, signed_in(served)) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 5
        assert unchecked() == before + 5
        assert time.perf_counter() - started < 5
        probe = await served.client.get("/readyz")
        assert (probe.status_code, probe.json()["failing"]) == (503, ["redis"])
