"""What the rules of seats say no to: having one, waiting for one, changing it, visiting."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from babyowl_kernel import Conflict, Forbidden, Invalid, NotFound
from class_management.domain.credit_errors import HandOverRefused
from class_management.domain.errors import ClassOver, StudentNotEnrolled
from class_management.domain.values import ClassId, MeetingId, UserId


@dataclass(frozen=True, slots=True)
class EnrollmentClosed(Conflict):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "The class takes no further students."


@dataclass(frozen=True, slots=True)
class AlreadyEnrolled(Conflict):
    @property
    def reason(self) -> str:
        return "The student is enrolled in this class already."


@dataclass(frozen=True, slots=True)
class ClassFull(Conflict):
    capacity: int

    @property
    def reason(self) -> str:
        return "The only seat is taken." if self.capacity == 1 else f"All {self.capacity} seats are taken."


@dataclass(frozen=True, slots=True)
class StudentUnknown(Invalid):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "Nobody by this id is known, so they cannot be enrolled."


@dataclass(frozen=True, slots=True)
class NotAStudent(Invalid):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "Only a student can be enrolled."


@dataclass(frozen=True, slots=True)
class StudentDeactivated(Conflict):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "The student's account is deactivated."


@dataclass(frozen=True, slots=True)
class StudentIsGuest(Conflict):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "The student makes a meeting up in this class; cancel that first."


@dataclass(frozen=True, slots=True)
class AlreadyWaiting(Conflict):
    @property
    def reason(self) -> str:
        return "The student waits for a seat in this class already."


@dataclass(frozen=True, slots=True)
class SeatIsFree(Conflict):
    @property
    def reason(self) -> str:
        return "A seat is free, so nobody needs to wait for one."


@dataclass(frozen=True, slots=True)
class WaitingListFull(Conflict):
    most: int

    @property
    def reason(self) -> str:
        return f"{self.most} students wait for a seat already."


@dataclass(frozen=True, slots=True)
class NotWaiting(NotFound):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "The student does not wait for a seat in this class."


@dataclass(frozen=True, slots=True)
class NoSeatOffered(Conflict):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "No seat has come free for the student yet."


@dataclass(frozen=True, slots=True)
class SeatOfferLapsed(Conflict):
    expired_at: datetime

    @property
    def reason(self) -> str:
        return f"The seat was kept until {self.expired_at:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class NotYourSeat(Forbidden):
    student_id: UserId

    @property
    def reason(self) -> str:
        return "Only the student who waits, or the office, may do this."


@dataclass(frozen=True, slots=True)
class AlreadyGuest(Conflict):
    meeting_id: MeetingId

    @property
    def reason(self) -> str:
        return "The student is a guest of this meeting already."


@dataclass(frozen=True, slots=True)
class MeetingFull(Conflict):
    meeting_id: MeetingId

    @property
    def reason(self) -> str:
        return "No seat is free at this meeting."


@dataclass(frozen=True, slots=True)
class SameClass(Invalid):
    class_id: ClassId

    @property
    def reason(self) -> str:
        return "A student is transferred to another class."


LearnerRefused: TypeAlias = StudentUnknown | NotAStudent | StudentDeactivated
EnrollmentRefused: TypeAlias = EnrollmentClosed | AlreadyEnrolled | StudentIsGuest | ClassFull
SeatTakingRefused: TypeAlias = AlreadyEnrolled | StudentIsGuest | ClassFull
JoiningRefused: TypeAlias = AlreadyEnrolled | AlreadyWaiting | SeatIsFree | WaitingListFull
OfferRefused: TypeAlias = AlreadyEnrolled | NotWaiting | NoSeatOffered | SeatOfferLapsed
VisitRefused: TypeAlias = AlreadyEnrolled | AlreadyGuest | MeetingFull
WaitingRefused: TypeAlias = EnrollmentClosed | JoiningRefused
TransferRefused: TypeAlias = ClassOver | StudentNotEnrolled | HandOverRefused | EnrollmentRefused
