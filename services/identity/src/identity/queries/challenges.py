"""Open challenges, for whoever writes the message."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class OpenChallenge:
    """What a message about it says, but for the token, which is kept nowhere."""

    purpose: str
    email: str
    display_name: str
    locale: str
    expires_at: datetime


_OPEN = """
SELECT challenges.purpose, users.email, users.display_name, users.locale, challenges.expires_at
FROM challenges
JOIN users ON users.id = challenges.user_id
WHERE challenges.id = $1 AND challenges.expires_at > $2
"""


async def open_challenge(db: Connection, challenge_id: UUID, now: datetime) -> OpenChallenge | None:
    """The challenge, unless it was answered, voided by a newer one, or has expired."""
    row = await db.fetchrow(_OPEN, challenge_id, now)
    return OpenChallenge(**row) if row else None
