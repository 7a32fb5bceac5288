"""Meeting credits: a balance that is carried, and a ledger that explains it."""

from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class, Enrollment
from class_management.domain.errors import (
    AdjustmentOfNothing,
    AdjustmentRefused,
    AdjustmentTooLarge,
    NoCreditLeft,
    ReasonMissing,
)
from class_management.domain.events import CreditPosted
from class_management.domain.values import (
    MAX_ADJUSTMENT,
    MEETING_PRICE,
    AttendanceStatus,
    ClassId,
    CreditCause,
    MeetingId,
    UserId,
    ZeroBalance,
)


@dataclass(kw_only=True)
class CreditAccount(AggregateRoot):
    """The meetings an enrolment may still spend; it has the enrolment's id.

    `balance` is the sum of the ledger, an insert-only table with a line per `CreditPosted`. It goes below zero
    only where the class's policy is `owe`. `entries` counts the lines; their times never go backwards.
    """

    class_id: ClassId
    student_id: UserId
    zero_balance: ZeroBalance
    balance: int
    entries: int
    last_entry_at: datetime

    @classmethod
    def open(cls, class_: Class, enrollment: Enrollment, *, new_id: NewId) -> "CreditAccount":
        """Grant the package that came with the seat."""
        account = cls(
            id=enrollment.id,
            class_id=class_.id,
            student_id=enrollment.student_id,
            zero_balance=class_.zero_balance,
            balance=0,
            entries=0,
            last_entry_at=enrollment.enrolled_at,
        )
        account._post(
            enrollment.credits, "package", by=enrollment.enrolled_by, now=enrollment.enrolled_at, new_id=new_id
        )
        return account

    def charge_difference(
        self,
        attendance: Attendance,
        status: AttendanceStatus,
        *,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result[None, NoCreditLeft]:
        """Settle what a meeting costs as `status` against what its mark has cost so far."""
        amount = attendance.price - MEETING_PRICE[status]
        if amount == 0:
            return Ok(None)
        if refusal := self._cannot_bear(amount):
            return Err(refusal)
        self._post(
            amount,
            "attendance" if attendance.status is None else "correction",
            by=by,
            now=now,
            new_id=new_id,
            meeting_id=attendance.meeting_id,
            attendance_revision=attendance.revision + 1,
        )
        return Ok(None)

    def adjust(
        self, amount: int, *, reason: str, by: UserId, now: datetime, new_id: NewId
    ) -> Result["CreditAccount", AdjustmentRefused]:
        """Change the balance by hand; `amount` is signed."""
        if amount == 0:
            return Err(AdjustmentOfNothing())
        if abs(amount) > MAX_ADJUSTMENT:
            return Err(AdjustmentTooLarge(MAX_ADJUSTMENT))
        if not reason:
            return Err(ReasonMissing())
        if refusal := self._cannot_bear(amount):
            return Err(refusal)
        self._post(amount, "manual", by=by, now=now, new_id=new_id, reason=reason)
        return Ok(self)

    def repackage(self, amount: int, *, by: UserId, now: datetime, new_id: NewId) -> Result[None, NoCreditLeft]:
        """Follow a package that was changed while the class was a draft; `amount` is the difference."""
        if amount == 0:
            return Ok(None)
        if refusal := self._cannot_bear(amount):
            return Err(refusal)
        self._post(amount, "package", by=by, now=now, new_id=new_id)
        return Ok(None)

    def _cannot_bear(self, amount: int) -> NoCreditLeft | None:
        if amount < 0 and self.balance + amount < 0 and self.zero_balance == "refuse":
            return NoCreditLeft(self.student_id, self.balance)
        return None

    def _post(
        self,
        amount: int,
        cause: CreditCause,
        *,
        by: UserId,
        now: datetime,
        new_id: NewId,
        meeting_id: MeetingId | None = None,
        attendance_revision: int | None = None,
        reason: str | None = None,
    ) -> None:
        # Clocks of two replicas differ; the ledger must add up to every balance the account ever had.
        posted_at = max(now, self.last_entry_at)
        self.balance += amount
        self.entries += 1
        self.last_entry_at = posted_at
        self.record(
            CreditPosted(
                entry_id=new_id(),
                enrollment_id=self.id,
                class_id=self.class_id,
                student_id=self.student_id,
                number=self.entries,
                amount=amount,
                balance=self.balance,
                cause=cause,
                meeting_id=meeting_id,
                attendance_revision=attendance_revision,
                posted_by=by,
                posted_at=posted_at,
                reason=reason,
            )
        )
