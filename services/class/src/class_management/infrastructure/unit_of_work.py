"""The context's repositories on Postgres."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from sqlalchemy import (
    ARRAY,
    Uuid,
    all_,
    any_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
)

from babyowl_chassis.sql import Connection, Statement
from babyowl_chassis.unit_of_work import (
    ConstraintViolated,
    Raised,
    SqlRepository,
    SqlUnitOfWork,
    VersionConflict,
)
from babyowl_kernel import Refusal
from class_management.domain.attendance import Attendance
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.events import AttendanceMarked, CreditPosted, StudentEnrolled, StudentWithdrawn
from class_management.domain.open_lessons import OpenLessons
from class_management.domain.schedule_errors import InstructorDoubleBooked
from class_management.domain.values import ClassId, EnrollmentId, MeetingId, MeetingRegister, Person, Tally, UserId
from class_management.infrastructure import mappers
from class_management.infrastructure.calendar_feeds import SqlCalendarFeeds
from class_management.infrastructure.classes import SqlClasses
from class_management.infrastructure.finders import Finder
from class_management.infrastructure.tables import (
    ONE_AT_A_TIME,
    TimetableRow,
    metadata,
)
from class_management.infrastructure.tallies import count_marks, leave_out_cancelled
from class_management.infrastructure.timetables import (
    DEFER_ENGAGEMENTS,
    SqlHolidays,
    SqlTimetables,
    check_engagements,
)
from class_management.infrastructure.vouchers import SqlVouchers

_classes = metadata.tables["classes"]
_enrollments = metadata.tables["enrollments"]
_meetings = metadata.tables["meetings"]
_open_lessons = metadata.tables["open_lessons"]
_accounts = metadata.tables["credit_accounts"]
_attendances = metadata.tables["attendances"]
_vouchers = metadata.tables["vouchers"]
_people = metadata.tables["people"]


_STUDENTS = bindparam("students", type_=ARRAY(Uuid))

_REGISTER = (
    select(
        _classes.c.course_id,
        _classes.c.instructor_id,
        _classes.c.status.label("class_status"),
        _classes.c.make_up_days,
        (_classes.c.excuse_deadline_minutes * literal_column("interval '1 minute'")).label("excuse_deadline"),
        _meetings.c.class_id,
        _meetings.c.id.label("meeting_id"),
        _meetings.c.status.label("meeting_status"),
        _meetings.c.instructor_id.label("taught_by"),
        _meetings.c.local_date,
        _meetings.c.starts_at,
        _meetings.c.ends_at,
        exists().where(_vouchers.c.host_meeting_id == _meetings.c.id).label("expects_guests"),
    )
    .join_from(_meetings, _classes, _classes.c.id == _meetings.c.class_id)
    .where(_meetings.c.id == bindparam("meeting_id"), _meetings.c.class_id == bindparam("class_id"))
)
# Shared by markers and held until the mark stands, so that nobody cancels or moves the meeting meanwhile.
REGISTER_OF_MEETING = Statement(_REGISTER.with_for_update(read=True, of=_meetings))
REGISTER_IN_ITS_CLASS = Statement(_REGISTER.with_for_update(read=True, of=[_meetings, _classes]))
TALLY_OF_CLASS = Statement(
    select(
        func.count(_attendances.c.meeting_id.distinct())
        .filter(_attendances.c.status != "excused")
        .label("meetings_held"),
        func.count()
        .filter(or_(_attendances.c.status == "present", _attendances.c.status == "late"))
        .label("attended"),
        func.count().label("marked"),
    )
    .join_from(_attendances, _meetings, _meetings.c.id == _attendances.c.meeting_id)
    .where(
        _attendances.c.class_id == bindparam("class_id"),
        _meetings.c.status == "planned",
        _meetings.c.id != all_(bindparam("leaving_out", type_=ARRAY(Uuid))),
    )
)
DEACTIVATED_AMONG = Statement(
    select(_people.c.id).where(
        _people.c.id == any_(bindparam("people", type_=ARRAY(Uuid))), _people.c.status == "deactivated"
    )
)
OPEN_LESSONS_OF_CLASS = Finder(_open_lessons, _open_lessons.c.class_id == bindparam("class_id"))
_MEETINGS = bindparam("meetings", type_=ARRAY(Uuid))
LOCK_MEETINGS = Statement(
    select(_meetings.c.id).where(_meetings.c.id == any_(_MEETINGS)).order_by(_meetings.c.id).with_for_update()
)
# Who has excused themselves ahead has not been marked yet.
BEGUN_REGISTERS = Statement(
    select(_attendances.c.meeting_id)
    .distinct()
    .where(
        _attendances.c.meeting_id == any_(_MEETINGS),
        or_(_attendances.c.status != "excused", _attendances.c.marked_by != _attendances.c.student_id),
    )
)
ATTENDANCES_OF_MEETING = Finder(
    _attendances,
    _attendances.c.meeting_id == bindparam("meeting_id"),
    _attendances.c.student_id == any_(_STUDENTS),
)
ACCOUNTS_OF_STUDENTS = Finder(
    _accounts,
    _accounts.c.class_id == bindparam("class_id"),
    _accounts.c.student_id == any_(_STUDENTS),
)
ACCOUNTS_OF_ENROLLMENTS = Finder(_accounts, _accounts.c.id == any_(bindparam("enrollments", type_=ARRAY(Uuid))))
HOLD_ACCOUNTS = Statement(
    select(_accounts.c.id)
    .where(_accounts.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(_accounts.c.id)
    .with_for_update(key_share=True)
)
ACCOUNTS_OF_CLASS = Finder(_accounts, _accounts.c.class_id == bindparam("class_id"))
PERSON = Statement(select(_people.c.id, _people.c.role, _people.c.status).where(_people.c.id == bindparam("id")))
APPEND_ENTRY = Statement(insert(metadata.tables["credit_entries"]))
APPEND_SEAT_CHANGE = Statement(insert(metadata.tables["enrollment_changes"]))
APPEND_REVISION = Statement(insert(metadata.tables["attendance_revisions"]))


class SqlOpenLessons(SqlRepository[OpenLessons]):
    """Open lessons, found by class."""

    mapping = mappers.OPEN_LESSONS

    async def of_class(self, class_id: ClassId) -> OpenLessons | None:
        """Those of a class."""
        statement = OPEN_LESSONS_OF_CLASS.statement(locking=self._uow.locking)
        return await self._load(await statement.fetchrow(self.connection, class_id=class_id))


class SqlCourses(SqlRepository[CourseOutline]):
    """Outlines of Learning's courses."""

    mapping = mappers.COURSES


class SqlAttendances(SqlRepository[Attendance]):
    """Marks, found by meeting and student."""

    mapping = mappers.ATTENDANCES

    async def of_meeting(self, meeting_id: MeetingId, students: Collection[UserId]) -> dict[UserId, Attendance]:
        """What has been marked for these students."""
        statement = ATTENDANCES_OF_MEETING.statement(locking=self._uow.locking)
        rows = await statement.fetch(self.connection, meeting_id=meeting_id, students=students)
        found = [await self._load(row) for row in rows]
        return {attendance.student_id: attendance for attendance in found if attendance is not None}


class SqlCreditAccounts(SqlRepository[CreditAccount]):
    """Accounts, found by class and student."""

    mapping = mappers.ACCOUNTS

    async def of_class(self, class_id: ClassId) -> list[CreditAccount]:
        """The accounts of everybody in the class."""
        statement = ACCOUNTS_OF_CLASS.statement(locking=self._uow.locking)
        rows = await statement.fetch(self.connection, class_id=class_id)
        found = [await self._load(row) for row in rows]
        return [account for account in found if account is not None]

    async def of_students(self, class_id: ClassId, students: Collection[UserId]) -> dict[UserId, CreditAccount]:
        """The accounts of those among these students who are enrolled in the class."""
        statement = ACCOUNTS_OF_STUDENTS.statement(locking=self._uow.locking)
        rows = await statement.fetch(self.connection, class_id=class_id, students=students)
        found = [await self._load(row) for row in rows]
        return {account.student_id: account for account in found if account is not None}

    async def of_enrollments(self, enrollments: Collection[EnrollmentId]) -> dict[EnrollmentId, CreditAccount]:
        """The accounts of these enrolments."""
        statement = ACCOUNTS_OF_ENROLLMENTS.statement(locking=self._uow.locking)
        rows = await statement.fetch(self.connection, enrollments=enrollments)
        found = [await self._load(row) for row in rows]
        return {account.id: account for account in found if account is not None}

    async def hold(self, enrollments: Collection[EnrollmentId]) -> None:
        """Lock the accounts without changing them; a conflict, if somebody has changed one since it was read."""
        await HOLD_ACCOUNTS.fetch(self.connection, ids=enrollments)


class SqlRegisters:
    """Meetings as marking sees them; markers share them, and wait only for who moves or cancels one."""

    def __init__(self, connection: Connection, *, locking: bool) -> None:
        self._connection, self._locking = connection, locking

    async def of_meeting(
        self, class_id: ClassId, meeting_id: MeetingId, *, holding_class: bool = False
    ) -> MeetingRegister | None:
        """The register of a meeting of this class."""
        statement = REGISTER_IN_ITS_CLASS if holding_class else REGISTER_OF_MEETING
        row = await statement.fetchrow(self._connection, class_id=class_id, meeting_id=meeting_id)
        return None if row is None else MeetingRegister(**row)

    async def begun(self, meetings: Collection[MeetingId]) -> frozenset[MeetingId]:
        """Those among these meetings that somebody has been marked for by others than themselves.

        Nobody is marked for any of them until the end of this transaction, if it locks what it reads.
        """
        if self._locking:
            await LOCK_MEETINGS.fetch(self._connection, meetings=meetings)
        rows = await BEGUN_REGISTERS.fetch(self._connection, meetings=meetings)
        return frozenset(row["meeting_id"] for row in rows)

    async def tally_of_class(self, class_id: ClassId, *, leaving_out: Collection[MeetingId]) -> Tally:
        """What the registers of the class add up to, but for those of these meetings."""
        row = await TALLY_OF_CLASS.fetchrow(self._connection, class_id=class_id, leaving_out=leaving_out)
        assert row is not None  # noqa: S101  an aggregate without groups always answers a row
        return Tally(**row)


class SqlPeople:
    """The chassis' copy of the people that Identity knows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, id: UserId) -> Person | None:  # noqa: A002
        """The person, if known here."""
        row = await PERSON.fetchrow(self._connection, id=id)
        return None if row is None else Person(**row)

    async def deactivated_among(self, people: Collection[UserId]) -> frozenset[UserId]:
        """Those of them whose account is closed for now."""
        rows = await DEACTIVATED_AMONG.fetch(self._connection, people=people)
        return frozenset(row["id"] for row in rows)


# Two first ones at once: whoever comes second finds the other's, and changes that.
_CAME_SECOND = frozenset(("uq_attendances_student", "uq_vouchers_attendance", "uq_calendar_feeds_owner"))


class ClassUnitOfWork(SqlUnitOfWork):
    """One command's view of the `class` schema."""

    constraints: ClassVar[Mapping[str, Refusal]] = {ONE_AT_A_TIME: InstructorDoubleBooked()}

    def __init__(self, connection: Connection, *, locking: bool = False) -> None:
        super().__init__(connection, locking=locking)
        self.classes = SqlClasses(self)
        self.timetables = SqlTimetables(self)
        self.open_lessons = SqlOpenLessons(self)
        self.courses = SqlCourses(self)
        self.attendances = SqlAttendances(self)
        self.accounts = SqlCreditAccounts(self)
        self.vouchers = SqlVouchers(self)
        self.registers = SqlRegisters(connection, locking=locking)
        self.holidays = SqlHolidays(self)
        self.feeds = SqlCalendarFeeds(self)
        self.people = SqlPeople(connection)

    async def flush(self) -> list[Raised]:
        """Write the difference, and a line in the ledger and in the history for each event that is one."""
        moving = any(table is TimetableRow for table, _ in self._tracked)
        try:
            if moving:
                await self.connection.execute(DEFER_ENGAGEMENTS)
            raised = await super().flush()
            if moving:
                await check_engagements(self.connection)
        except ConstraintViolated as violated:
            # An instructor booked twice at once: the next try finds out by whom.
            if violated.name in _CAME_SECOND or (violated.name == ONE_AT_A_TIME and not self.locking):
                raise VersionConflict(violated.name) from violated
            raise
        events = [each.event for each in raised]
        entries = [mappers.entry_to_row(event) for event in events if isinstance(event, CreditPosted)]
        revisions = [mappers.revision_to_row(event) for event in events if isinstance(event, AttendanceMarked)]
        moves = [
            mappers.seat_change_to_row(event)
            for event in events
            if isinstance(event, StudentEnrolled | StudentWithdrawn)
        ]
        await APPEND_SEAT_CHANGE.executemany(self.connection, moves)
        await APPEND_ENTRY.executemany(self.connection, entries)
        await APPEND_REVISION.executemany(self.connection, revisions)
        await count_marks(self.connection, [event for event in events if isinstance(event, AttendanceMarked)])
        await leave_out_cancelled(self.connection, events)
        return raised
