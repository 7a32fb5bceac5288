"""What the rules of the timetable say no to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from babyowl_kernel import Conflict, Invalid, NotFound
from class_management.domain.errors import (
    ClassOver,
    DateOutOfReach,
    DurationOutOfRange,
    MeetingIsOff,
    MeetingNotFound,
    ScheduleRefused,
    TooManyMeetings,
)
from class_management.domain.values import ClassId, HolidayId, MeetingId, UserId


@dataclass(frozen=True, slots=True)
class InstructorDoubleBooked(Conflict):
    """Names the meeting in the way; it has no name only if it came about at the very same moment."""

    instructor_id: UserId | None = None
    class_id: ClassId | None = None
    meeting_id: MeetingId | None = None
    starts_at: datetime | None = None

    @property
    def reason(self) -> str:
        when = "at that time" if self.starts_at is None else f"at {self.starts_at:%Y-%m-%d %H:%M} UTC"
        return f"The instructor teaches another meeting {when}."


@dataclass(frozen=True, slots=True)
class MeetingsOverlap(Conflict):
    meeting_id: MeetingId
    number: int

    @property
    def reason(self) -> str:
        return f"The class has its meeting {self.number} at that time."


@dataclass(frozen=True, slots=True)
class MeetingAlreadyMarked(Conflict):
    meeting_id: MeetingId

    @property
    def reason(self) -> str:
        return "Attendance has been taken for this meeting, so it stays where it is."


@dataclass(frozen=True, slots=True)
class AcademyClosed(Conflict):
    day: date

    @property
    def reason(self) -> str:
        return f"The academy is closed on {self.day}."


@dataclass(frozen=True, slots=True)
class NoFreeDate(Conflict):
    latest: date

    @property
    def reason(self) -> str:
        return f"Until {self.latest} there is no free date in the rhythm of the class."


@dataclass(frozen=True, slots=True)
class TimeZoneFixed(Conflict):
    time_zone: str

    @property
    def reason(self) -> str:
        return f"Meetings that stay are kept in the time of {self.time_zone}, so the others are too."


@dataclass(frozen=True, slots=True)
class NothingToReplan(Conflict):
    from_date: date

    @property
    def reason(self) -> str:
        return f"No meeting lies ahead on {self.from_date} or later that could follow another rhythm."


@dataclass(frozen=True, slots=True)
class SubstituteIsTheInstructor(Invalid):
    instructor_id: UserId

    @property
    def reason(self) -> str:
        return "The instructor of the class teaches its meetings anyway."


@dataclass(frozen=True, slots=True)
class HolidayNotFound(NotFound):
    holiday_id: HolidayId

    @property
    def reason(self) -> str:
        return "There is no such holiday."


@dataclass(frozen=True, slots=True)
class HolidayOutOfRange(Invalid):
    longest_days: int

    @property
    def reason(self) -> str:
        return f"A holiday lasts from one day to {self.longest_days}, and its last date is not before its first."


MeetingFixed: TypeAlias = ClassOver | MeetingNotFound | MeetingIsOff
SlotRefused: TypeAlias = DateOutOfReach | DurationOutOfRange | AcademyClosed | MeetingsOverlap
AddingRefused: TypeAlias = ClassOver | TooManyMeetings | SlotRefused
MoveRefused: TypeAlias = MeetingFixed | MeetingAlreadyMarked | SlotRefused
CancelRefused: TypeAlias = MeetingFixed | MeetingAlreadyMarked
SubstituteRefused: TypeAlias = MeetingFixed | SubstituteIsTheInstructor
ReplanRefused: TypeAlias = ClassOver | ScheduleRefused | TimeZoneFixed | NothingToReplan
HolidayRefused: TypeAlias = HolidayOutOfRange | DateOutOfReach
