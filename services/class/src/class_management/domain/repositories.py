"""Where aggregates come from, as the domain sees it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.feeds import CalendarFeed
from class_management.domain.holidays import Holiday
from class_management.domain.open_lessons import OpenLessons
from class_management.domain.schedule import Assignment, ClosedDays, Engagement
from class_management.domain.timetable import Timetable
from class_management.domain.values import (
    ClassId,
    CourseId,
    EnrollmentId,
    HolidayId,
    MeetingId,
    MeetingRegister,
    Person,
    Tally,
    UserId,
    VoucherId,
)
from class_management.domain.vouchers import Voucher


class Classes(Protocol):
    """All classes."""

    async def get(self, id: ClassId) -> Class | None:  # noqa: A002
        """The class with its seats, its waiting list, and its guests to come; without the seats that were left."""
        ...

    async def for_student(self, id: ClassId, student_id: UserId) -> Class | None:  # noqa: A002
        """The class, and the seat of this student also if they have left it."""
        ...

    def add(self, aggregate: Class) -> None:
        """A newly planned class."""
        ...


class Timetables(Protocol):
    """When classes meet."""

    async def of_class(self, class_id: ClassId) -> Timetable | None:
        """The timetable of a class, its whole series with it."""
        ...

    async def total_meetings(self, class_id: ClassId) -> int:
        """How many meetings the class has, without reading them; 0 if there is no such class."""
        ...

    async def substitutes_on_day_of(self, moment: datetime, class_id: ClassId) -> frozenset[UserId]:
        """Who stands in at a meeting of the class on the day that this moment has in the class's zone."""
        ...

    async def clashes(
        self, assignments: Sequence[Assignment], *, leaving_out: Collection[MeetingId] = ()
    ) -> dict[int, Engagement]:
        """What else the instructors teach then, by position among the assignments; not the meetings left out."""
        ...

    async def planned_between(self, first_date: date, last_date: date, *, now: datetime) -> int:
        """How many planned meetings ahead, of all classes, are on one of these local dates."""
        ...

    def add(self, aggregate: Timetable) -> None:
        """The timetable of a newly planned class."""
        ...


class Holidays(Protocol):
    """When the academy is closed."""

    async def get(self, id: HolidayId) -> Holiday | None:  # noqa: A002
        """The holiday of this id."""
        ...

    async def closed_days(self, *, since: date) -> ClosedDays:
        """The days of all holidays that are not over by then."""
        ...

    def add(self, aggregate: Holiday) -> None:
        """A new holiday."""
        ...

    def remove(self, aggregate: Holiday) -> None:
        """A holiday that is none after all."""
        ...


class AllOpenLessons(Protocol):
    """What all classes have unlocked."""

    async def of_class(self, class_id: ClassId) -> OpenLessons | None:
        """The open lessons of a class."""
        ...

    def add(self, aggregate: OpenLessons) -> None:
        """Those of a newly planned class: none."""
        ...


class Registers(Protocol):
    """Meetings as marking sees them."""

    async def of_meeting(
        self, class_id: ClassId, meeting_id: MeetingId, *, holding_class: bool = False
    ) -> MeetingRegister | None:
        """The register of a meeting of this class, which is not called off meanwhile if it is held."""
        ...

    async def begun(self, meetings: Collection[MeetingId]) -> frozenset[MeetingId]:
        """Those among these meetings that somebody was marked for, self-excuses aside.

        An exclusive command can rely on it until its end.
        """
        ...

    async def tally_of_class(self, class_id: ClassId, *, leaving_out: Collection[MeetingId]) -> Tally:
        """What all registers of the class add up to, but for those of these meetings."""
        ...


class Attendances(Protocol):
    """All marks."""

    async def of_meeting(self, meeting_id: MeetingId, students: Collection[UserId]) -> dict[UserId, Attendance]:
        """What has been marked for these students, by student."""
        ...

    def add(self, aggregate: Attendance) -> None:
        """A first mark; of two at once for the same student and meeting, one is a conflict."""
        ...


class CreditAccounts(Protocol):
    """The credits of all enrolments."""

    async def get(self, id: EnrollmentId) -> CreditAccount | None:  # noqa: A002
        """The account of an enrolment."""
        ...

    async def of_class(self, class_id: ClassId) -> list[CreditAccount]:
        """The accounts of everybody in the class."""
        ...

    async def of_students(self, class_id: ClassId, students: Collection[UserId]) -> dict[UserId, CreditAccount]:
        """The accounts of those among these students who are enrolled in the class, or were, by student."""
        ...

    async def of_enrollments(self, enrollments: Collection[EnrollmentId]) -> dict[EnrollmentId, CreditAccount]:
        """The accounts of these enrolments."""
        ...

    async def hold(self, enrollments: Collection[EnrollmentId]) -> None:
        """Let nobody close the accounts, or open them again, before this transaction has ended."""
        ...

    def add(self, aggregate: CreditAccount) -> None:
        """The account of a new enrolment."""
        ...


class CalendarFeeds(Protocol):
    """The calendar links of everybody."""

    async def of_owner(self, owner_id: UserId, class_id: ClassId | None) -> CalendarFeed | None:
        """The owner's link to a class, or with None to all their meetings."""
        ...

    def add(self, aggregate: CalendarFeed) -> None:
        """A first link; of two at once for the same owner and class, one is a conflict."""
        ...

    def remove(self, aggregate: CalendarFeed) -> None:
        """A link that leads nowhere any more."""
        ...


class Vouchers(Protocol):
    """All vouchers for make-ups."""

    async def get(self, id: VoucherId) -> Voucher | None:  # noqa: A002
        """The voucher."""
        ...

    async def of_attendances(self, attendances: Collection[UUID]) -> dict[UUID, Voucher]:
        """Those that were issued for these marks, by mark."""
        ...

    async def of_guests(
        self, meeting_id: MeetingId, students: Collection[UserId], known: Collection[VoucherId]
    ) -> list[Voucher]:
        """Those of the students who are, or were, expected at the meeting, and those that are known already."""
        ...

    async def booked_at(self, meetings: Collection[MeetingId]) -> list[Voucher]:
        """Those of the guests of these meetings whom nobody has marked yet."""
        ...

    async def booked_in(self, class_id: ClassId) -> list[Voucher]:
        """Those of all guests of a class whom nobody has marked yet."""
        ...

    async def for_absences_from(self, meetings: Collection[MeetingId]) -> list[Voucher]:
        """Those of students who are excused from these meetings, used ones too."""
        ...

    async def from_class(self, class_id: ClassId) -> list[Voucher]:
        """Those of the students of a class, for absences that are excused, used ones too."""
        ...

    async def of_enrollment(self, enrollment_id: EnrollmentId) -> list[Voucher]:
        """All those of an enrolment, whatever has become of them."""
        ...

    def add(self, aggregate: Voucher) -> None:
        """A new one; of two at once for the same mark, one is a conflict."""
        ...


class Courses(Protocol):
    """What is known of Learning's courses."""

    async def get(self, id: CourseId) -> CourseOutline | None:  # noqa: A002
        """The outline, if anything is known of the course."""
        ...

    def add(self, aggregate: CourseOutline) -> None:
        """A course that was unknown here."""
        ...


class People(Protocol):
    """What is known of Identity's people."""

    async def get(self, id: UserId) -> Person | None:  # noqa: A002
        """The person, if known here."""
        ...

    async def deactivated_among(self, people: Collection[UserId]) -> frozenset[UserId]:
        """Those of them whose account is closed for now."""
        ...
