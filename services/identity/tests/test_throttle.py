"""Throttling, the same in Redis and in one process."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from babyowl_chassis.ids import new_id
from identity.application.ports import Limit, Throttle
from identity.infrastructure.throttle import LocalThrottle, RedisThrottle


@pytest.fixture(params=["redis", "local"])
async def throttle(request: pytest.FixtureRequest) -> AsyncIterator[Throttle]:
    if request.param == "local":
        yield LocalThrottle()
        return
    async with Redis.from_url(request.getfixturevalue("redis_url")) as redis:
        yield RedisThrottle(redis, "secret")


def limit(burst: int, every: float = 60) -> Limit:
    return Limit(str(new_id()), burst, every)


async def test_a_burst_is_let_through_and_then_one_waits(throttle: Throttle) -> None:
    three = limit(3)
    assert [await throttle.charge(three) for _ in range(3)] == [None, None, None]
    wait = await throttle.charge(three)
    assert wait is not None
    assert 58 <= wait <= 60


async def test_who_is_refused_is_not_made_to_wait_longer(throttle: Throttle) -> None:
    one = limit(1)
    await throttle.charge(one)
    waits = [await throttle.charge(one) for _ in range(20)]
    assert all(wait is not None and wait <= 60 for wait in waits)


async def test_a_used_up_limit_leaves_the_others_uncharged(throttle: Throttle) -> None:
    used_up, other = limit(1), limit(1)
    await throttle.charge(used_up)
    assert await throttle.charge(other, used_up) is not None
    assert await throttle.charge(other) is None


async def test_an_honest_attempt_is_taken_back(throttle: Throttle) -> None:
    one = limit(1)
    for _ in range(5):
        assert await throttle.charge(one) is None
        await throttle.refund(one)


async def test_a_hundred_at_once_do_not_get_past_the_burst(throttle: Throttle) -> None:
    ten = limit(10)
    outcomes = await asyncio.gather(*(throttle.charge(ten) for _ in range(100)))
    assert outcomes.count(None) == 10


async def test_something_noted_is_remembered(throttle: Throttle) -> None:
    key = str(new_id())
    assert not await throttle.remembers(key)
    await throttle.remember(key, 60)
    assert await throttle.remembers(key)


async def test_the_allowance_grows_back_one_by_one() -> None:
    now = 1000.0
    throttle, two = LocalThrottle(lambda: now), limit(2, every=30)
    assert [await throttle.charge(two) for _ in range(3)] == [None, None, 30]
    now += 30
    assert [await throttle.charge(two) for _ in range(2)] == [None, 30]
    now += 3600
    assert [await throttle.charge(two) for _ in range(3)] == [None, None, 30]


async def test_the_allowance_in_redis_grows_back_too(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        throttle, one = RedisThrottle(redis, "secret"), limit(1, every=0.05)
        assert await throttle.charge(one) is None
        async with asyncio.timeout(5):
            while await throttle.charge(one) is not None:
                pass


async def test_while_redis_is_away_each_replica_counts_for_itself() -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0") as redis:
        throttle, two = RedisThrottle(redis, "secret"), limit(2)
        assert [await throttle.charge(two) for _ in range(2)] == [None, None]
        assert await throttle.charge(two) is not None
        await throttle.refund(two)
        assert await throttle.charge(two) is None


async def test_no_address_can_be_read_in_redis(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        throttle = RedisThrottle(redis, "secret")
        await throttle.charge(Limit("password:ana@example.org:10.1.2.3", 5, 60))
        await throttle.remember("familiar:ana@example.org:10.1.2.3", 60)
        keys = await redis.keys("identity:*")
    assert keys
    assert not [key for key in keys if b"ana" in key or b"10.1" in key]
