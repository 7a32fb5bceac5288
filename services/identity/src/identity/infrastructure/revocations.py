"""Telling gateway and services, through Redis, which access tokens are void before their time."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from babyowl_chassis.auth import ACCESS_TOKEN_SECONDS, CLOCK_SKEW_SECONDS, Revocations
from babyowl_chassis.database import Pool
from babyowl_kernel import Clock

log = structlog.get_logger(__name__)

STILL_ALIVE = timedelta(seconds=ACCESS_TOKEN_SECONDS + 2 * CLOCK_SKEW_SECONDS)

_SESSIONS = "SELECT id FROM sessions WHERE revoked_at > $1"
_EPOCHS = "SELECT id, epoch FROM users WHERE epoch_began_at > $1"


class ToldRevocations:
    """Told once at the moment it happens, and again and again by `tell_again` until no token can be alive.

    So nothing is lost if Redis was away then, or has since forgotten its last second.
    """

    def __init__(self, revocations: Revocations, database: Pool, clock: Clock) -> None:
        self._revocations = revocations
        self._database = database
        self._clock = clock

    async def session_ended(self, session_id: UUID) -> None:
        """Void what was issued for this session."""
        await _attempt(lambda: self._revocations.end_session(session_id))

    async def epoch_began(self, user_id: UUID, epoch: int) -> None:
        """Void what was issued to this person in earlier epochs."""
        await _attempt(lambda: self._revocations.end_all_sessions(user_id, epoch))

    async def tell_again(self) -> None:
        """Tell everything that could still matter, from Postgres, which knows. Raises RedisError."""
        since: datetime = self._clock() - STILL_ALIVE
        for row in await self._database.fetch(_SESSIONS, since):
            await self._revocations.end_session(row["id"])
        for row in await self._database.fetch(_EPOCHS, since):
            await self._revocations.end_all_sessions(row["id"], row["epoch"])


async def _attempt(tell: Callable[[], Awaitable[None]]) -> None:
    try:
        await tell()
    except (RedisError, OSError) as error:
        log.warning("revocation_to_be_told_again", error=repr(error))
