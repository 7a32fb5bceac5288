"""Who has a seat in a class, and how they are getting on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from class_management.queries.credits import current_balance

_BALANCE = current_balance("a")

RATE = "round((present + late)::numeric / nullif(present + late + absent + excused, 0), 4)::float8"
"""SQL for the part of the marks that say the student came, 0 to 1; NULL as long as there are none."""


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A student of a class; the name is None until Identity has told it. Marks are those of the whole class."""

    enrollment_id: UUID
    student_id: UUID
    display_name: str | None
    avatar_url: str | None
    enrolled_at: datetime
    balance: int
    open_vouchers: int
    present: int
    late: int
    absent: int
    excused: int
    attendance_rate: float | None
    last_attended_at: datetime | None


# Marks are counted when they are made: a roster costs the same after a thousand meetings.
_ROSTER = """
SELECT e.id AS enrollment_id, e.student_id, p.display_name, p.avatar_url, e.enrolled_at, {balance} AS balance, (
        SELECT count(*) FROM vouchers v
        WHERE v.enrollment_id = e.id AND v.status = 'open' AND v.expires_at > now()) AS open_vouchers,
    coalesce(present, 0) AS present, coalesce(late, 0) AS late, coalesce(absent, 0) AS absent,
    coalesce(excused, 0) AS excused, {rate} AS attendance_rate, last_attended_at
FROM enrollments e JOIN credit_accounts a ON a.id = e.id AND a.class_id = e.class_id
LEFT JOIN attendance_tallies t ON t.class_id = e.class_id AND t.student_id = e.student_id
LEFT JOIN people p ON p.id = e.student_id
WHERE e.class_id = $1 AND e.status = 'enrolled' ORDER BY p.display_name NULLS LAST, e.student_id
"""


async def roster(db: Connection, class_id: UUID) -> list[RosterLine]:
    """Everybody in the class, by name; a class has at most a hundred seats."""
    return [RosterLine(**row) for row in await db.fetch(_ROSTER.format(balance=_BALANCE, rate=RATE), class_id)]


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """What a student holds in a class; who has left has `closed_at`."""

    student_id: UUID
    display_name: str | None
    balance: int
    owed: int
    zero_balance: str
    next_expiry_at: datetime | None
    closed_at: datetime | None


_BALANCES = """
SELECT a.student_id, p.display_name, {balance} AS balance, a.owed, a.zero_balance,
    CASE WHEN a.next_expiry_at > now() THEN a.next_expiry_at ELSE (
        SELECT min((lot->>'expires_at')::timestamptz) FROM jsonb_array_elements(a.lots) AS lot
        WHERE (lot->>'expires_at')::timestamptz > now() AND (lot->>'remaining')::int > 0) END AS next_expiry_at,
    a.closed_at
FROM credit_accounts a LEFT JOIN people p ON p.id = a.student_id
WHERE a.class_id = $1 AND ($2::uuid IS NULL OR a.student_id > $2)
ORDER BY a.student_id LIMIT $3
"""


async def balances_of_class(
    db: Connection, class_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> list[BalanceLine]:
    """What everybody holds who has, or had, a seat; one more than `limit`, to show whether there are others."""
    [after_student] = after or (None,)
    text = _BALANCES.format(balance=_BALANCE)
    return [BalanceLine(**row) for row in await db.fetch(text, class_id, after_student, limit + 1)]
