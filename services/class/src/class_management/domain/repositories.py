"""Where aggregates come from, as the domain sees it."""

from collections.abc import Collection
from typing import Protocol

from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.open_lessons import OpenLessons
from class_management.domain.timetable import Timetable
from class_management.domain.values import ClassId, CourseId, EnrollmentId, MeetingId, MeetingRegister, Person, UserId


class Classes(Protocol):
    """All classes."""

    async def get(self, id: ClassId) -> Class | None:  # noqa: A002
        """The class, with its seats."""
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

    def add(self, aggregate: Timetable) -> None:
        """The timetable of a newly planned class."""
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

    async def of_meeting(self, class_id: ClassId, meeting_id: MeetingId) -> MeetingRegister | None:
        """The register of a meeting of this class."""
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

    def add(self, aggregate: CreditAccount) -> None:
        """The account of a new enrolment."""
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
