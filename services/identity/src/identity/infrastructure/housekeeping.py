"""Forgetting sessions and refresh tokens that nobody can use any more."""

from datetime import datetime, timedelta

from babyowl_chassis.database import Pool
from babyowl_kernel import Clock
from identity.domain.sessions import SESSION_LIFE

KEPT_AFTERWARDS = timedelta(days=1)

_SESSIONS = "DELETE FROM sessions WHERE began_at < $1 OR revoked_at < $2"
_TOKENS = "DELETE FROM refresh_tokens WHERE expires_at < $1"


async def forget_ended_sessions(database: Pool, clock: Clock) -> None:
    """Delete what ended more than a day ago; refresh tokens go with their session."""
    now: datetime = clock()
    await database.execute(_SESSIONS, now - SESSION_LIFE - KEPT_AFTERWARDS, now - KEPT_AFTERWARDS)
    await database.execute(_TOKENS, now - KEPT_AFTERWARDS)
