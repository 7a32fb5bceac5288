"""What a student may still spend, now or at any moment, and the lines that add up to it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class CreditBalance:
    """The sum of an enrolment's ledger at a moment."""

    enrollment_id: UUID
    balance: int
    zero_balance: str


# The sum up to a moment, and not the balance of the account: whoever asks about yesterday gets yesterday's.
_BALANCE = """
SELECT a.id AS enrollment_id, a.zero_balance, (
    SELECT coalesce(sum(l.amount), 0) FROM credit_entries l
    WHERE l.enrollment_id = a.id AND l.posted_at <= $3) AS balance
FROM credit_accounts a WHERE a.class_id = $1 AND a.student_id = $2
"""


async def credit_balance(
    db: Connection, class_id: UUID, student_id: UUID, *, as_of: datetime
) -> CreditBalance | None:
    """The balance at that moment; None if the student is not enrolled."""
    row = await db.fetchrow(_BALANCE, class_id, student_id, as_of)
    return None if row is None else CreditBalance(**row)


@dataclass(frozen=True, slots=True)
class CreditLine:
    """A line of the ledger, with what its cause needs to be told in words."""

    id: UUID
    number: int
    amount: int
    balance: int
    cause: str
    meeting_id: UUID | None
    meeting_number: int | None
    meeting_date: date | None
    status: str | None
    previous_status: str | None
    posted_by: UUID
    posted_by_name: str | None
    posted_at: datetime
    reason: str | None

    @property
    def explanation(self) -> str:
        """Why the balance changed, in a sentence."""
        meeting = f"meeting {self.meeting_number} on {self.meeting_date}"
        match self.cause:
            case "package" if self.number == 1:
                return f"Enrolled with a package of {self.amount} meetings."
            case "package":
                return f"The package of the class changed by {self.amount:+d} meetings."
            case "attendance":
                return f"Marked {self.status} for {meeting}."
            case "correction":
                return f"Corrected from {self.previous_status} to {self.status} for {meeting}."
            case _:
                return f"Adjusted by the office: {self.reason}"


_LINES = """
SELECT l.id, l.number, l.amount, l.balance, l.cause, l.meeting_id, m.number AS meeting_number,
    m.local_date AS meeting_date, r.status, r.previous_status, l.posted_by,
    p.display_name AS posted_by_name, l.posted_at, coalesce(l.reason, r.reason) AS reason
FROM credit_entries l
LEFT JOIN meetings m ON m.id = l.meeting_id
LEFT JOIN credit_accounts c ON c.id = l.enrollment_id
LEFT JOIN attendances a ON a.meeting_id = l.meeting_id AND a.student_id = c.student_id
LEFT JOIN attendance_revisions r ON r.attendance_id = a.id AND r.revision = l.attendance_revision
LEFT JOIN people p ON p.id = l.posted_by
WHERE l.enrollment_id = $1 AND l.posted_at <= $2 AND ($3::bigint IS NULL OR l.number < $3)
ORDER BY l.number DESC LIMIT $4
"""


async def credit_lines(
    db: Connection, enrollment_id: UUID, *, as_of: datetime, after: tuple[Any, ...] | None, limit: int
) -> list[CreditLine]:
    """The latest lines first; one more than `limit`, to show whether there are others."""
    [before_number] = after or (None,)
    rows = await db.fetch(_LINES, enrollment_id, as_of, before_number, limit + 1)
    return [CreditLine(**row) for row in rows]
