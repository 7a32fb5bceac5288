"""What Class tells the others: seats, meetings, attendance, credits, unlocked lessons."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from babyowl_contracts.event import Event

ClassType = Literal["group", "private"]
AttendanceStatus = Literal["present", "late", "absent", "excused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMeeting:
    """A meeting in the series; `number` counts from 1."""

    meeting_id: UUID
    number: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCreated(Event, type="class.ClassCreated.v1"):
    """A class of a course is planned. `time_zone` is the IANA zone its wall times are kept in."""

    class_id: UUID
    course_id: UUID
    instructor_id: UUID
    class_type: ClassType
    capacity: int
    total_meetings: int
    time_zone: str
    meetings: tuple[PlannedMeeting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassEdited(Event, type="class.ClassEdited.v1"):
    """A class has other seats, or as a draft another number of meetings; all that it has now.

    The latest counts: the one with the greatest `aggregateseq` of its envelope.
    """

    class_id: UUID
    course_id: UUID
    capacity: int
    total_meetings: int
    meetings: tuple[PlannedMeeting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassActivated(Event, type="class.ClassActivated.v1"):
    """The class runs; a group class takes no further students."""

    class_id: UUID
    course_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingAdded(Event, type="class.MeetingAdded.v1"):
    """A private class has one more meeting."""

    class_id: UUID
    course_id: UUID
    meeting: PlannedMeeting
    total_meetings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentEnrolled(Event, type="class.StudentEnrolled.v1"):
    """A student has a seat, and `credits` meetings to spend."""

    class_id: UUID
    course_id: UUID
    student_id: UUID
    enrollment_id: UUID
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceMarked(Event, type="class.AttendanceMarked.v1"):
    """Somebody marked, or corrected, whether a student was there.

    `revision` starts at 1 and grows with each correction; whoever reacts keeps the greatest.
    `meeting_date` is the day of the meeting in the class's own zone.
    """

    class_id: UUID
    course_id: UUID
    meeting_id: UUID
    student_id: UUID
    status: AttendanceStatus
    previous_status: AttendanceStatus | None
    revision: int
    meeting_date: date
    meeting_starts_at: datetime
    marked_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDeducted(Event, type="class.CreditDeducted.v1"):
    """A meeting was attended and paid with a credit; `balance` is what is left."""

    class_id: UUID
    student_id: UUID
    entry_id: UUID
    meeting_id: UUID
    amount: int
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAdjusted(Event, type="class.CreditAdjusted.v1"):
    """Credits were given back or changed by hand; `amount` is signed, `balance` is what is left."""

    class_id: UUID
    student_id: UUID
    entry_id: UUID
    meeting_id: UUID | None
    cause: Literal["correction", "manual"]
    amount: int
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonUnlocked(Event, type="class.LessonUnlocked.v1"):
    """Lessons are open to the whole class, or to one student of it."""

    class_id: UUID
    course_id: UUID
    lesson_ids: tuple[UUID, ...]
    student_id: UUID | None
    unlocked_by: UUID
