"""What a calendar feed shows, and whether its owner may still see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from babyowl_chassis.sql import Connection
from class_management.queries.reach import meetings_stood_in_at

SHOWN_PAST: Final = timedelta(days=60)
SHOWN_FUTURE: Final = timedelta(days=730)
"""What lies further away is not in the feed, so that a reading costs no more as the years go by."""


@dataclass(frozen=True, slots=True)
class FeedInSight:
    """A feed whose link was good. Without a class it shows the owner's own meetings."""

    owner_id: UUID
    is_instructor: bool
    class_id: UUID | None
    class_name: str | None


# Who somebody is comes from the copy of Identity's people: a link brings no token that could say it.
_FEED = f"""
SELECT f.owner_id, p.role IS NOT DISTINCT FROM 'instructor' AS is_instructor, f.class_id, c.name AS class_name
FROM calendar_feeds f
LEFT JOIN people p ON p.id = f.owner_id
LEFT JOIN classes c ON c.id = f.class_id
WHERE f.token_digest = $1 AND p.status IS DISTINCT FROM 'deactivated' AND (
    f.class_id IS NULL
    OR p.role IN ('staff', 'super_admin')
    OR EXISTS (
        SELECT FROM enrollments e
        WHERE e.class_id = f.class_id AND e.student_id = f.owner_id AND e.status = 'enrolled')
    OR p.role = 'instructor' AND (
        c.instructor_id = f.owner_id
        OR EXISTS ({meetings_stood_in_at("f.class_id", "f.owner_id")}))
)
"""  # noqa: S608


async def feed_in_sight(db: Connection, token_digest: bytes) -> FeedInSight | None:
    """The feed of a link; None if there is none, and likewise if its owner may not see any more what it shows."""
    row = await db.fetchrow(_FEED, token_digest)
    return None if row is None else FeedInSight(**row)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A meeting as calendars show it. No person is named in it: links travel further than one thinks.

    `number` is the meeting's within its class; `is_make_up` tells a guest's meeting from those of their own class.
    """

    meeting_id: UUID
    class_name: str
    number: int
    is_cancelled: bool
    is_make_up: bool
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    changed_at: datetime


# Each part reads the meetings by an index of its own; joined to their ids afterwards, all there are would be read.
_ENTRIES = """
WITH shown AS ({shown})
SELECT shown.id AS meeting_id, c.name AS class_name, shown.number, shown.status = 'cancelled' AS is_cancelled,
    shown.is_make_up, t.time_zone, shown.starts_at, shown.ends_at, shown.sequence, shown.changed_at
FROM shown
JOIN timetables t ON t.id = shown.timetable_id
JOIN classes c ON c.id = shown.class_id
ORDER BY shown.starts_at, shown.id, shown.is_make_up
"""

_OF_CLASS = _ENTRIES.format(
    shown="""
    SELECT m.*, false AS is_make_up
    FROM meetings m WHERE m.class_id = $1 AND m.starts_at >= $2 AND m.starts_at < $3
"""
)

_OF_PERSON = _ENTRIES.format(
    shown="""
    SELECT m.*, false AS is_make_up
    FROM enrollments e JOIN meetings m ON m.class_id = e.class_id AND m.starts_at >= $2 AND m.starts_at < $3
    WHERE e.student_id = $1 AND e.status = 'enrolled'
    UNION
    SELECT m.*, false
    FROM meetings m WHERE m.instructor_id = $1 AND $4 AND m.starts_at >= $2 AND m.starts_at < $3
    UNION
    SELECT m.*, true
    FROM vouchers v JOIN meetings m ON m.id = v.host_meeting_id
    WHERE v.student_id = $1 AND v.host_starts_at >= $2 AND v.host_starts_at < $3
"""
)


async def calendar_entries(db: Connection, feed: FeedInSight, *, now: datetime) -> list[CalendarEntry]:
    """What the feed shows, soonest first: all meetings of its class, or those its owner attends or teaches.

    A student attends also as a guest. An instructor teaches where they substitute, and not where somebody else does.
    """
    since, until = now - SHOWN_PAST, now + SHOWN_FUTURE
    if feed.class_id is not None:
        rows = await db.fetch(_OF_CLASS, feed.class_id, since, until)
    else:
        rows = await db.fetch(_OF_PERSON, feed.owner_id, since, until, feed.is_instructor)
    return [CalendarEntry(**row) for row in rows]
