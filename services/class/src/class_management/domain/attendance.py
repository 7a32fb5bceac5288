"""Who was there: one mark per meeting and student, corrected by its own key for as long as anybody likes."""

from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import AggregateRoot, NewId
from class_management.domain.events import AttendanceMarked
from class_management.domain.values import (
    MEETING_PRICE,
    AttendanceStatus,
    ClassId,
    LotId,
    Mark,
    MeetingId,
    MeetingRegister,
    UserId,
    VoucherId,
)


@dataclass(kw_only=True)
class Attendance(AggregateRoot):
    """Whether a student was at a meeting, as it is known now; `revision` 0 is a blank line of the register.

    A guest has no seat in this class, and makes up for a meeting of their own. `lot_id` is the lot of credits that
    paid for the mark; without one, the meeting costs nothing or is owed. Earlier marks are in the history, an
    insert-only table with a line per `AttendanceMarked`.
    """

    class_id: ClassId
    meeting_id: MeetingId
    student_id: UserId
    voucher_id: VoucherId | None = None
    status: AttendanceStatus | None = None
    note: str | None = None
    lot_id: LotId | None = None
    revision: int = 0
    marked_by: UserId | None = None
    marked_at: datetime | None = None

    @classmethod
    def blank(cls, register: MeetingRegister, student_id: UserId, new_id: NewId) -> "Attendance":
        """The line of a student whom nobody has marked yet."""
        return cls(
            id=new_id(),
            class_id=register.class_id,
            meeting_id=register.meeting_id,
            student_id=student_id,
        )

    @property
    def guest(self) -> bool:
        """Whether the student has come with a voucher, and has no seat here."""
        return self.voucher_id is not None

    @property
    def price(self) -> int:
        """Credits this meeting costs the student, as marked."""
        return 0 if self.status is None else MEETING_PRICE[self.status]

    def says(self, entry: Mark) -> bool:
        """Whether an entry would change nothing."""
        return self.status == entry.status and entry.note in (None, self.note or "")

    def mark(
        self, register: MeetingRegister, entry: Mark, *, paid_from: LotId | None, by: UserId, now: datetime
    ) -> None:
        """Put the student down as present, late, absent or excused; a note stays until there is another."""
        previous, self.status = self.status, entry.status
        self.note = self.note if entry.note is None else entry.note or None
        self.lot_id = paid_from
        self.revision += 1
        self.marked_by, self.marked_at = by, now
        self.record(
            AttendanceMarked(
                attendance_id=self.id,
                class_id=self.class_id,
                course_id=register.course_id,
                meeting_id=self.meeting_id,
                student_id=self.student_id,
                status=entry.status,
                previous_status=previous,
                revision=self.revision,
                meeting_date=register.local_date,
                meeting_starts_at=register.starts_at,
                marked_by=by,
                marked_at=now,
                reason=entry.reason,
                note=self.note,
                guest=self.guest,
            )
        )
