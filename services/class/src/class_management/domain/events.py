"""What happens in the Class context, in its own words; publishing turns it into contracts."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from babyowl_kernel import DomainEvent
from class_management.domain.schedule import Meeting
from class_management.domain.values import (
    AttendanceStatus,
    CancelledBy,
    ClassId,
    ClassType,
    CourseId,
    CreditCause,
    CreditsLeft,
    EnrollmentId,
    FeedId,
    HolidayId,
    LessonId,
    LotId,
    MeetingId,
    OfferOutcome,
    Tally,
    UserId,
    VoucherId,
    VoucherOutcome,
    WaitingEnd,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPlanned(DomainEvent):
    """A class of a course is planned, its whole series of meetings ahead."""

    class_id: ClassId
    course_id: CourseId
    instructor_id: UserId
    type: ClassType
    capacity: int
    time_zone: str
    meetings: tuple[Meeting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassEdited(DomainEvent):
    """The terms of a class changed; `meetings` is the whole series as it is now."""

    class_id: ClassId
    course_id: CourseId
    instructor_id: UserId
    capacity: int
    meetings: tuple[Meeting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassActivated(DomainEvent):
    """The class runs."""

    class_id: ClassId
    course_id: CourseId


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingAdded(DomainEvent):
    """A class meets once more: a private one for its own sake, a group instead of a meeting that was cancelled."""

    class_id: ClassId
    course_id: CourseId
    meeting: Meeting
    total_meetings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingMoved(DomainEvent):
    """A meeting takes place at another time than before."""

    class_id: ClassId
    course_id: CourseId
    meeting: Meeting
    previous_starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCancelled(DomainEvent):
    """A meeting does not take place; `total_meetings` counts those that do."""

    class_id: ClassId
    course_id: CourseId
    meeting: Meeting
    total_meetings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEnded(DomainEvent):
    """The meetings ahead are cancelled with their class, whose own end others hear of."""

    class_id: ClassId
    cancelled: tuple[MeetingId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstituteAssigned(DomainEvent):
    """A meeting is taught by a substitute, or again by the instructor of the class."""

    class_id: ClassId
    course_id: CourseId
    instructor_id: UserId
    meeting: Meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayDeclared(DomainEvent):
    """The academy is closed on these dates, both included."""

    holiday_id: HolidayId
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayWithdrawn(DomainEvent):
    """The academy is open on these dates after all."""

    holiday_id: HolidayId
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCompleted(DomainEvent):
    """The class has had its meetings; `credits_left` is by student, below zero where somebody owes."""

    class_id: ClassId
    course_id: CourseId
    instructor_id: UserId
    completed_at: datetime
    meetings_planned: int
    tally: Tally
    credits_left: tuple[CreditsLeft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCancelled(DomainEvent):
    """The class does not take place, or not any longer."""

    class_id: ClassId
    course_id: CourseId


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentEnrolled(DomainEvent):
    """A student has a seat, and `credits` meetings to spend: the package, or what their account holds already.

    Also the line of the enrolment's history; `number` counts them from 1.
    """

    class_id: ClassId
    course_id: CourseId
    student_id: UserId
    enrollment_id: EnrollmentId
    credits: int
    resumed: bool
    transferred_from: ClassId | None
    number: int
    enrolled_by: UserId
    enrolled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentWithdrawn(DomainEvent):
    """A student has given a seat up, for one in another class if that is named; also the line of its history."""

    class_id: ClassId
    course_id: CourseId
    student_id: UserId
    enrollment_id: EnrollmentId
    credits_left: int
    to_class_id: ClassId | None
    number: int
    withdrawn_by: UserId
    withdrawn_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListJoined(DomainEvent):
    """A student waits for a seat; `position` counts from 1."""

    class_id: ClassId
    course_id: CourseId
    student_id: UserId
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListLeft(DomainEvent):
    """A student waits no longer."""

    class_id: ClassId
    student_id: UserId
    reason: WaitingEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatOffered(DomainEvent):
    """A free seat is kept for a student who has waited for it."""

    class_id: ClassId
    course_id: CourseId
    student_id: UserId
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatOfferEnded(DomainEvent):
    """The seat is not kept any longer."""

    class_id: ClassId
    student_id: UserId
    outcome: OfferOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonsUnlocked(DomainEvent):
    """Lessons that were locked are open: to the whole class, or to one student."""

    class_id: ClassId
    course_id: CourseId
    lesson_ids: tuple[LessonId, ...]
    student_id: UserId | None
    unlocked_by: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonsLocked(DomainEvent):
    """Lessons that were open are locked again: to the whole class, or to one student."""

    class_id: ClassId
    course_id: CourseId
    lesson_ids: tuple[LessonId, ...]
    student_id: UserId | None
    locked_by: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceMarked(DomainEvent):
    """A student was marked for a meeting, or the mark was corrected; also the line of the history."""

    attendance_id: UUID
    class_id: ClassId
    course_id: CourseId
    meeting_id: MeetingId
    student_id: UserId
    status: AttendanceStatus
    previous_status: AttendanceStatus | None
    revision: int
    meeting_date: date
    meeting_starts_at: datetime
    marked_by: UserId
    marked_at: datetime
    reason: str | None
    note: str | None
    guest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPosted(DomainEvent):
    """A line of the ledger: `amount` is signed, `balance` is what it left, `number` counts from 1.

    `expires_at` is its lot's. Nobody has posted what lapsed by itself.
    """

    entry_id: UUID
    enrollment_id: EnrollmentId
    class_id: ClassId
    student_id: UserId
    number: int
    amount: int
    balance: int
    cause: CreditCause
    lot_id: LotId | None
    expires_at: datetime | None
    meeting_id: MeetingId | None
    attendance_revision: int | None
    posted_by: UserId | None
    posted_at: datetime
    reason: str | None
    reference: str | None
    other_class_id: ClassId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherIssued(DomainEvent):
    """A student may make up for a meeting they were excused from; told again when the voucher is good again."""

    voucher_id: VoucherId
    class_id: ClassId
    course_id: CourseId
    student_id: UserId
    meeting_id: MeetingId
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherEnded(DomainEvent):
    """A voucher is good for nothing any more."""

    voucher_id: VoucherId
    class_id: ClassId
    student_id: UserId
    outcome: VoucherOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUpBooked(DomainEvent):
    """A student comes as a guest to a meeting of another class, the host."""

    voucher_id: VoucherId
    class_id: ClassId
    host_class_id: ClassId
    meeting_id: MeetingId
    student_id: UserId
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUpCancelled(DomainEvent):
    """A guest does not come, by the wish of the student or the office, or because of a class."""

    voucher_id: VoucherId
    class_id: ClassId
    host_class_id: ClassId
    meeting_id: MeetingId
    student_id: UserId
    by: CancelledBy


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFeedOpened(DomainEvent):
    """Somebody has a link to their calendar, or to that of a class. The link itself stands nowhere."""

    feed_id: FeedId
    owner_id: UserId
    class_id: ClassId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFeedRenewed(DomainEvent):
    """Another link leads to the calendar; the one before leads nowhere."""

    feed_id: FeedId
    owner_id: UserId
    class_id: ClassId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFeedRevoked(DomainEvent):
    """No link leads to the calendar any more."""

    feed_id: FeedId
    owner_id: UserId
    class_id: ClassId | None
