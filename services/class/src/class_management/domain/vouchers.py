"""Vouchers for make-up meetings: who was excused may be a guest elsewhere, once, until the voucher expires."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain.events import MakeUpBooked, MakeUpCancelled, VoucherEnded, VoucherIssued
from class_management.domain.make_up_errors import (
    BookingNotFound,
    MakeUpBegun,
    MeetingAfterExpiry,
    VoucherExpired,
    VoucherNotOpen,
)
from class_management.domain.values import (
    SECOND_CHANCE,
    UNMARKED_GUEST_MISSED_AFTER,
    AttendanceStatus,
    CancelledBy,
    ClassId,
    CourseId,
    EnrollmentId,
    MakeUpOutcome,
    MeetingId,
    UserId,
    VoucherOutcome,
    VoucherStatus,
)


@dataclass(frozen=True, slots=True)
class Booking:
    """A guest's place at a meeting of another class, the host; without an outcome until the register tells."""

    class_id: ClassId
    meeting_id: MeetingId
    starts_at: datetime
    ends_at: datetime
    booked_by: UserId
    booked_at: datetime
    outcome: MakeUpOutcome | None = None


@dataclass(kw_only=True)
class Voucher(AggregateRoot):
    """The right to make up for one excused absence; `class_id` is the class the student has a seat in.

    What it is good for follows from three facts that change one by one, and may be corrected in any order: whether
    the absence is still `excused`, the `booking`, and whether its time has run out (`lapsed_at`).
    """

    attendance_id: UUID
    enrollment_id: EnrollmentId
    class_id: ClassId
    course_id: CourseId
    student_id: UserId
    meeting_id: MeetingId
    issued_at: datetime
    expires_at: datetime
    excused: bool = True
    booking: Booking | None = None
    lapsed_at: datetime | None = None

    @classmethod
    def issue(
        cls,
        *,
        attendance_id: UUID,
        enrollment_id: EnrollmentId,
        class_id: ClassId,
        course_id: CourseId,
        student_id: UserId,
        meeting_id: MeetingId,
        expires_at: datetime,
        now: datetime,
        new_id: NewId,
    ) -> "Voucher":
        """Make up for the meeting that the student was excused from."""
        voucher = cls(
            id=new_id(),
            attendance_id=attendance_id,
            enrollment_id=enrollment_id,
            class_id=class_id,
            course_id=course_id,
            student_id=student_id,
            meeting_id=meeting_id,
            issued_at=now,
            expires_at=expires_at,
        )
        voucher._tell_of_issue()
        return voucher

    @property
    def status(self) -> VoucherStatus:
        """What the facts add up to; an open voucher may have run out without anybody having noted it yet."""
        if self.booking is not None:
            return self.booking.outcome or "booked"
        if not self.excused:
            return "revoked"
        return "open" if self.lapsed_at is None else "expired"

    def status_at(self, now: datetime) -> VoucherStatus:
        """What it is good for at a moment, whether or not the lapse has been noted."""
        return "expired" if self.status == "open" and now >= self.expires_at else self.status

    def awaits(self, meeting_id: MeetingId) -> bool:
        """Whether its student is expected at this meeting, or was there."""
        return self.booking is not None and self.booking.meeting_id == meeting_id

    def book(
        self,
        class_id: ClassId,
        meeting_id: MeetingId,
        starts_at: datetime,
        ends_at: datetime,
        *,
        by: UserId,
        now: datetime,
    ) -> Result[Booking, VoucherNotOpen | VoucherExpired | MeetingAfterExpiry]:
        """Come to a meeting of another class, which starts before the voucher expires."""
        status = self.status_at(now)
        if status == "expired":
            return Err(VoucherExpired(self.expires_at))
        if status != "open":
            return Err(VoucherNotOpen(status))
        if starts_at >= self.expires_at:
            return Err(MeetingAfterExpiry(self.expires_at))
        self.booking = Booking(class_id, meeting_id, starts_at, ends_at, booked_by=by, booked_at=now)
        self.record(
            MakeUpBooked(
                voucher_id=self.id,
                class_id=self.class_id,
                host_class_id=class_id,
                meeting_id=meeting_id,
                student_id=self.student_id,
                starts_at=starts_at,
            )
        )
        return Ok(self.booking)

    def cancel(
        self, *, by: CancelledBy, now: datetime
    ) -> Result[Booking, BookingNotFound | VoucherNotOpen | MakeUpBegun]:
        """Give the place back before the meeting begins; the voucher is good for another one."""
        if self.booking is None:
            return Err(BookingNotFound(self.id))
        if self.booking.outcome is not None:
            return Err(VoucherNotOpen(self.booking.outcome))
        if now >= self.booking.starts_at:
            return Err(MakeUpBegun(self.booking.starts_at))
        return Ok(self._give_back(self.booking, by))

    def undo(self, *, now: datetime) -> Booking | None:
        """Take the place back whose meeting is no more, or not what was booked; None if nothing waits for its mark.

        The student could not help it, and gets some days more where few are left.
        """
        if self.booking is None or self.booking.outcome is not None:
            return None
        given_back = self._give_back(self.booking, "class")
        self._be_good_again(now)
        return given_back

    def revoke(self, *, now: datetime) -> Booking | None:
        """The absence is no longer excused: the right ends, and with it a booking that lies ahead.

        What has begun is left to the register of the host. Answers the booking that was given up.
        """
        if not self.excused:
            return None
        given_back = None
        if self.booking is not None and self.booking.outcome is None and now < self.booking.starts_at:
            given_back = self._give_back(self.booking, "class")
        was_good = self.status == "open"
        self.excused = False
        if was_good:
            self._tell_of_end("revoked")
        return given_back

    def excuse_again(self) -> None:
        """The absence is excused once more: the right stands again, as long as it would have."""
        if self.excused:
            return
        self.excused = True
        if self.status == "open":
            self._tell_of_issue()

    def settle(self, booking: Booking, status: AttendanceStatus, *, now: datetime) -> None:
        """Follow the guest's mark at the host's meeting, and any correction of it.

        Being there uses the voucher, staying away misses it, and being excused opens it again. A correction finds
        no booking if the guest was excused at first: then `booking` is what stands. A mark of a meeting whose
        voucher has gone elsewhere since changes nothing here.
        """
        current = self.booking or booking
        if current.meeting_id != booking.meeting_id:
            return
        if status == "excused":
            if self.booking is not None:
                self.booking = None
                self._be_good_again(now)
            return
        outcome: MakeUpOutcome = "used" if status in ("present", "late") else "missed"
        if self.booking is None or self.booking.outcome != outcome:
            self.booking = replace(current, outcome=outcome)
            self._tell_of_end(outcome)

    def miss(self, *, now: datetime) -> Booking | None:
        """Nobody has marked the guest for so long that nobody will: the place counts as missed.

        Marking the guest later is a correction like any other. Answers the booking if this changed it.
        """
        booking = self.booking
        if booking is None or booking.outcome is not None or now < booking.ends_at + UNMARKED_GUEST_MISSED_AFTER:
            return None
        self.booking = replace(booking, outcome="missed")
        self._tell_of_end("missed")
        return self.booking

    def lapse(self, *, now: datetime) -> bool:
        """Note that the time has run out; False if it has not, or if that is known."""
        if self.status != "open" or now < self.expires_at:
            return False
        self.lapsed_at = now
        self._tell_of_end("expired")
        return True

    def follow(self, class_id: ClassId, course_id: CourseId, enrollment_id: EnrollmentId) -> None:
        """Go along with a student who is transferred to another class."""
        self.class_id, self.course_id, self.enrollment_id = class_id, course_id, enrollment_id
        if self.status == "open":
            self._tell_of_issue()

    def _give_back(self, booking: Booking, by: CancelledBy) -> Booking:
        self.booking = None
        self.record(
            MakeUpCancelled(
                voucher_id=self.id,
                class_id=self.class_id,
                host_class_id=booking.class_id,
                meeting_id=booking.meeting_id,
                student_id=self.student_id,
                by=by,
            )
        )
        return booking

    def _be_good_again(self, now: datetime) -> None:
        if not self.excused:
            self._tell_of_end("revoked")
            return
        self.lapsed_at, self.expires_at = None, max(self.expires_at, now + SECOND_CHANCE)
        self._tell_of_issue()

    def _tell_of_issue(self) -> None:
        self.record(
            VoucherIssued(
                voucher_id=self.id,
                class_id=self.class_id,
                course_id=self.course_id,
                student_id=self.student_id,
                meeting_id=self.meeting_id,
                expires_at=self.expires_at,
            )
        )

    def _tell_of_end(self, outcome: VoucherOutcome) -> None:
        self.record(
            VoucherEnded(voucher_id=self.id, class_id=self.class_id, student_id=self.student_id, outcome=outcome)
        )


def expires_at(meeting_starts_at: datetime, make_up_days: int | None, *, now: datetime) -> datetime | None:
    """When the voucher for an absence from this meeting expires; None if the class gives none, or it would have."""
    if make_up_days is None:
        return None
    moment = meeting_starts_at + timedelta(days=make_up_days)
    return moment if moment > now else None
