"""What the rules of the Class context say no to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from babyowl_kernel import Conflict, Forbidden, Invalid, NotFound
from class_management.domain.values import ClassId, CourseId, LessonId, MeetingId, UserId

# What is not there, or not visible to who asks.


@dataclass(frozen=True, slots=True)
class ClassNotFound(NotFound):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "There is no such class, or it is not yours to see."


@dataclass(frozen=True, slots=True)
class MeetingNotFound(NotFound):
    meeting_id: MeetingId

    @property
    def reason(self) -> str:
        return "The class has no such meeting."


@dataclass(frozen=True, slots=True)
class StudentNotEnrolled(NotFound):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "The student is not enrolled in this class."


@dataclass(frozen=True, slots=True)
class AttendanceNotMarked(NotFound):
    meeting_id: MeetingId
    student_id: UserId

    @property
    def reason(self) -> str:
        return "Nobody has marked this student for this meeting yet."


@dataclass(frozen=True, slots=True)
class CalendarLinkNotFound(NotFound):
    @property
    def reason(self) -> str:
        return "There is no such calendar link, or not any more."


# Who asks may not.


@dataclass(frozen=True, slots=True)
class NotYourClass(Forbidden):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "Only the instructor of this class, or the office, may do this."


@dataclass(frozen=True, slots=True)
class OnlyTheInstructorUnlocks(Forbidden):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "Only the instructor of this class, or today's substitute, opens and closes its lessons."


# Planning a class.


@dataclass(frozen=True, slots=True)
class TimeZoneUnknown(Invalid):
    time_zone: str

    @property
    def reason(self) -> str:
        return "The time zone is none of the IANA database, such as Europe/Berlin."


@dataclass(frozen=True, slots=True)
class DateOutOfReach(Invalid):
    earliest: date
    latest: date

    @property
    def reason(self) -> str:
        return f"A class meets between {self.earliest} and {self.latest}."


@dataclass(frozen=True, slots=True)
class FirstDateOffSchedule(Invalid):
    first_date: date

    @property
    def reason(self) -> str:
        return "The first date falls on none of the weekdays."


@dataclass(frozen=True, slots=True)
class DurationOutOfRange(Invalid):
    shortest_minutes: int
    longest_minutes: int

    @property
    def reason(self) -> str:
        return f"A meeting lasts between {self.shortest_minutes} and {self.longest_minutes} minutes."


@dataclass(frozen=True, slots=True)
class CapacityOutOfRange(Invalid):
    largest: int

    @property
    def reason(self) -> str:
        return f"A class has between 1 and {self.largest} seats."


@dataclass(frozen=True, slots=True)
class PackageOutOfRange(Invalid):
    largest: int

    @property
    def reason(self) -> str:
        return f"A package has between 1 and {self.largest} meetings."


@dataclass(frozen=True, slots=True)
class PolicyOutOfRange(Invalid):
    policy: str
    least: int
    most: int

    @property
    def reason(self) -> str:
        return f"The policy {self.policy} lies between {self.least} and {self.most}."


@dataclass(frozen=True, slots=True)
class CourseNotPublished(Conflict):
    course_id: CourseId

    @property
    def reason(self) -> str:
        return "The course is not published, so no class can be made of it."


@dataclass(frozen=True, slots=True)
class CourseArchived(Conflict):
    course_id: CourseId

    @property
    def reason(self) -> str:
        return "The course is archived: its classes go on, but there are no new ones."


@dataclass(frozen=True, slots=True)
class InstructorUnknown(Invalid):
    instructor_id: UserId

    @property
    def reason(self) -> str:
        return "Nobody by this id is known, so they cannot teach."


@dataclass(frozen=True, slots=True)
class NotAnInstructor(Invalid):
    instructor_id: UserId

    @property
    def reason(self) -> str:
        return "Only an instructor teaches a class."


@dataclass(frozen=True, slots=True)
class InstructorDeactivated(Conflict):
    instructor_id: UserId

    @property
    def reason(self) -> str:
        return "The instructor's account is deactivated."


# Changing a class.


@dataclass(frozen=True, slots=True)
class StaleVersion(Conflict):
    current: int

    @property
    def reason(self) -> str:
        return "Somebody else has changed it since you read it."


@dataclass(frozen=True, slots=True)
class CapacityBelowEnrolled(Conflict):
    enrolled: int

    @property
    def reason(self) -> str:
        return f"{self.enrolled} students have a seat already."


@dataclass(frozen=True, slots=True)
class PackageFrozen(Conflict):
    package: int

    @property
    def reason(self) -> str:
        return "The package is frozen since the class was activated."


@dataclass(frozen=True, slots=True)
class ZeroBalanceFrozen(Conflict):
    zero_balance: str

    @property
    def reason(self) -> str:
        return "Whether students may owe was settled when the class was activated."


@dataclass(frozen=True, slots=True)
class AlreadyActivated(Conflict):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "The class was activated before."


@dataclass(frozen=True, slots=True)
class MeetingsFixed(Conflict):
    package: int

    @property
    def reason(self) -> str:
        return "A group class has the meetings of its package, no more."


@dataclass(frozen=True, slots=True)
class TooManyMeetings(Conflict):
    most: int

    @property
    def reason(self) -> str:
        return f"A class has at most {self.most} meetings."


@dataclass(frozen=True, slots=True)
class CapacityBelowPromised(Conflict):
    promised: int

    @property
    def reason(self) -> str:
        return f"With the seats that are offered, or lent to guests, {self.promised} are given away."


# The end of a class.


@dataclass(frozen=True, slots=True)
class ClassOver(Conflict):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "The class has come to its end."


@dataclass(frozen=True, slots=True)
class MeetingsAhead(Conflict):
    number: int

    @property
    def reason(self) -> str:
        return f"{self.number} planned meetings lie ahead; complete the class later, or cancel them."


# Attendance.


@dataclass(frozen=True, slots=True)
class ClassNotActive(Conflict):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "The class is not active."


@dataclass(frozen=True, slots=True)
class MeetingInTheFuture(Conflict):
    marking_opens_at: datetime

    @property
    def reason(self) -> str:
        return f"The register of this meeting opens at {self.marking_opens_at:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class MeetingIsOff(Conflict):
    meeting_id: MeetingId

    @property
    def reason(self) -> str:
        return "The meeting is cancelled."


@dataclass(frozen=True, slots=True)
class MarkedTwiceInOneRegister(Invalid):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "A register names each student once."


# Unlocking.


@dataclass(frozen=True, slots=True)
class LessonNotInCourse(Invalid):
    lesson_id: LessonId

    @property
    def reason(self) -> str:
        return "The lesson is none of the published course of this class."


@dataclass(frozen=True, slots=True)
class LessonBeyondMeetings(Conflict):
    lesson_id: LessonId
    position: int
    total_meetings: int

    @property
    def reason(self) -> str:
        return f"Lesson {self.position} lies beyond the {self.total_meetings} meetings of the class."


@dataclass(frozen=True, slots=True)
class LessonOpenToAll(Conflict):
    lesson_id: LessonId

    @property
    def reason(self) -> str:
        return "The lesson is open to the whole class; close it for all, and open it to those who may keep it."


ScheduleRefused: TypeAlias = TimeZoneUnknown | DateOutOfReach | FirstDateOffSchedule | DurationOutOfRange
PlanRefused: TypeAlias = CapacityOutOfRange | PackageOutOfRange | PolicyOutOfRange
TeacherRefused: TypeAlias = InstructorUnknown | NotAnInstructor | InstructorDeactivated
CourseRefused: TypeAlias = CourseNotPublished | CourseArchived
MarkingRefused: TypeAlias = NotYourClass | ClassNotActive | MeetingIsOff | MeetingInTheFuture
NotTeachingNow: TypeAlias = OnlyTheInstructorUnlocks | ClassOver
UnlockRefused: TypeAlias = NotTeachingNow | StudentNotEnrolled | LessonNotInCourse | LessonBeyondMeetings
LockRefused: TypeAlias = NotTeachingNow | StudentNotEnrolled | LessonNotInCourse | LessonOpenToAll
ResizeRefused: TypeAlias = CapacityOutOfRange | CapacityBelowEnrolled | CapacityBelowPromised
EditRefused: TypeAlias = StaleVersion | ClassOver | PackageFrozen | ZeroBalanceFrozen | ResizeRefused | PlanRefused
CompletionRefused: TypeAlias = ClassNotActive | MeetingsAhead
