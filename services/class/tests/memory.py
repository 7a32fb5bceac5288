"""The context's repositories in memory, with the promises of the real ones."""

from collections.abc import Collection
from uuid import UUID

from babyowl_chassis.testing import MemoryRepository, MemoryStore, MemoryUnitOfWork
from babyowl_chassis.unit_of_work import Raised
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.events import AttendanceMarked, CreditPosted
from class_management.domain.open_lessons import OpenLessons
from class_management.domain.timetable import Timetable
from class_management.domain.values import ClassId, MeetingId, MeetingRegister, Person, UserId

PEOPLE, LEDGER, HISTORY = "people", "credit_entries", "attendance_revisions"


class MemoryClasses(MemoryRepository[Class]):
    aggregate = Class


class MemoryTimetables(MemoryRepository[Timetable]):
    aggregate = Timetable

    async def of_class(self, class_id: ClassId) -> Timetable | None:
        return next((found for found in await self._all() if found.class_id == class_id), None)

    async def total_meetings(self, class_id: ClassId) -> int:
        timetable = await self.of_class(class_id)
        return timetable.total_meetings if timetable else 0


class MemoryOpenLessons(MemoryRepository[OpenLessons]):
    aggregate = OpenLessons

    async def of_class(self, class_id: ClassId) -> OpenLessons | None:
        return next((found for found in await self._all() if found.class_id == class_id), None)


class MemoryCourses(MemoryRepository[CourseOutline]):
    aggregate = CourseOutline


class MemoryAttendances(MemoryRepository[Attendance]):
    aggregate = Attendance

    async def of_meeting(self, meeting_id: MeetingId, students: Collection[UserId]) -> dict[UserId, Attendance]:
        found = [a for a in await self._all() if a.meeting_id == meeting_id and a.student_id in students]
        return {attendance.student_id: attendance for attendance in found}


class MemoryCreditAccounts(MemoryRepository[CreditAccount]):
    aggregate = CreditAccount

    async def of_class(self, class_id: ClassId) -> list[CreditAccount]:
        return [account for account in await self._all() if account.class_id == class_id]

    async def of_students(self, class_id: ClassId, students: Collection[UserId]) -> dict[UserId, CreditAccount]:
        found = [account for account in await self.of_class(class_id) if account.student_id in students]
        return {account.student_id: account for account in found}


class MemoryRegisters:
    def __init__(self, classes: MemoryClasses, timetables: MemoryTimetables) -> None:
        self._classes, self._timetables = classes, timetables

    async def of_meeting(self, class_id: ClassId, meeting_id: MeetingId) -> MeetingRegister | None:
        class_, timetable = await self._classes.get(class_id), await self._timetables.of_class(class_id)
        if class_ is None or timetable is None:
            return None
        for meeting in timetable.meetings:
            if meeting.id == meeting_id:
                return MeetingRegister(
                    class_id=class_.id,
                    course_id=class_.course_id,
                    instructor_id=class_.instructor_id,
                    class_status=class_.status,
                    make_up_days=class_.make_up_days,
                    excuse_deadline=class_.excuse_deadline,
                    meeting_id=meeting.id,
                    meeting_status=meeting.status,
                    taught_by=meeting.instructor_id,
                    local_date=meeting.local_date,
                    starts_at=meeting.starts_at,
                    ends_at=meeting.ends_at,
                )
        return None


class MemoryPeople:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def get(self, id: UUID) -> Person | None:  # noqa: A002
        known: list[Person] = self._store.facts.get(PEOPLE, [])
        return next((person for person in reversed(known) if person.id == id), None)


class MemoryClassUnitOfWork(MemoryUnitOfWork):
    def __init__(self, store: MemoryStore, *, locking: bool = False) -> None:
        super().__init__(store, locking=locking)
        self.classes = MemoryClasses(self)
        self.timetables = MemoryTimetables(self)
        self.open_lessons = MemoryOpenLessons(self)
        self.courses = MemoryCourses(self)
        self.attendances = MemoryAttendances(self)
        self.accounts = MemoryCreditAccounts(self)
        self.registers = MemoryRegisters(self.classes, self.timetables)
        self.people = MemoryPeople(store)

    async def flush(self) -> list[Raised]:
        raised = await super().flush()
        for each in raised:
            match each.event:
                case CreditPosted() as posted:
                    self.append(LEDGER, posted)
                case AttendanceMarked() as marked:
                    self.append(HISTORY, marked)
        return raised
