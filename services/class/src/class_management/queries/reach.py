"""How near somebody is to a class, from this service's own data: what they may see follows from it."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a person teaches a class, be it one meeting as a substitute, or has a seat in it."""

    teaches: bool
    enrolled: bool


_REACH = """
SELECT c.instructor_id = $2 OR EXISTS (
        SELECT FROM meetings m WHERE m.class_id = c.id AND m.substitute_id = $2 AND m.status = 'planned') AS teaches,
    EXISTS (SELECT FROM enrollments e WHERE e.class_id = c.id AND e.student_id = $2) AS enrolled
FROM classes c WHERE c.id = $1
"""


async def reach_of(db: Connection, class_id: UUID, user_id: UUID) -> Reach | None:
    """The person's reach; None if there is no such class."""
    row = await db.fetchrow(_REACH, class_id, user_id)
    return None if row is None else Reach(**row)
