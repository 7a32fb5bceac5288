"""A Redis that hangs: it is waited for once, and then left alone."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import jars
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from babyowl_chassis.auth import Revocations
from babyowl_chassis.ids import new_id
from babyowl_chassis.redis_client import (
    ANSWERS_WITHIN_SECONDS,
    FIRST_REST_SECONDS,
    LONGEST_REST_SECONDS,
    LeftAlone,
    Rest,
    RestingRedis,
)
from babyowl_chassis.testing import Serving, serving
from babyowl_local.redis import RedisServer


class Time:
    """A clock that is set by hand, in seconds."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def rest(clock: Time) -> Rest:
    return Rest(clock)


@pytest.fixture
def free_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, to be hung."""
    server = RedisServer(tmp_path, durable=False)
    server.launch()
    try:
        server.await_ready()
        yield server
    finally:
        server.process.send_signal(signal.SIGCONT)
        server.stop()


def ask(rest: Rest, failure: BaseException | None = None) -> None:
    with rest.asking():
        if failure is not None:
            raise failure


def is_left_alone(rest: Rest) -> bool:
    """Whether a question is not even asked; if it is, nobody answers it in time."""
    try:
        ask(rest, RedisTimeoutError())
    except LeftAlone:
        return True
    except RedisTimeoutError:
        return False
    raise AssertionError("neither")


def test_who_does_not_answer_is_left_alone_for_longer_and_longer(rest: Rest, clock: Time) -> None:
    rests = []
    assert not is_left_alone(rest)
    for _ in range(6):
        began = clock.now
        while is_left_alone(rest):
            clock.now += 0.5
        rests.append(clock.now - began)
    assert rests == [1, 2, 4, 8, 10, 10]
    assert (rests[0], rests[-1]) == (FIRST_REST_SECONDS, LONGEST_REST_SECONDS)


def test_who_answers_again_is_asked_by_everybody_and_rests_briefly_the_next_time(rest: Rest, clock: Time) -> None:
    assert not is_left_alone(rest)
    clock.now += FIRST_REST_SECONDS
    assert not is_left_alone(rest)
    clock.now += 2 * FIRST_REST_SECONDS
    ask(rest)
    ask(rest)
    assert not is_left_alone(rest)
    clock.now += FIRST_REST_SECONDS
    assert not is_left_alone(rest)


def test_after_a_rest_one_asks_and_the_others_wait_for_the_answer(rest: Rest, clock: Time) -> None:
    assert not is_left_alone(rest)
    clock.now += FIRST_REST_SECONDS
    with rest.asking():
        assert is_left_alone(rest)
        assert is_left_alone(rest)
    assert not is_left_alone(rest)


def test_many_who_waited_together_are_one_sign(rest: Rest, clock: Time) -> None:
    together = [rest.asking() for _ in range(5)]
    for question in together:
        question.__enter__()
    for question in together:
        assert not question.__exit__(RedisTimeoutError, RedisTimeoutError(), None)
    clock.now += FIRST_REST_SECONDS
    assert not is_left_alone(rest)


@pytest.mark.parametrize("refusal", [RedisConnectionError("refused"), ResponseError("WRONGTYPE")])
def test_who_refuses_at_once_needs_no_rest_and_ends_one(rest: Rest, clock: Time, refusal: Exception) -> None:
    for _ in range(2):
        with pytest.raises(type(refusal)):
            ask(rest, refusal)
    assert not is_left_alone(rest)
    clock.now += FIRST_REST_SECONDS
    for _ in range(2):
        with pytest.raises(type(refusal)):
            ask(rest, refusal)


def test_who_gives_up_asking_leaves_the_question_to_another(rest: Rest, clock: Time) -> None:
    assert not is_left_alone(rest)
    clock.now += FIRST_REST_SECONDS
    with suppress(asyncio.CancelledError):
        ask(rest, asyncio.CancelledError())
    assert is_left_alone(rest)
    clock.now += 2 * FIRST_REST_SECONDS
    ask(rest)
    ask(rest)


async def test_a_frozen_redis_is_asked_once_and_again_when_it_has_rested(
    free_redis: RedisServer, clock: Time
) -> None:
    redis = RestingRedis.at(free_redis.url, answers_within=0.3)
    redis.rest = Rest(clock)
    async with redis:
        assert await redis.ping()
        free_redis.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(RedisTimeoutError):
            await redis.ping()
        # Once, not twice: what was waited for in vain is not tried again.
        assert 0.3 <= time.monotonic() - began < 0.6
        began = time.monotonic()
        for _ in range(100):
            with pytest.raises(LeftAlone):
                await redis.ping()
        assert time.monotonic() - began < 0.3
        clock.now += FIRST_REST_SECONDS
        answers = await asyncio.gather(*(redis.ping() for _ in range(20)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [RedisTimeoutError] + 19 * [LeftAlone]
        free_redis.process.send_signal(signal.SIGCONT)
        with pytest.raises(LeftAlone):
            await redis.ping()
        clock.now += 2 * FIRST_REST_SECONDS
        assert await redis.ping()
        assert await redis.ping()


async def get(served: Serving, session: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {served.token('student', sid=session)}"}
    return await served.client.get("/api/v1/jars", headers=headers)


@pytest.mark.infra
async def test_while_redis_is_frozen_requests_pass_at_once_and_then_what_has_ended_is_known_again(
    postgres_admin_url: str, free_redis: RedisServer
) -> None:
    session, other = new_id(), new_id()
    async with serving(jars.service, admin_url=postgres_admin_url, redis_url=free_redis.url) as served:
        redis, clock = served.resources.redis, Time()
        redis.rest = Rest(clock)
        await Revocations(redis).end_session(session)
        assert (await get(served, str(session))).status_code == 401
        free_redis.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        answers = await asyncio.gather(*(get(served, str(other)) for _ in range(5)))
        assert time.monotonic() - began < 2 * ANSWERS_WITHIN_SECONDS
        began = time.monotonic()
        answers += [await get(served, str(other)) for _ in range(20)]
        assert time.monotonic() - began < ANSWERS_WITHIN_SECONDS
        assert {answer.status_code for answer in answers} == {200}
        free_redis.process.send_signal(signal.SIGCONT)
        clock.now += FIRST_REST_SECONDS
        assert (await get(served, str(session))).status_code == 401
