"""How near somebody is to a class, from this service's own data: what they may see follows from it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babyowl_chassis.sql import Connection
from class_management.domain.values import LONGEST_MEETING, STANDING_IN_ENDS_AFTER


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person is to a class, and to the meeting of it that was asked for.

    Who `teaches` is its instructor; who `stands_in` teaches, or taught until some days ago, one of its meetings only,
    and `keeps_register` if it is that meeting. Who is `enrolled` has a seat; who had one has left at `left_at`. A
    `guest` is, or was, expected at that meeting.
    """

    teaches: bool
    stands_in: bool
    enrolled: bool
    left_at: datetime | None
    keeps_register: bool
    guest: bool


# No meeting is longer than from $5 to $4, so an index by the start finds those that have not ended before.
_REACH = """
WITH standing AS (
    SELECT m.id FROM meetings m
    WHERE m.class_id = $1 AND m.instructor_id = $2 AND m.status = 'planned'
        AND m.ends_at >= now() - $4::interval AND m.starts_at > now() - $5::interval
)
SELECT c.instructor_id = $2 AS teaches, EXISTS (SELECT FROM standing) AS stands_in,
    EXISTS (SELECT FROM standing WHERE id = $3) AS keeps_register,
    e.status IS NOT DISTINCT FROM 'enrolled' AS enrolled, e.left_at,
    EXISTS (SELECT FROM vouchers v WHERE v.host_meeting_id = $3 AND v.host_class_id = c.id AND v.student_id = $2)
    OR EXISTS (
        SELECT FROM attendances a
        WHERE a.meeting_id = $3 AND a.class_id = c.id AND a.student_id = $2 AND a.voucher_id IS NOT NULL) AS guest
FROM classes c LEFT JOIN enrollments e ON e.class_id = c.id AND e.student_id = $2
WHERE c.id = $1
"""


async def reach_of(db: Connection, class_id: UUID, user_id: UUID, meeting_id: UUID | None = None) -> Reach | None:
    """The person's reach; None if there is no such class."""
    stands_in = STANDING_IN_ENDS_AFTER, STANDING_IN_ENDS_AFTER + LONGEST_MEETING
    row = await db.fetchrow(_REACH, class_id, user_id, meeting_id, *stands_in)
    return None if row is None else Reach(**row)


_TEACHES = "SELECT EXISTS (SELECT FROM classes WHERE id = $1 AND instructor_id = $2)"


async def teaches(db: Connection, class_id: UUID, user_id: UUID) -> bool:
    """Whether the person is the instructor of the class."""
    return bool(await db.fetchval(_TEACHES, class_id, user_id))
