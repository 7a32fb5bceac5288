"""An ended session is told at once, and told again until nothing of it can be alive."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from babyowl_chassis.auth import Principal, Revocations
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.testing import Serving, TurnableClock, serving
from identity.bootstrap import service
from identity.infrastructure.revocations import STILL_ALIVE, ToldRevocations

AUTH = "/api/v1/auth"


@pytest.fixture
async def without_redis(postgres_admin_url: str) -> AsyncIterator[Serving]:
    async with serving(service, admin_url=postgres_admin_url, password_rounds=4) as running:
        yield running


async def _ended_while_redis_was_away(served: Serving) -> tuple[Principal, Principal]:
    """Two people; one signs out, the other everywhere."""
    signed_out, everywhere = [
        Principal(new_id(), frozenset({"student"}), new_id(), epoch=0, expires_at=2**31) for _ in range(2)
    ]
    for person in (signed_out, everywhere):
        await served.resources.database.execute(
            """
            INSERT INTO users (id, version, email, role, status, display_name, time_zone, locale, created_at, epoch)
            VALUES ($1, 1, $2, 'student', 'active', 'Somebody', 'UTC', 'en', now(), 0)
            """,
            person.user_id,
            f"{person.user_id}@example.org",
        )
        await served.resources.database.execute(
            "INSERT INTO sessions (id, user_id, epoch, began_at) VALUES ($1, $2, 0, now())",
            person.session_id,
            person.user_id,
        )
    for person, route in ((signed_out, "logout"), (everywhere, "logout-everywhere")):
        token = served.token("student", user_id=person.user_id, sid=str(person.session_id))
        answer = await served.client.post(f"{AUTH}/{route}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 204
    return signed_out, everywhere


async def test_what_ended_while_redis_was_away_is_told_when_it_is_back(
    without_redis: Serving, redis_url: str
) -> None:
    ended = await _ended_while_redis_was_away(without_redis)
    async with Redis.from_url(redis_url) as redis:
        back = Revocations(redis)
        assert [await back.is_revoked(person) for person in ended] == [False, False]
        told = ToldRevocations(back, without_redis.resources.database, utc_now)
        await told.tell_again()
        assert [await back.is_revoked(person) for person in ended] == [True, True]


async def test_nothing_is_told_any_more_when_no_token_can_be_alive(without_redis: Serving, redis_url: str) -> None:
    ended = await _ended_while_redis_was_away(without_redis)
    async with Redis.from_url(redis_url) as redis:
        back = Revocations(redis)
        later = TurnableClock(utc_now() + STILL_ALIVE + timedelta(seconds=1))
        await ToldRevocations(back, without_redis.resources.database, later).tell_again()
        assert [await back.is_revoked(person) for person in ended] == [False, False]


async def test_the_worker_tells_again_every_few_seconds(without_redis: Serving) -> None:
    [periodic] = [p for p in without_redis.running.parts.periodic if p.name == "tell-revocations-again"]
    assert periodic.every <= 10
    assert getattr(periodic.run, "__func__", None) is ToldRevocations.tell_again


async def test_an_older_epoch_that_is_told_late_changes_nothing(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        revocations, user_id = Revocations(redis), new_id()
        for epoch in (2, 1):
            await revocations.end_all_sessions(user_id, epoch)
        held = [Principal(user_id, frozenset(), new_id(), epoch, expires_at=2**31) for epoch in (1, 2)]
        assert [await revocations.is_revoked(principal) for principal in held] == [True, False]
