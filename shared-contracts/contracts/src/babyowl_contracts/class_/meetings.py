"""The meetings of a class: when they are, what became of them, who teaches, and who was there."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from babyowl_contracts.event import Event

AttendanceStatus = Literal["present", "late", "absent", "excused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMeeting:
    """A meeting in the series; `number` counts from 1."""

    meeting_id: UUID
    number: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingAdded(Event, type="class.MeetingAdded.v1"):
    """A class has one more meeting: a private one met again, or one that was cancelled is replaced."""

    class_id: UUID
    course_id: UUID
    meeting: PlannedMeeting
    total_meetings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingMoved(Event, type="class.MeetingMoved.v1"):
    """A meeting is at another time.

    `sequence` grows with each change of the meeting, as SEQUENCE does in its calendar entry; the greatest counts.
    `meeting_date` is the day it is on now, in the class's own zone.
    """

    class_id: UUID
    course_id: UUID
    meeting: PlannedMeeting
    previous_starts_at: datetime
    sequence: int
    meeting_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCancelled(Event, type="class.MeetingCancelled.v1"):
    """A meeting does not take place; `total_meetings` counts those that do. `sequence` as in `MeetingMoved`."""

    class_id: UUID
    course_id: UUID
    meeting_id: UUID
    number: int
    starts_at: datetime
    total_meetings: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstituteAssigned(Event, type="class.SubstituteAssigned.v1"):
    """Somebody else than the class's instructor teaches a meeting; `substitute_id` None: no longer.

    `meeting_date` is the day of the meeting in the class's own zone.
    """

    class_id: UUID
    course_id: UUID
    meeting_id: UUID
    meeting_date: date
    instructor_id: UUID
    substitute_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayDeclared(Event, type="class.HolidayDeclared.v1"):
    """The academy is closed from the first to the last date, both included; dates of each class's own zone."""

    holiday_id: UUID
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayWithdrawn(Event, type="class.HolidayWithdrawn.v1"):
    """The academy is open on these dates after all."""

    holiday_id: UUID
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceMarked(Event, type="class.AttendanceMarked.v1"):
    """Somebody marked, or corrected, whether a student was there.

    `revision` starts at 1 and grows with each correction; whoever reacts keeps the greatest.
    `meeting_date` is the day of the meeting in the class's own zone. A `guest` has no seat in this class and
    made up for a meeting of their own here.
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
    guest: bool = False
