"""Where aggregates come from, as the domain sees it."""

from collections.abc import Collection
from typing import Protocol

from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.values import ClassId, CourseId, MeetingId, MeetingRegister, Person, UserId


class Classes(Protocol):
    """All classes."""

    async def get(self, id: ClassId) -> Class | None:  # noqa: A002
        """The class, with its seats, meetings and unlocked lessons."""
        ...

    def add(self, aggregate: Class) -> None:
        """A newly planned class."""
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

    async def of_class(self, class_id: ClassId) -> list[CreditAccount]:
        """The accounts of everybody in the class."""
        ...

    async def of_students(self, class_id: ClassId, students: Collection[UserId]) -> dict[UserId, CreditAccount]:
        """The accounts of those among these students who are enrolled in the class, by student."""
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
