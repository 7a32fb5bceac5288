"""What a student may still spend, now or at any moment, and the lines that add up to it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection

_CURRENT = """CASE WHEN {account}.next_expiry_at <= now() THEN {account}.balance - (
    SELECT coalesce(sum((lot->>'remaining')::int), 0)::int FROM jsonb_array_elements({account}.lots) AS lot
    WHERE (lot->>'expires_at')::timestamptz <= now()
) ELSE {account}.balance END"""


def current_balance(account: str) -> str:
    """SQL for what an account holds now: what has expired does not count, also before it has been let go."""
    return _CURRENT.format(account=account)


@dataclass(frozen=True, slots=True)
class CreditBalance:
    """The sum of an enrolment's ledger at a moment, less what will have lapsed by then; and what it consists of."""

    enrollment_id: UUID
    zero_balance: str
    closed_at: datetime | None
    balance: int
    owed: int
    lapsing: int
    lots: list[dict[str, Any]]


# From the lines up to a moment where there are later ones: whoever asks about yesterday gets yesterday's. Else the
# account itself says what they add up to, however many they are. A lot that has expired by then counts for nothing,
# whether or not the line that says so is written.
_BALANCE = """
SELECT a.id AS enrollment_id, a.zero_balance, a.closed_at, kept.held - kept.lapsing AS balance, kept.owed,
    kept.lapsing, kept.lots
FROM credit_accounts a CROSS JOIN LATERAL (
    SELECT coalesce(sum(lines.held), 0)::int AS held,
        coalesce(-sum(lines.held) FILTER (WHERE lines.lot_id IS NULL), 0)::int AS owed,
        coalesce(sum(lines.held) FILTER (WHERE lots.expires_at <= $3), 0)::int AS lapsing,
        coalesce(jsonb_agg(lots.lot || jsonb_build_object('remaining', lines.held)
            ORDER BY lots.expires_at NULLS LAST, lots.lot->>'granted_at')
            FILTER (WHERE lines.held > 0 AND (lots.expires_at IS NULL OR lots.expires_at > $3)), '[]') AS lots
    FROM (
        SELECT l.lot_id, sum(l.amount) AS held FROM credit_entries l
        WHERE l.enrollment_id = a.id AND l.posted_at <= $3 AND a.last_entry_at > $3 GROUP BY l.lot_id
        UNION ALL
        SELECT (lot->>'id')::uuid, (lot->>'remaining')::int FROM jsonb_array_elements(a.lots) AS lot
        WHERE a.last_entry_at <= $3
        UNION ALL
        SELECT NULL, -a.owed WHERE a.last_entry_at <= $3
    ) AS lines
    LEFT JOIN LATERAL (
        SELECT lot, (lot->>'expires_at')::timestamptz AS expires_at FROM jsonb_array_elements(a.lots) AS lot
        WHERE lot->>'id' = lines.lot_id::text
    ) AS lots ON true
) AS kept
WHERE a.class_id = $1 AND a.student_id = $2
"""


async def credit_balance(
    db: Connection, class_id: UUID, student_id: UUID, *, as_of: datetime
) -> CreditBalance | None:
    """The balance at that moment, past or ahead; None if the student never had a seat."""
    row = await db.fetchrow(_BALANCE, class_id, student_id, as_of)
    return None if row is None else CreditBalance(**row)


@dataclass(frozen=True, slots=True)
class CreditLine:
    """A line of the ledger, with what its cause needs to be told in words.

    The other class is where the student came from or went to, or the one that the meeting is of, unless
    it is this one and they were no guest.
    """

    id: UUID
    number: int
    amount: int
    balance: int
    cause: str
    lot_id: UUID | None
    expires_at: datetime | None
    set_aside: bool
    meeting_id: UUID | None
    meeting_number: int | None
    meeting_date: date | None
    guest: bool
    status: str | None
    previous_status: str | None
    posted_by: UUID | None
    posted_by_name: str | None
    posted_at: datetime
    reason: str | None
    reference: str | None
    other_class_id: UUID | None
    other_class_name: str | None

    @property
    def explanation(self) -> str:
        """Why the balance changed, in a sentence or two; days are UTC's."""
        match self.cause:
            case "package" if self.number == 1:
                return f"Enrolled with a package of {_count(self.amount, 'meeting')}.{self._until}"
            case "package":
                return f"The package of the class changed by {self.amount:+d} meetings."
            case "purchase":
                return f"Bought {_count(self.amount, 'credit')} (reference {self.reference}).{self._until}"
            case "attendance":
                return f"Marked {self.status} for {self._meeting}.{self._paid}"
            case "correction":
                return f"Corrected from {self.previous_status} to {self.status} for {self._meeting}.{self._paid}"
            case "make_up":
                return self._make_up
            case "settlement":
                # Two lines that belong together: a lot pays, and what was owed is paid.
                return (
                    "Spent on what was owed." if self.lot_id else f"No longer owed: {_count(self.amount, 'credit')}."
                )
            case "expiry":
                return f"Not spent by {self.expires_at:%Y-%m-%d}: {_count(-self.amount, 'credit')} expired."
            case "transfer":
                way = "Taken along to" if self.amount < 0 else "Brought along from"
                return f"{way} {self.other_class_name or 'another class'}.{self._until}"
            case _:
                return f"Adjusted by the office: {self.reason}"

    @property
    def _meeting(self) -> str:
        elsewhere = f" of {self.other_class_name}" if self.other_class_name else ""
        as_guest = ", as a guest" if self.guest else ""
        return f"meeting {self.meeting_number}{elsewhere} on {self.meeting_date}{as_guest}"

    @property
    def _paid(self) -> str:
        return " It is owed." if self.amount < 0 and self.lot_id is None else ""

    @property
    def _until(self) -> str:
        if self.amount < 0 or self.expires_at is None:
            return ""
        return f" To be spent before {self.expires_at:%Y-%m-%d %H:%M} UTC."

    @property
    def _make_up(self) -> str:
        match self.set_aside, self.amount > 0:
            case False, False:
                return "Set aside for a make-up meeting."
            case True, True:
                return "Kept for a make-up meeting."
            case True, False:
                return "No longer kept for a make-up meeting."
            case _:
                return "Given back: the make-up meeting is no longer booked."


def _count(amount: int, noun: str) -> str:
    return f"1 {noun}" if amount == 1 else f"{amount} {noun}s"


_LINES = """
SELECT l.id, l.number, l.amount, l.balance, l.cause, l.lot_id, (k.lot->>'expires_at')::timestamptz AS expires_at,
    coalesce(k.lot->>'voucher_id' IS NOT NULL, false) AS set_aside, l.meeting_id, m.number AS meeting_number,
    m.local_date AS meeting_date, a.voucher_id IS NOT NULL AS guest, r.status, r.previous_status, l.posted_by,
    p.display_name AS posted_by_name, l.posted_at, coalesce(l.reason, r.reason) AS reason, l.reference,
    o.id AS other_class_id, o.name AS other_class_name
FROM credit_entries l
JOIN credit_accounts c ON c.id = l.enrollment_id
LEFT JOIN LATERAL (
    SELECT lot FROM jsonb_array_elements(c.lots) AS lot WHERE lot->>'id' = l.lot_id::text
) AS k ON true
LEFT JOIN meetings m ON m.id = l.meeting_id
LEFT JOIN attendances a ON a.meeting_id = l.meeting_id AND a.student_id = c.student_id
LEFT JOIN attendance_revisions r ON r.attendance_id = a.id AND r.revision = l.attendance_revision
LEFT JOIN people p ON p.id = l.posted_by
LEFT JOIN classes o ON o.id = coalesce(
    l.other_class_id, CASE WHEN a.voucher_id IS NULL THEN nullif(m.class_id, c.class_id) ELSE m.class_id END
)
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
