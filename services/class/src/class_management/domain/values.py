"""The words of the Class context, and its numbers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID

ClassId: TypeAlias = UUID
CourseId: TypeAlias = UUID
LessonId: TypeAlias = UUID
MeetingId: TypeAlias = UUID
HolidayId: TypeAlias = UUID
EnrollmentId: TypeAlias = UUID
FeedId: TypeAlias = UUID
LotId: TypeAlias = UUID
UserId: TypeAlias = UUID
VoucherId: TypeAlias = UUID

ClassType: TypeAlias = Literal["group", "private"]
EnrollmentStatus: TypeAlias = Literal["enrolled", "withdrawn", "transferred"]
SeatChange: TypeAlias = Literal["enrolled", "resumed", "withdrawn", "transferred"]
WaitingEnd: TypeAlias = Literal["left", "lapsed", "enrolled", "closed"]
OfferOutcome: TypeAlias = Literal["accepted", "declined", "lapsed", "withdrawn"]
ClassStatus: TypeAlias = Literal["draft", "active", "completed", "cancelled"]
MeetingStatus: TypeAlias = Literal["planned", "cancelled"]
AttendanceStatus: TypeAlias = Literal["present", "late", "absent", "excused"]
VoucherOutcome: TypeAlias = Literal["used", "missed", "revoked", "expired"]
VoucherStatus: TypeAlias = Literal["open", "booked", "used", "missed", "revoked", "expired"]
MakeUpOutcome: TypeAlias = Literal["used", "missed"]
CancelledBy: TypeAlias = Literal["student", "office", "class"]
CreditCause: TypeAlias = Literal[
    "package", "purchase", "manual", "attendance", "correction", "make_up", "settlement", "expiry", "transfer"
]
LotOrigin: TypeAlias = Literal["package", "purchase", "adjustment", "make_up", "transfer"]
GrantOrigin: TypeAlias = Literal["package", "purchase"]

ZeroBalance: TypeAlias = Literal["refuse", "owe"]
"""What a class does when a student without credits attends: refuse the mark, or let the student owe."""

MAX_CAPACITY: Final = 100
MAX_WAITING: Final = 100
MAX_PACKAGE: Final = 200
MAX_MEETINGS: Final = 1_000
MAX_ADJUSTMENT: Final = 1_000
SHORTEST_MEETING: Final = timedelta(minutes=15)
LONGEST_MEETING: Final = timedelta(hours=8)
LONGEST_HOLIDAY: Final = timedelta(days=92)

MARKING_OPENS_BEFORE_START: Final = timedelta(minutes=15)
"""Children arrive early, and so does the register; earlier than this a meeting is in the future."""

STANDING_IN_ENDS_AFTER: Final = timedelta(days=7)
"""So long after a meeting whoever taught it, and not the class, keeps its register and sees the class."""

PLANNABLE_PAST: Final = timedelta(days=90)
"""Classes that already run somewhere else are moved in with the meetings they have had."""

PLANNABLE_FUTURE: Final = timedelta(days=730)

MEETING_PRICE: Final[dict[AttendanceStatus, int]] = {"present": 1, "late": 1, "absent": 0, "excused": 0}
"""Credits that a meeting costs whom it is marked for: at most one, so that a single lot pays for it."""


DEFAULT_EXCUSE_DEADLINE: Final = timedelta(hours=2)
"""So long before a meeting its students may excuse themselves, unless their class says otherwise."""

DEFAULT_MAKE_UP_DAYS: Final = 60
DEFAULT_OFFER_HOURS: Final = 48

MAX_EXCUSE_DEADLINE_MINUTES: Final = 14 * 24 * 60
MAX_MAKE_UP_DAYS: Final = 365
MAX_CREDIT_DAYS: Final = 3 * 365
MAX_OFFER_HOURS: Final = 14 * 24

SECOND_CHANCE: Final = timedelta(days=14)
"""A voucher that comes back without the student's doing is good for so long at least."""

UNMARKED_GUEST_MISSED_AFTER: Final = timedelta(days=14)
"""A guest whom nobody has marked so long after the meeting has missed it, until somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Person:
    """What Class needs to know about somebody whom Identity knows."""

    id: UserId
    role: str
    status: str

    @property
    def is_deactivated(self) -> bool:
        """Whether the account is closed for now."""
        return self.status == "deactivated"


@dataclass(frozen=True, slots=True)
class MeetingRegister:
    """A meeting as whoever takes attendance sees it, with what they need to know of its class.

    None of it changes by marking, so marking reads it and leaves the class alone. `taught_by` is the class's
    instructor, or who stands in for them at this meeting.
    """

    class_id: ClassId
    course_id: CourseId
    instructor_id: UserId
    class_status: ClassStatus
    make_up_days: int | None
    excuse_deadline: timedelta
    meeting_id: MeetingId
    meeting_status: MeetingStatus
    taught_by: UserId
    local_date: date
    starts_at: datetime
    ends_at: datetime
    expects_guests: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry of a register: what somebody says about one student, and why.

    `note` is about the meeting ("left early") and stays with the mark; None leaves the one that is there, and an
    empty one removes it. `reason` is about the entry ("mixed up with Lea") and stands in the history only.
    """

    student_id: UserId
    status: AttendanceStatus
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What the registers of a class add up to.

    A meeting was held if somebody was present, late or absent; `attended` of the `marked` are present or late.
    """

    meetings_held: int
    attended: int
    marked: int


@dataclass(frozen=True, slots=True)
class CreditsLeft:
    """What a student had not spent when the class ended."""

    student_id: UserId
    enrollment_id: EnrollmentId
    credits: int
