"""People whom the service under test has heard of, as if Identity had told it."""

from uuid import UUID

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id

_KNOW = """
INSERT INTO people (id, display_name, avatar_url, role, status, time_zone, locale, revision)
VALUES ($1, $2, $3, $4, $5, $6, 'en', 1)
ON CONFLICT (id) DO UPDATE SET
    display_name = excluded.display_name, avatar_url = excluded.avatar_url, role = excluded.role,
    status = excluded.status, time_zone = excluded.time_zone, revision = people.revision + 1
"""


async def acquaint(
    database: Pool,
    person_id: UUID | None = None,
    *,
    name: str = "Ada",
    role: str = "student",
    status: str = "active",
    time_zone: str = "UTC",
    avatar_url: str | None = None,
) -> UUID:
    """Let the service know of somebody, or of what has become of them; tells whom."""
    person_id = person_id or new_id()
    await database.execute(_KNOW, person_id, name, avatar_url, role, status, time_zone)
    return person_id
