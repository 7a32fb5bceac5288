"""The context's repositories in memory, with the promises of the real ones."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from babyowl_chassis.testing import MemoryRepository, MemoryStore, MemoryUnitOfWork
from babyowl_chassis.unit_of_work import Raised
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.events import AttendanceMarked, CreditPosted, StudentEnrolled, StudentWithdrawn
from class_management.domain.feeds import CalendarFeed
from class_management.domain.holidays import Holiday
from class_management.domain.open_lessons import OpenLessons
from class_management.domain.schedule import Assignment, ClosedDays, Engagement
from class_management.domain.timetable import Timetable
from class_management.domain.values import (
    ClassId,
    EnrollmentId,
    MeetingId,
    MeetingRegister,
    Person,
    Tally,
    UserId,
    VoucherId,
)
from class_management.domain.vouchers import Voucher

PEOPLE, LEDGER, HISTORY = "people", "credit_entries", "attendance_revisions"
SEAT_CHANGES = "enrollment_changes"


class MemoryClasses(MemoryRepository[Class]):
    aggregate = Class

    async def for_student(self, id: ClassId, student_id: UserId) -> Class | None:  # noqa: A002
        return await self.get(id)


class MemoryTimetables(MemoryRepository[Timetable]):
    aggregate = Timetable

    async def of_class(self, class_id: ClassId) -> Timetable | None:
        return next((found for found in await self._all() if found.class_id == class_id), None)

    async def total_meetings(self, class_id: ClassId) -> int:
        timetable = await self.of_class(class_id)
        return timetable.total_meetings if timetable else 0

    async def substitutes_on_day_of(self, moment: datetime, class_id: ClassId) -> frozenset[UserId]:
        timetable = await self.of_class(class_id)
        assert timetable is not None
        today = moment.astimezone(timetable.schedule.zone).date()
        met = [meeting for meeting in timetable.planned if meeting.local_date == today]
        return frozenset(meeting.substitute_id for meeting in met if meeting.substitute_id is not None)

    async def clashes(
        self, assignments: Sequence[Assignment], *, leaving_out: Collection[MeetingId] = ()
    ) -> dict[int, Engagement]:
        # As it was before the command, like a query that runs before the flush.
        stored = self._uow.store.aggregates.get(Timetable, {}).values()
        return {
            n: Engagement(instructor_id, timetable.class_id, meeting.id, meeting.starts_at)
            for n, (instructor_id, slot) in enumerate(assignments)
            for timetable in stored
            if isinstance(timetable, Timetable)
            for meeting in timetable.planned
            if meeting.instructor_id == instructor_id and meeting.id not in leaving_out and meeting.overlaps(slot)
        }

    async def planned_between(self, first_date: date, last_date: date, *, now: datetime) -> int:
        return sum(len(each.hit_by(first_date, last_date, now=now)) for each in await self._all())


class MemoryHolidays(MemoryRepository[Holiday]):
    aggregate = Holiday

    async def closed_days(self, *, since: date) -> ClosedDays:
        found = [holiday for holiday in await self._all() if holiday.last_date >= since]
        return ClosedDays(tuple((holiday.first_date, holiday.last_date) for holiday in found))


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

    async def of_enrollments(self, enrollments: Collection[EnrollmentId]) -> dict[EnrollmentId, CreditAccount]:
        return {account.id: account for account in await self._all() if account.id in enrollments}

    async def hold(self, enrollments: Collection[EnrollmentId]) -> None:
        """Nothing comes between here."""


class MemoryVouchers(MemoryRepository[Voucher]):
    aggregate = Voucher

    async def of_attendances(self, attendances: Collection[UUID]) -> dict[UUID, Voucher]:
        found = [voucher for voucher in await self._all() if voucher.attendance_id in attendances]
        return {voucher.attendance_id: voucher for voucher in found}

    async def of_guests(
        self, meeting_id: MeetingId, students: Collection[UserId], known: Collection[VoucherId]
    ) -> list[Voucher]:
        return [
            voucher
            for voucher in await self._all()
            if voucher.id in known or (voucher.awaits(meeting_id) and voucher.student_id in students)
        ]

    async def booked_at(self, meetings: Collection[MeetingId]) -> list[Voucher]:
        return [v for v in await self._booked() if any(v.awaits(meeting_id) for meeting_id in meetings)]

    async def booked_in(self, class_id: ClassId) -> list[Voucher]:
        return [v for v in await self._booked() if v.booking is not None and v.booking.class_id == class_id]

    async def for_absences_from(self, meetings: Collection[MeetingId]) -> list[Voucher]:
        return [voucher for voucher in await self._all() if voucher.excused and voucher.meeting_id in meetings]

    async def from_class(self, class_id: ClassId) -> list[Voucher]:
        return [voucher for voucher in await self._all() if voucher.excused and voucher.class_id == class_id]

    async def of_enrollment(self, enrollment_id: EnrollmentId) -> list[Voucher]:
        return [voucher for voucher in await self._all() if voucher.enrollment_id == enrollment_id]

    async def anybody_at(self, meeting_id: MeetingId) -> bool:
        return any(voucher.awaits(meeting_id) for voucher in await self._all())

    async def _booked(self) -> list[Voucher]:
        return [voucher for voucher in await self._all() if voucher.status == "booked"]


class MemoryCalendarFeeds(MemoryRepository[CalendarFeed]):
    aggregate = CalendarFeed

    async def of_owner(self, owner_id: UserId, class_id: ClassId | None) -> CalendarFeed | None:
        found = [feed for feed in await self._all() if (feed.owner_id, feed.class_id) == (owner_id, class_id)]
        return found[0] if found else None


class MemoryRegisters:
    def __init__(
        self,
        classes: MemoryClasses,
        timetables: MemoryTimetables,
        attendances: MemoryAttendances,
        vouchers: MemoryVouchers,
    ) -> None:
        self._classes, self._timetables = classes, timetables
        self._attendances, self._vouchers = attendances, vouchers

    async def begun(self, meetings: Collection[MeetingId]) -> frozenset[MeetingId]:
        return frozenset(
            mark.meeting_id
            for mark in await self._attendances._all()
            if mark.meeting_id in meetings
            and mark.status is not None
            and not (mark.status == "excused" and mark.marked_by == mark.student_id)
        )

    async def of_meeting(
        self, class_id: ClassId, meeting_id: MeetingId, *, holding_class: bool = False
    ) -> MeetingRegister | None:
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
                    expects_guests=await self._vouchers.anybody_at(meeting.id),
                )
        return None

    async def tally_of_class(self, class_id: ClassId, *, leaving_out: Collection[MeetingId]) -> Tally:
        timetable = await self._timetables.of_class(class_id)
        planned = {meeting.id for meeting in timetable.planned} - set(leaving_out) if timetable else set()
        marked = [mark for mark in await self._attendances._all() if mark.meeting_id in planned]
        return Tally(
            meetings_held=len({mark.meeting_id for mark in marked if mark.status != "excused"}),
            attended=sum(mark.status in ("present", "late") for mark in marked),
            marked=len(marked),
        )


class MemoryPeople:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def get(self, id: UUID) -> Person | None:  # noqa: A002
        known: list[Person] = self._store.facts.get(PEOPLE, [])
        return next((person for person in reversed(known) if person.id == id), None)

    async def deactivated_among(self, people: Collection[UserId]) -> frozenset[UserId]:
        found = [await self.get(person_id) for person_id in people]
        return frozenset(person.id for person in found if person is not None and person.is_deactivated)


class MemoryClassUnitOfWork(MemoryUnitOfWork):
    def __init__(self, store: MemoryStore, *, locking: bool = False) -> None:
        super().__init__(store, locking=locking)
        self.classes = MemoryClasses(self)
        self.timetables = MemoryTimetables(self)
        self.holidays = MemoryHolidays(self)
        self.open_lessons = MemoryOpenLessons(self)
        self.courses = MemoryCourses(self)
        self.attendances = MemoryAttendances(self)
        self.accounts = MemoryCreditAccounts(self)
        self.vouchers = MemoryVouchers(self)
        self.registers = MemoryRegisters(self.classes, self.timetables, self.attendances, self.vouchers)
        self.feeds = MemoryCalendarFeeds(self)
        self.people = MemoryPeople(store)

    async def flush(self) -> list[Raised]:
        raised = await super().flush()
        for each in raised:
            match each.event:
                case CreditPosted() as posted:
                    self.append(LEDGER, posted)
                case StudentEnrolled() | StudentWithdrawn() as moved:
                    self.append(SEAT_CHANGES, moved)
                case AttendanceMarked() as marked:
                    self.append(HISTORY, marked)
        return raised
