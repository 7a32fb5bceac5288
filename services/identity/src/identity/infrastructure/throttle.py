"""Throttling by GCRA in Redis, and in this process alone while Redis is away."""

import hmac
import math
import time
from collections.abc import Callable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from identity.application.ports import Limit

log = structlog.get_logger(__name__)

# For each key: the time at which its allowance is whole again. An attempt moves it on by one interval, and is
# refused if that would take it further ahead than the burst allows. All keys are charged, or none.
_CHARGE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local whole, wait = {}, 0
for i, key in ipairs(KEYS) do
  local burst, every = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  whole[i] = math.max(tonumber(redis.call('GET', key) or now), now) + every
  wait = math.max(wait, whole[i] - now - burst * every)
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', whole[i]), 'PX', math.max(1, whole[i] - now))
end
return 0
"""

_REFUND = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
for i, key in ipairs(KEYS) do
  local whole = tonumber(redis.call('GET', key) or now) - tonumber(ARGV[2 * i])
  if whole > now then
    redis.call('SET', key, string.format('%.0f', whole), 'PX', whole - now)
  else
    redis.call('DEL', key)
  end
end
return 0
"""


class LocalThrottle:
    """The same count, kept in this process: for the time Redis is away, and for tests. `now` in seconds."""

    MOST_KEYS = 100_000

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._whole: dict[str, float] = {}
        self._remembered: dict[str, float] = {}

    async def charge(self, *limits: Limit) -> int | None:
        """Count one attempt against all, or none; the seconds to wait in that case."""
        now = self._now()
        whole = {limit.key: max(self._whole.get(limit.key, now), now) + limit.every for limit in limits}
        wait = max(whole[limit.key] - now - limit.burst * limit.every for limit in limits)
        if wait > 0:
            return math.ceil(wait)
        self._whole.update(whole)
        self._forget(now)
        return None

    async def refund(self, *limits: Limit) -> None:
        """Take back one attempt from each."""
        for limit in limits:
            if limit.key in self._whole:
                self._whole[limit.key] -= limit.every

    async def remember(self, key: str, seconds: int) -> None:
        """Note something for a while."""
        self._remembered[key] = self._now() + seconds

    async def remembers(self, key: str) -> bool:
        """Whether it was noted and the while is not over."""
        return self._remembered.get(key, -math.inf) > self._now()

    def _forget(self, now: float) -> None:
        if len(self._whole) > self.MOST_KEYS:
            self._whole = {key: whole for key, whole in self._whole.items() if whole > now}
        if len(self._remembered) > self.MOST_KEYS:
            self._remembered = {key: until for key, until in self._remembered.items() if until > now}


class RedisThrottle:
    """Shared by all replicas. Keys are hashed with a secret: who reads Redis finds no addresses in it.

    While Redis is away each replica counts for itself; signing in goes on, a little less guarded.
    """

    def __init__(self, redis: "Redis", secret: str) -> None:
        self._redis = redis
        self._secret = secret.encode()
        self._charge = redis.register_script(_CHARGE)
        self._refund = redis.register_script(_REFUND)
        self._fallback = LocalThrottle()

    async def charge(self, *limits: Limit) -> int | None:
        """Count one attempt against all, or none; the seconds to wait in that case."""
        try:
            wait = await self._charge(keys=self._keys(limits), args=_numbers(limits))
        except (RedisError, OSError) as error:
            log.warning("throttle_local", error=repr(error))
            return await self._fallback.charge(*limits)
        return math.ceil(wait / 1000) if wait else None

    async def refund(self, *limits: Limit) -> None:
        """Take back one attempt from each."""
        try:
            await self._refund(keys=self._keys(limits), args=_numbers(limits))
        except (RedisError, OSError) as error:
            log.warning("throttle_local", error=repr(error))
            await self._fallback.refund(*limits)

    async def remember(self, key: str, seconds: int) -> None:
        """Note something for a while."""
        try:
            await self._redis.set(self._key(key), 1, ex=seconds)
        except (RedisError, OSError) as error:
            log.warning("throttle_local", error=repr(error))
            await self._fallback.remember(key, seconds)

    async def remembers(self, key: str) -> bool:
        """Whether it was noted and the while is not over."""
        try:
            return bool(await self._redis.exists(self._key(key)))
        except (RedisError, OSError) as error:
            log.warning("throttle_local", error=repr(error))
            return await self._fallback.remembers(key)

    def _keys(self, limits: tuple[Limit, ...]) -> list[str]:
        return [self._key(limit.key) for limit in limits]

    def _key(self, key: str) -> str:
        return f"identity:{hmac.digest(self._secret, key.encode(), 'sha256').hex()}"


def _numbers(limits: tuple[Limit, ...]) -> list[int]:
    return [number for limit in limits for number in (limit.burst, round(limit.every * 1000))]
