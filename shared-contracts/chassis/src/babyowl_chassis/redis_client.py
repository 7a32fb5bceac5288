"""The client of Redis: one that does not let everybody wait for a Redis that does not answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger(__name__)

ANSWERS_WITHIN_SECONDS = 1.0
FIRST_REST_SECONDS = 1.0
LONGEST_REST_SECONDS = 10.0


class LeftAlone(RedisError):
    """Redis did not answer in time a moment ago, and is not asked now."""


class Rest:
    """When not to ask somebody who did not answer in time: for a second at first, then twice as long, up to ten.

    After a rest one asks, and the others only once that one was answered. Who refuses at once needs no rest.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = 0.0
        self._until = 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around a question. Raises LeftAlone."""
        is_first_again = self._seconds > 0
        if is_first_again:
            if self._clock() < self._until:
                raise LeftAlone
            # For all others the next rest begins now, also if whoever asks here is cancelled.
            self._begin(min(2 * self._seconds, LONGEST_REST_SECONDS))
        try:
            yield
        except (RedisTimeoutError, TimeoutError):
            # Those who asked beside the first one are no further sign that it takes longer.
            if is_first_again or not self._seconds:
                self._begin(self._seconds or FIRST_REST_SECONDS)
            raise
        except Exception:
            self._seconds = 0.0
            raise
        self._seconds = 0.0

    def _begin(self, seconds: float) -> None:
        self._seconds, self._until = seconds, self._clock() + seconds
        log.warning("redis_left_alone", seconds=seconds)


class RestingRedis(Redis):
    """Redis, for what can do without it. Commands raise RedisError soon, or at once while it rests.

    What a pipeline sends is not held back: begin it with a command of its own.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rest = Rest()

    @classmethod
    def at(cls, url: str, *, answers_within: float = ANSWERS_WITHIN_SECONDS) -> "RestingRedis":
        """The Redis of that address. A lost connection is made anew once; nothing is waited for twice."""
        client = cls.from_url(
            url,
            socket_timeout=answers_within,
            socket_connect_timeout=answers_within,
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )
        return cast(RestingRedis, client)  # it is declared to be a Redis, and made by `cls`

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Ask Redis, unless it is left alone."""
        with self.rest.asking():
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
