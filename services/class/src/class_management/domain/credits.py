"""Meeting credits: lots that may expire, what is owed, and the ledger that explains both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.credit_errors import (
    AdjustmentRefused,
    CreditsOwed,
    CreditsSetAside,
    GrantRefused,
    HandOverRefused,
    NoCreditLeft,
    PurchaseAlreadyRecorded,
    ReasonMissing,
    StudentHasLeft,
)
from class_management.domain.events import CreditPosted
from class_management.domain.lots import Lot, by_expiry
from class_management.domain.seats import Enrollment
from class_management.domain.values import (
    MEETING_PRICE,
    AttendanceStatus,
    ClassId,
    CreditCause,
    EnrollmentId,
    GrantOrigin,
    LotId,
    LotOrigin,
    MeetingId,
    UserId,
    VoucherId,
    ZeroBalance,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """What all lines have in common that one thing leads to; `by` is nobody where only time has passed."""

    cause: CreditCause
    at: datetime
    new_id: NewId
    by: UserId | None = None
    meeting_id: MeetingId | None = None
    attendance_revision: int | None = None
    reason: str | None = None
    reference: str | None = None
    other_class_id: ClassId | None = None


@dataclass(kw_only=True)
class CreditAccount(AggregateRoot):
    """The meetings an enrolment may still spend; it has the enrolment's id, and outlives the seat.

    The ledger is an insert-only table with a line per `CreditPosted`. Each line names its lot, or none if it is
    about what is owed: the lines of a lot sum to what remains of it, those of none to what is owed, and all of
    them to the balance. Nothing is owed while there is a credit to pay with. `entries` counts the lines; their
    times never go backwards. Whatever is done to an account, what has expired by then lapses first. Where its student
    was transferred, all lots have `gone_to` another account.
    """

    class_id: ClassId
    student_id: UserId
    zero_balance: ZeroBalance
    lots: list[Lot]
    owed: int
    entries: int
    last_entry_at: datetime
    closed_at: datetime | None = None
    gone_to: EnrollmentId | None = None

    @classmethod
    def open(
        cls, class_: Class, enrollment: Enrollment, *, expires_at: datetime | None = None, new_id: NewId
    ) -> "CreditAccount":
        """Grant the package that came with the seat; a seat without one waits for what is taken over."""
        account = cls(
            id=enrollment.id,
            class_id=class_.id,
            student_id=enrollment.student_id,
            zero_balance=class_.zero_balance,
            lots=[],
            owed=0,
            entries=0,
            last_entry_at=enrollment.enrolled_at,
        )
        if enrollment.credits > 0:
            act = _Act(cause="package", by=enrollment.enrolled_by, at=enrollment.enrolled_at, new_id=new_id)
            account._add(enrollment.credits, "package", act, expires_at=expires_at)
        return account

    @property
    def balance(self) -> int:
        """The sum of the ledger: all that remains, also if it is set aside, less what is owed."""
        return sum(lot.remaining for lot in self.lots) - self.owed

    @property
    def available(self) -> int:
        """The balance without what is set aside."""
        return sum(lot.remaining for lot in self.lots if not lot.is_set_aside) - self.owed

    @property
    def next_expiry_at(self) -> datetime | None:
        """When the next credits lapse, if nobody spends them before."""
        return min((lot.expires_at for lot in self.lots if lot.remaining and lot.expires_at), default=None)

    def charge_difference(
        self, attendance: Attendance, status: AttendanceStatus, *, by: UserId, now: datetime, new_id: NewId
    ) -> Result[LotId | None, NoCreditLeft]:
        """Settle what a meeting costs as `status` against what its mark has cost so far.

        Answers the lot that pays for the mark; None if nothing was paid, or if it is owed.
        """
        due = MEETING_PRICE[status] - attendance.price
        if due == 0:
            return Ok(attendance.lot_id)
        act = self._act_of_mark(attendance, by=by, now=now, new_id=new_id)
        if due > 0:
            return self._charge(act)
        self._give_back(attendance.lot_id, act)
        return Ok(None)

    def adjust(
        self,
        amount: int,
        *,
        reason: str,
        expires_at: datetime | None = None,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result["CreditAccount", AdjustmentRefused]:
        """Change the balance by hand; `amount` is signed. What is given may expire."""
        if refusal := policies.adjustment_is_possible(amount) or policies.expires_later(expires_at, now=now):
            return Err(refusal)
        if not reason:
            return Err(ReasonMissing())
        act = replace(self._begin("manual", by=by, now=now, new_id=new_id), reason=reason)
        if amount > 0:
            self._add(amount, "adjustment", act, expires_at=expires_at)
        elif no_credit := self._cannot_bear(-amount):
            return Err(no_credit)
        else:
            self._take(-amount, act)
        return Ok(self)

    def grant(
        self,
        amount: int,
        origin: GrantOrigin,
        *,
        reference: str | None = None,
        expires_at: datetime | None = None,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result[Lot, GrantRefused]:
        """Add a lot, and settle what is owed out of it; a purchase is known by its reference, and counts once."""
        if refusal := policies.grant_is_possible(amount) or policies.expires_later(expires_at, now=now):
            return Err(refusal)
        if self.closed_at is not None:
            return Err(StudentHasLeft(self.student_id, self.closed_at))
        if reference is not None and any(lot.reference == reference for lot in self.lots):
            return Err(PurchaseAlreadyRecorded(reference))
        act = replace(self._begin(origin, by=by, now=now, new_id=new_id), reference=reference)
        return Ok(self._add(amount, origin, act, expires_at=expires_at, reference=reference))

    def repackage(self, amount: int, *, by: UserId, now: datetime, new_id: NewId) -> Result[None, NoCreditLeft]:
        """Follow a package that was changed while the class was a draft; `amount` is the difference.

        Who has left, or came with credits of their own, has no package of this class.
        """
        package = next((lot for lot in self.lots if lot.origin == "package"), None)
        if amount == 0 or package is None or self.closed_at is not None:
            return Ok(None)
        act = self._begin("package", by=by, now=now, new_id=new_id)
        if amount > 0:
            self._post(package, amount, act)
            self._settle(act)
        elif no_credit := self._cannot_bear(-amount):
            return Err(no_credit)
        else:
            self._take(-amount, act, first=package)
        package.granted += amount
        return Ok(None)

    def follow(self, zero_balance: ZeroBalance) -> Result[None, CreditsOwed]:
        """Take on another policy of the class for a balance of zero."""
        if zero_balance == "refuse" and self.owed:
            return Err(CreditsOwed(self.student_id, self.owed))
        self.zero_balance = zero_balance
        return Ok(None)

    def lapse(self, *, now: datetime, new_id: NewId) -> None:
        """Let go of what has expired; each line is dated when it did."""
        at = max(now, self.last_entry_at)
        for lot in by_expiry(self.lots):
            if lot.remaining and lot.expires_at is not None and lot.expires_at <= at:
                self._post(lot, -lot.remaining, _Act(cause="expiry", at=lot.expires_at, new_id=new_id))

    def set_aside(
        self, voucher_id: VoucherId, expires_at: datetime | None = None, *, by: UserId, now: datetime, new_id: NewId
    ) -> Result[Lot, NoCreditLeft]:
        """Keep a credit for a make-up meeting; nothing else is paid with it. Set aside already, it stays so.

        None holds it until it is spent or released. Nobody owes for a seat as a guest.
        """
        act = self._begin("make_up", by=by, now=now, new_id=new_id)
        lot = self._of_voucher(voucher_id)
        if lot is not None and lot.remaining:
            return Ok(lot)
        source = self._soonest()
        if source is None:
            return Err(NoCreditLeft(self.student_id, self.available))
        if lot is None:
            lot = Lot(id=new_id(), origin="make_up", granted=1, granted_at=act.at, voucher_id=voucher_id)
            self.lots.append(lot)
        lot.expires_at, lot.taken_from = expires_at, source.id
        self._post(source, -1, act)
        self._post(lot, 1, act)
        return Ok(lot)

    def release(self, voucher_id: VoucherId, *, by: UserId | None, now: datetime, new_id: NewId) -> None:
        """Put a credit that was set aside back into its lot, where it lapses if that has expired meanwhile."""
        act = self._begin("make_up", by=by, now=now, new_id=new_id)
        lot = self._of_voucher(voucher_id)
        if lot is None or not lot.remaining:
            return
        source = next(each for each in self.lots if each.id == lot.taken_from)
        amount = lot.remaining
        self._post(lot, -amount, act)
        self._post(source, amount, act)
        self.lapse(now=now, new_id=new_id)
        self._settle(act)

    def spend_set_aside(
        self, voucher_id: VoucherId, attendance: Attendance, *, by: UserId, now: datetime, new_id: NewId
    ) -> Result[LotId | None, NoCreditLeft]:
        """Pay a guest's meeting with the credit set aside for it; has that lapsed, like any other meeting."""
        act = self._act_of_mark(attendance, by=by, now=now, new_id=new_id)
        lot = self._of_voucher(voucher_id)
        if lot is None or not lot.remaining:
            return self._charge(act)
        self._post(lot, -1, act)
        return Ok(lot.id)

    def unspend_set_aside(self, attendance: Attendance, *, by: UserId, now: datetime, new_id: NewId) -> None:
        """Give a guest's credit back to where the mark took it from: it is set aside again."""
        self._give_back(attendance.lot_id, self._act_of_mark(attendance, by=by, now=now, new_id=new_id))

    def hand_over(
        self, to_class_id: ClassId, *, by: UserId, now: datetime, new_id: NewId
    ) -> Result[list[Lot], HandOverRefused]:
        """Give all lots away, to an account in another class: spent ones too, since corrections go back there."""
        act = replace(self._begin("transfer", by=by, now=now, new_id=new_id), other_class_id=to_class_id)
        if self.owed:
            return Err(CreditsOwed(self.student_id, self.owed))
        if set_aside := sum(lot.remaining for lot in self.lots if lot.is_set_aside):
            return Err(CreditsSetAside(self.student_id, set_aside))
        given = [replace(lot) for lot in by_expiry(self.lots)]
        for lot in self.lots:
            if lot.remaining:
                self._post(lot, -lot.remaining, act)
        return Ok(given)

    def take_over(
        self, lots: Sequence[Lot], from_class_id: ClassId, *, by: UserId, now: datetime, new_id: NewId
    ) -> None:
        """Take in what an account in another class has handed over.

        A lot stays the same wherever it goes: it expires when it would have, corrections find it, it may come back.
        """
        act = replace(self._begin("transfer", by=by, now=now, new_id=new_id), other_class_id=from_class_id)
        known = {lot.id: lot for lot in self.lots}
        for lot in lots:
            own = known.get(lot.id)
            if own is None:
                origin: LotOrigin = "make_up" if lot.is_set_aside else "transfer"
                own = replace(lot, origin=origin, remaining=0, granted_at=act.at)
                self.lots.append(own)
            own.expires_at, own.taken_from = lot.expires_at, lot.taken_from
            if lot.remaining:
                self._post(own, lot.remaining, act)
        self._settle(act)

    def close(self, at: datetime, *, gone_to: EnrollmentId | None = None) -> None:
        """The student has left: earlier meetings can still be marked, and credits still lapse."""
        self.closed_at, self.gone_to = at, gone_to

    def reopen(self) -> None:
        """The student is back, and goes on with the same ledger."""
        self.closed_at = self.gone_to = None

    def _begin(self, cause: CreditCause, *, by: UserId | None, now: datetime, new_id: NewId) -> _Act:
        self.lapse(now=now, new_id=new_id)
        # Clocks of two replicas differ; the ledger must add up to every balance the account ever had.
        return _Act(cause=cause, by=by, at=max(now, self.last_entry_at), new_id=new_id)

    def _act_of_mark(self, attendance: Attendance, *, by: UserId, now: datetime, new_id: NewId) -> _Act:
        cause: CreditCause = "attendance" if attendance.status is None else "correction"
        return replace(
            self._begin(cause, by=by, now=now, new_id=new_id),
            meeting_id=attendance.meeting_id,
            attendance_revision=attendance.revision + 1,
        )

    def _charge(self, act: _Act) -> Result[LotId | None, NoCreditLeft]:
        """Pay a meeting, from the lot that is answered."""
        if no_credit := self._cannot_bear(1):
            return Err(no_credit)
        [lot_id] = self._take(1, act)
        return Ok(lot_id)

    def _cannot_bear(self, amount: int) -> NoCreditLeft | None:
        if self.zero_balance == "refuse" and self.available < amount:
            return NoCreditLeft(self.student_id, self.available)
        return None

    def _take(self, amount: int, act: _Act, *, first: Lot | None = None) -> list[LotId | None]:
        """Spend what expires soonest, and owe the rest; a line for each lot that had a part in it."""
        taken: list[LotId | None] = []
        lots = [lot for lot in by_expiry(self.lots) if lot.remaining and not lot.is_set_aside]
        for lot in sorted(lots, key=lambda lot: lot is not first):
            part = min(amount, lot.remaining)
            if part:
                self._post(lot, -part, act)
                taken.append(lot.id)
                amount -= part
        if amount:
            self._post(None, -amount, act)
            taken.append(None)
        return taken

    def _give_back(self, lot_id: LotId | None, act: _Act) -> None:
        """Undo a charge where it was made, as if it had never been; what has expired since lapses at once."""
        lot = next((lot for lot in self.lots if lot.id == lot_id), None)
        if lot is None and self.owed:
            self._post(None, 1, act)
        elif lot is None:
            self._add(1, "adjustment", act)  # it was owed, and a later grant has settled it
        else:
            self._post(lot, 1, act)
            self.lapse(now=act.at, new_id=act.new_id)
            self._settle(act)

    def _add(
        self,
        amount: int,
        origin: LotOrigin,
        act: _Act,
        *,
        expires_at: datetime | None = None,
        reference: str | None = None,
    ) -> Lot:
        lot = Lot(
            id=act.new_id(),
            origin=origin,
            granted=amount,
            granted_at=act.at,
            expires_at=expires_at,
            reference=reference,
        )
        self.lots.append(lot)
        self._post(lot, amount, act)
        self._settle(act)
        return lot

    def _settle(self, act: _Act) -> None:
        """Pay what is owed with what has come in."""
        settlement = _Act(cause="settlement", by=act.by, at=act.at, new_id=act.new_id)
        while self.owed and (lot := self._soonest()) is not None:
            part = min(self.owed, lot.remaining)
            self._post(lot, -part, settlement)
            self._post(None, part, settlement)

    def _soonest(self) -> Lot | None:
        return next((lot for lot in by_expiry(self.lots) if lot.remaining and not lot.is_set_aside), None)

    def _of_voucher(self, voucher_id: VoucherId) -> Lot | None:
        return next((lot for lot in self.lots if lot.voucher_id == voucher_id), None)

    def _post(self, lot: Lot | None, amount: int, act: _Act) -> None:
        if lot is None:
            self.owed -= amount
        else:
            lot.remaining += amount
        self.entries += 1
        self.last_entry_at = max(act.at, self.last_entry_at)
        self.record(
            CreditPosted(
                entry_id=act.new_id(),
                enrollment_id=self.id,
                class_id=self.class_id,
                student_id=self.student_id,
                number=self.entries,
                amount=amount,
                balance=self.balance,
                cause=act.cause,
                lot_id=None if lot is None else lot.id,
                expires_at=None if lot is None else lot.expires_at,
                meeting_id=act.meeting_id,
                attendance_revision=act.attendance_revision,
                posted_by=act.by,
                posted_at=self.last_entry_at,
                reason=act.reason,
                reference=act.reference,
                other_class_id=act.other_class_id,
            )
        )
