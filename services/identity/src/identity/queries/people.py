"""What other services may know of people: how to show them, and how to reach them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class Person:
    """How somebody is shown. A copy with a greater revision is the newer one."""

    id: UUID
    display_name: str
    avatar_url: str | None
    role: str
    status: str
    time_zone: str
    locale: str
    revision: int


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody is written to."""

    id: UUID
    email: str
    display_name: str
    status: str
    time_zone: str
    locale: str


_PEOPLE = """
SELECT id, display_name, avatar_url, role, status, time_zone, locale, version AS revision
FROM users
WHERE id = ANY($1::uuid[])
ORDER BY id
"""

_CONTACT = "SELECT id, email, display_name, status, time_zone, locale FROM users WHERE id = $1"


async def people(db: Connection, ids: Sequence[UUID]) -> list[Person]:
    """Those of the ids that are known."""
    return [Person(**row) for row in await db.fetch(_PEOPLE, ids)]


async def contact(db: Connection, user_id: UUID) -> Contact | None:
    """One person's address."""
    row = await db.fetchrow(_CONTACT, user_id)
    return Contact(**row) if row else None
