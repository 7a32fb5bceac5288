"""Whether somebody may look at a learner."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_chassis.sql import Connection

_SIGHT = """
SELECT EXISTS (SELECT FROM players WHERE id = $2)
        OR EXISTS (SELECT FROM people WHERE id = $2 AND role = 'student') AS plays,
    EXISTS (
        SELECT FROM class_members AS member JOIN classes AS class ON class.id = member.class_id
        WHERE member.student_id = $2 AND member.active AND class.instructor_id = $1
    ) AS teaches
"""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person is to a learner; `plays` is False for an id that no learner has, as far as is known here."""

    plays: bool
    teaches: bool


async def sight_of(db: Connection, viewer_id: UUID, player_id: UUID) -> Sight:
    """Whether there is such a learner, and whether they have a seat in a class that the viewer teaches."""
    row = await db.fetchrow(_SIGHT, viewer_id, player_id)
    assert row is not None  # noqa: S101  # the statement always has one row
    return Sight(**row)
