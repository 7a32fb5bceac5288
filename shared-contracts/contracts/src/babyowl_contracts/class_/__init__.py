"""What Class tells the others: classes, seats, meetings, attendance, credits, make-ups, unlocked lessons."""

from babyowl_contracts.class_.classes import (
    ClassActivated,
    ClassCancelled,
    ClassCompleted,
    ClassCreated,
    ClassEdited,
    ClassType,
    CreditsLeft,
)
from babyowl_contracts.class_.credits import CreditAdjusted, CreditDeducted, CreditsExpired, CreditsGranted
from babyowl_contracts.class_.lessons import LessonLocked, LessonUnlocked
from babyowl_contracts.class_.make_ups import (
    MakeUpBooked,
    MakeUpCancelled,
    MakeUpVoucherEnded,
    MakeUpVoucherIssued,
)
from babyowl_contracts.class_.meetings import (
    AttendanceMarked,
    AttendanceStatus,
    HolidayDeclared,
    HolidayWithdrawn,
    MeetingAdded,
    MeetingCancelled,
    MeetingMoved,
    PlannedMeeting,
    SubstituteAssigned,
)
from babyowl_contracts.class_.seats import (
    SeatOffered,
    SeatOfferEnded,
    StudentEnrolled,
    StudentWithdrawn,
    WaitingListJoined,
    WaitingListLeft,
)

__all__ = [
    "AttendanceMarked",
    "AttendanceStatus",
    "ClassActivated",
    "ClassCancelled",
    "ClassCompleted",
    "ClassCreated",
    "ClassEdited",
    "ClassType",
    "CreditAdjusted",
    "CreditDeducted",
    "CreditsExpired",
    "CreditsGranted",
    "CreditsLeft",
    "HolidayDeclared",
    "HolidayWithdrawn",
    "LessonLocked",
    "LessonUnlocked",
    "MakeUpBooked",
    "MakeUpCancelled",
    "MakeUpVoucherEnded",
    "MakeUpVoucherIssued",
    "MeetingAdded",
    "MeetingCancelled",
    "MeetingMoved",
    "PlannedMeeting",
    "SeatOfferEnded",
    "SeatOffered",
    "StudentEnrolled",
    "StudentWithdrawn",
    "SubstituteAssigned",
    "WaitingListJoined",
    "WaitingListLeft",
]
