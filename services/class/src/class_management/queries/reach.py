"""How near somebody is to a class, from this service's own data: what they may see follows from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from babyowl_chassis.sql import Connection
from class_management.domain.values import LONGEST_MEETING, STANDING_IN_ENDS_AFTER


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person is to a class.

    Who `teaches` is its instructor; who `stands_in` teaches, or taught until some days ago, one of its meetings only.
    Who is `enrolled` has a seat; who had one has left at `left_at`.
    """

    teaches: bool
    stands_in: bool
    enrolled: bool
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class MeetingReach:
    """What a person is to one meeting: whether they stand in at it, and are, or were, expected as a guest."""

    stands_in: bool
    guest: bool


def _ago(delta: timedelta) -> str:
    return f"now() - interval '{delta // timedelta(seconds=1)} seconds'"


# Ahead only a substitute teaches what the class's instructor does not; behind also who has handed the class over.
_STANDING = f"""
SELECT m.id FROM meetings m
WHERE m.class_id = {{class_id}} AND m.substitute_id = {{person_id}} AND m.status = 'planned'
    AND m.ends_at >= {_ago(STANDING_IN_ENDS_AFTER)}
UNION ALL
SELECT m.id FROM meetings m
WHERE m.class_id = {{class_id}} AND m.instructor_id = {{person_id}} AND m.status = 'planned'
    AND m.ends_at >= {_ago(STANDING_IN_ENDS_AFTER)}
    AND m.starts_at > {_ago(STANDING_IN_ENDS_AFTER + LONGEST_MEETING)} AND m.starts_at <= now()
"""  # noqa: S608


def meetings_stood_in_at(class_id: str, person_id: str) -> str:
    """SQL for the meetings of a class that give who teaches them, and not the class, a sight of it now."""
    return _STANDING.format(class_id=class_id, person_id=person_id)


_REACH = f"""
SELECT c.instructor_id = $2 AS teaches, EXISTS ({meetings_stood_in_at("$1", "$2")}) AS stands_in,
    e.status IS NOT DISTINCT FROM 'enrolled' AS enrolled, e.left_at
FROM classes c LEFT JOIN enrollments e ON e.class_id = c.id AND e.student_id = $2
WHERE c.id = $1
"""  # noqa: S608


async def reach_of(db: Connection, class_id: UUID, user_id: UUID) -> Reach | None:
    """The person's reach; None if there is no such class."""
    row = await db.fetchrow(_REACH, class_id, user_id)
    return None if row is None else Reach(**row)


_MEETING_REACH = f"""
SELECT $3 IN ({meetings_stood_in_at("$1", "$2")}) AS stands_in,
    EXISTS (SELECT FROM vouchers v WHERE v.host_meeting_id = m.id AND v.student_id = $2)
    OR EXISTS (
        SELECT FROM attendances a
        WHERE a.meeting_id = m.id AND a.student_id = $2 AND a.voucher_id IS NOT NULL) AS guest
FROM meetings m WHERE m.class_id = $1 AND m.id = $3
"""  # noqa: S608


async def reach_of_meeting(db: Connection, class_id: UUID, user_id: UUID, meeting_id: UUID) -> MeetingReach | None:
    """The person's reach; None if there is no such meeting of the class."""
    row = await db.fetchrow(_MEETING_REACH, class_id, user_id, meeting_id)
    return None if row is None else MeetingReach(**row)


_TEACHES = "SELECT EXISTS (SELECT FROM classes WHERE id = $1 AND instructor_id = $2)"


async def teaches(db: Connection, class_id: UUID, user_id: UUID) -> bool:
    """Whether the person is the instructor of the class."""
    return bool(await db.fetchval(_TEACHES, class_id, user_id))
