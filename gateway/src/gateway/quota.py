"""How many requests somebody may make, and whether their session still stands: one round trip to Redis for both.

While Redis is away requests pass (the platform matters more than its limits), counted by this process alone.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import structlog
from hiredis import ReplyError

from babyowl_chassis.auth import Principal, denied_session_key, epoch_key
from gateway import metrics
from gateway.asgi import HeaderList
from gateway.redis_link import Ask, RedisAway, RedisLink

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60
_SCRIPT = files("gateway").joinpath("charge.lua").read_bytes()
_SCRIPT_SHA = hashlib.sha1(_SCRIPT, usedforsecurity=False).hexdigest()
_MICROSECONDS = 1_000_000
_REVOKED = -1


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many requests a minute; as many may come at once. The name is public, and part of the key in Redis."""

    name: str
    per_minute: int

    @property
    def interval(self) -> int:
        """Microseconds in which one request is earned again."""
        return WINDOW_SECONDS * _MICROSECONDS // self.per_minute


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass. Times in microseconds."""

    allowance: Allowance
    passed: bool
    revoked: bool
    remaining: int
    retry_after: int
    reset: int

    @property
    def retry_after_seconds(self) -> int:
        """Whole seconds until the next request may come."""
        return -(-self.retry_after // _MICROSECONDS)

    def headers(self) -> HeaderList:
        """RateLimit and RateLimit-Policy, as the IETF draft has them."""
        allowance = self.allowance
        return [
            (b"ratelimit-policy", b'"%s";q=%d;w=%d' % (allowance.name.encode(), allowance.per_minute, 60)),
            (
                b"ratelimit",
                b'"%s";r=%d;t=%d' % (allowance.name.encode(), self.remaining, -(-self.reset // _MICROSECONDS)),
            ),
        ]


class LocalBuckets:
    """The same rule within this process, for when Redis is away. Forgets the least recent beyond its capacity."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._full_at: OrderedDict[str, int] = OrderedDict()
        self._capacity = capacity

    def charge(self, allowance: Allowance, key: str) -> Verdict:
        """Take one request from the bucket."""
        now = time.monotonic_ns() // 1000
        full_at = max(now, self._full_at.get(key, now))
        next_full_at = full_at + allowance.interval
        wait = next_full_at - allowance.interval * allowance.per_minute - now
        if wait > 0:
            return Verdict(allowance, False, False, 0, wait, full_at - now)
        self._full_at[key] = next_full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._capacity:
            self._full_at.popitem(last=False)
        return Verdict(allowance, True, False, -wait // allowance.interval, 0, next_full_at - now)


class Quota:
    """Charges requests to people and addresses."""

    def __init__(self, redis_url: str) -> None:
        self._link = RedisLink(redis_url, prepare=_load_script)
        self._local = LocalBuckets()

    @property
    def shares_counts(self) -> bool:
        """Whether Redis is there, so that all gateways count together."""
        return self._link.is_up

    async def start(self) -> None:
        """Connect to Redis, or go on without."""
        await self._link.start()

    async def stop(self) -> None:
        """Leave Redis."""
        await self._link.stop()

    async def charge(self, allowance: Allowance, who: str, principal: Principal | None = None) -> Verdict:
        """Take one request from the allowance of `who`; for a principal, look up its session on the same way."""
        key = f"gateway:rate:{allowance.name}:{who}"
        keys = [key]
        if principal is not None and principal.session_id is not None:
            keys += [denied_session_key(principal.session_id), epoch_key(principal.user_id)]
        epoch = principal.epoch if principal is not None else 0
        command: tuple[str | int, ...] = (len(keys), *keys, allowance.interval, allowance.per_minute, epoch)
        try:
            answer = await self._link.ask("EVALSHA", _SCRIPT_SHA, *command)
            if isinstance(answer, ReplyError) and str(answer).startswith("NOSCRIPT"):
                answer = await self._link.ask("EVAL", _SCRIPT, *command)
            if isinstance(answer, ReplyError):
                raise RedisAway(str(answer))
        except RedisAway as away:
            metrics.quota_fallbacks.inc()
            log.debug("quota_counted_locally", error=repr(away))
            return self._local.charge(allowance, key)
        return _verdict(allowance, answer)


def _verdict(allowance: Allowance, answer: Any) -> Verdict:
    outcome, remaining, retry_after, reset = answer
    return Verdict(allowance, outcome == 1, outcome == _REVOKED, remaining, retry_after, reset)


async def _load_script(ask: Ask) -> None:
    answer = await ask("SCRIPT", "LOAD", _SCRIPT)
    if isinstance(answer, ReplyError):
        raise RedisAway(str(answer))
