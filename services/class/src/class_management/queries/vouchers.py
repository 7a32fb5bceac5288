"""Vouchers for make-ups, and the meetings they can be used for."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """A voucher, the meeting it stands for, and the one it is booked or was used for, if any."""

    id: UUID
    status: str
    student_id: UUID
    student_name: str | None
    class_id: UUID
    class_name: str
    course_id: UUID
    meeting_id: UUID
    meeting_starts_at: datetime
    issued_at: datetime
    expires_at: datetime
    host_class_id: UUID | None
    host_class_name: str | None
    host_meeting_id: UUID | None
    host_starts_at: datetime | None
    host_ends_at: datetime | None
    booked_by: UUID | None
    booked_at: datetime | None


_VOUCHERS = """
SELECT * FROM (
    SELECT v.id, CASE WHEN v.status = 'open' AND v.expires_at <= $2 THEN 'expired' ELSE v.status END AS status,
        v.student_id, p.display_name AS student_name, v.class_id, c.name AS class_name, v.course_id, v.meeting_id,
        m.starts_at AS meeting_starts_at, v.issued_at, v.expires_at, v.host_class_id, h.name AS host_class_name,
        v.host_meeting_id, v.host_starts_at, v.host_ends_at, v.booked_by, v.booked_at
    FROM vouchers v JOIN classes c ON c.id = v.class_id JOIN meetings m ON m.id = v.meeting_id
    LEFT JOIN classes h ON h.id = v.host_class_id LEFT JOIN people p ON p.id = v.student_id
    WHERE {whose}
) AS v
WHERE ($3::text IS NULL OR v.status = $3) AND ($4::timestamptz IS NULL OR (v.issued_at, v.id) < ($4, $5::uuid))
ORDER BY v.issued_at DESC, v.id DESC LIMIT $6
"""

# A statement each, so that each has a plan, and an index, of its own.
_OF_STUDENT = _VOUCHERS.format(whose="v.student_id = $1")
_OF_ALL = _VOUCHERS.format(whose="$1::uuid IS NULL")


async def list_vouchers(
    db: Connection,
    student_id: UUID | None,
    *,
    status: str | None,
    as_of: datetime,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[VoucherLine]:
    """Those of a student, or of everybody, latest first; one more than `limit`, to show whether there are others."""
    issued_at, voucher_id = after or (None, None)
    statement = _OF_ALL if student_id is None else _OF_STUDENT
    rows = await db.fetch(statement, student_id, as_of, status, issued_at, voucher_id, limit + 1)
    return [VoucherLine(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class MakeUpMeeting:
    """A meeting of another class that has a free seat."""

    id: UUID
    number: int
    class_id: UUID
    class_name: str
    instructor_id: UUID
    instructor_name: str | None
    time_zone: str
    local_date: date
    local_time: time
    starts_at: datetime
    ends_at: datetime
    free_seats: int


# The rules of domain/make_ups.py and domain/seats.py, as a search: what it finds may be gone when it is booked.
# A voucher that nobody may see, and one without any meeting, are told apart by the row of the voucher itself.
_MEETINGS = """
SELECT found.* FROM vouchers v LEFT JOIN LATERAL (
    SELECT m.id, m.number, m.class_id, c.name AS class_name, m.instructor_id, i.display_name AS instructor_name,
        t.time_zone, m.local_date, m.local_time, m.starts_at, m.ends_at,
        c.capacity - promised.seats - (
            SELECT count(*) FROM guest_seats g WHERE g.meeting_id = m.id AND g.starts_at = m.starts_at) AS free_seats
    FROM classes home
    JOIN classes c ON c.course_id = home.course_id AND c.type = home.type AND c.id <> home.id
    JOIN timetables t ON t.class_id = c.id
    JOIN meetings m ON m.class_id = c.id
    LEFT JOIN people i ON i.id = m.instructor_id
    CROSS JOIN LATERAL (
        SELECT (SELECT count(*) FROM enrollments e WHERE e.class_id = c.id AND e.status = 'enrolled')
            + (SELECT count(*) FROM waiting_list w WHERE w.class_id = c.id AND w.offered_at IS NOT NULL) AS seats
    ) AS promised
    WHERE home.id = v.class_id AND v.status = 'open' AND v.expires_at > $3
        AND c.status = 'active' AND m.status = 'planned'
        AND m.starts_at > $3 AND m.starts_at < v.expires_at
        AND NOT EXISTS (
            SELECT FROM enrollments e
            WHERE e.class_id = c.id AND e.student_id = v.student_id AND e.status = 'enrolled')
        AND NOT EXISTS (
            SELECT FROM guest_seats g
            WHERE g.meeting_id = m.id AND g.starts_at = m.starts_at AND g.student_id = v.student_id)
        AND c.capacity > promised.seats + (
            SELECT count(*) FROM guest_seats g WHERE g.meeting_id = m.id AND g.starts_at = m.starts_at)
        AND ($4::timestamptz IS NULL OR (m.starts_at, m.id) > ($4, $5::uuid))
    ORDER BY m.starts_at, m.id LIMIT $6
) AS found ON true
WHERE v.id = $1 AND ($2::uuid IS NULL OR v.student_id = $2)
ORDER BY found.starts_at, found.id
"""


async def make_up_meetings(
    db: Connection,
    voucher_id: UUID,
    *,
    student_id: UUID | None,
    as_of: datetime,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[MakeUpMeeting] | None:
    """Soonest first, one more than `limit`; None if there is no such voucher, or if it is not this student's."""
    starts_at, meeting_id = after or (None, None)
    rows = await db.fetch(_MEETINGS, voucher_id, student_id, as_of, starts_at, meeting_id, limit + 1)
    return [MakeUpMeeting(**row) for row in rows if row["id"] is not None] if rows else None
