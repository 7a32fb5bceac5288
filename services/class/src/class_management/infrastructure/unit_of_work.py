"""The context's repositories on Postgres."""

from collections.abc import Collection

from sqlalchemy import ARRAY, ColumnElement, Table, Uuid, any_, bindparam, insert, literal_column, select

from babyowl_chassis.sql import Connection, Statement
from babyowl_chassis.unit_of_work import (
    ConstraintViolated,
    Raised,
    SqlRepository,
    SqlUnitOfWork,
    VersionConflict,
)
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.events import AttendanceMarked, CreditPosted
from class_management.domain.open_lessons import OpenLessons
from class_management.domain.timetable import Timetable
from class_management.domain.values import ClassId, MeetingId, MeetingRegister, Person, UserId
from class_management.infrastructure import mappers
from class_management.infrastructure.tables import metadata
from class_management.infrastructure.tallies import count_marks

_classes = metadata.tables["classes"]
_timetables = metadata.tables["timetables"]
_meetings = metadata.tables["meetings"]
_open_lessons = metadata.tables["open_lessons"]
_accounts = metadata.tables["credit_accounts"]
_attendances = metadata.tables["attendances"]
_people = metadata.tables["people"]


class Finder:
    """Root rows by a condition, read and locked in the order of their ids, so that no two writers deadlock."""

    def __init__(self, table: Table, *where: ColumnElement[bool]) -> None:
        found = select(table).where(*where).order_by(table.c.id)
        self._reading = Statement(found)
        self._locking = Statement(found.with_for_update())

    def statement(self, *, locking: bool) -> Statement:
        """The statement to run: on a second try the one that locks."""
        return self._locking if locking else self._reading


_STUDENTS = bindparam("students", type_=ARRAY(Uuid))

# Shared by markers and held until the mark stands, so that nobody cancels or moves the meeting meanwhile.
REGISTER_OF_MEETING = Statement(
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
    )
    .join_from(_meetings, _classes, _classes.c.id == _meetings.c.class_id)
    .where(_meetings.c.id == bindparam("meeting_id"), _meetings.c.class_id == bindparam("class_id"))
    .with_for_update(read=True, of=_meetings)
)
TIMETABLE_OF_CLASS = Finder(_timetables, _timetables.c.class_id == bindparam("class_id"))
OPEN_LESSONS_OF_CLASS = Finder(_open_lessons, _open_lessons.c.class_id == bindparam("class_id"))
TOTAL_MEETINGS = Statement(
    select(_timetables.c.total_meetings).where(_timetables.c.class_id == bindparam("class_id"))
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
ACCOUNTS_OF_CLASS = Finder(_accounts, _accounts.c.class_id == bindparam("class_id"))
PERSON = Statement(select(_people.c.id, _people.c.role, _people.c.status).where(_people.c.id == bindparam("id")))
APPEND_ENTRY = Statement(insert(metadata.tables["credit_entries"]))
APPEND_REVISION = Statement(insert(metadata.tables["attendance_revisions"]))


class SqlClasses(SqlRepository[Class]):
    """Classes with their seats."""

    mapping = mappers.CLASSES


class SqlTimetables(SqlRepository[Timetable]):
    """Timetables with their series, found by class."""

    mapping = mappers.TIMETABLES

    async def of_class(self, class_id: ClassId) -> Timetable | None:
        """The timetable of a class."""
        statement = TIMETABLE_OF_CLASS.statement(locking=self._uow.locking)
        return await self._load(await statement.fetchrow(self.connection, class_id=class_id))

    async def total_meetings(self, class_id: ClassId) -> int:
        """How many meetings the class has."""
        return await TOTAL_MEETINGS.fetchval(self.connection, class_id=class_id) or 0


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


class SqlRegisters:
    """Meetings as marking sees them; read only, so nobody waits for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_meeting(self, class_id: ClassId, meeting_id: MeetingId) -> MeetingRegister | None:
        """The register of a meeting of this class."""
        row = await REGISTER_OF_MEETING.fetchrow(self._connection, class_id=class_id, meeting_id=meeting_id)
        return None if row is None else MeetingRegister(**row)


class SqlPeople:
    """The chassis' copy of the people that Identity knows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, id: UserId) -> Person | None:  # noqa: A002
        """The person, if known here."""
        row = await PERSON.fetchrow(self._connection, id=id)
        return None if row is None else Person(**row)


class ClassUnitOfWork(SqlUnitOfWork):
    """One command's view of the `class` schema."""

    def __init__(self, connection: Connection, *, locking: bool = False) -> None:
        super().__init__(connection, locking=locking)
        self.classes = SqlClasses(self)
        self.timetables = SqlTimetables(self)
        self.open_lessons = SqlOpenLessons(self)
        self.courses = SqlCourses(self)
        self.attendances = SqlAttendances(self)
        self.accounts = SqlCreditAccounts(self)
        self.registers = SqlRegisters(connection)
        self.people = SqlPeople(connection)

    async def flush(self) -> list[Raised]:
        """Write the difference, and a line in the ledger and in the history for each event that is one."""
        try:
            raised = await super().flush()
        except ConstraintViolated as violated:
            # Two first marks of one student at once: whoever comes second finds the mark, and corrects it.
            if violated.name == "uq_attendances_student":
                raise VersionConflict(violated.name) from violated
            raise
        events = [each.event for each in raised]
        entries = [mappers.entry_to_row(event) for event in events if isinstance(event, CreditPosted)]
        revisions = [mappers.revision_to_row(event) for event in events if isinstance(event, AttendanceMarked)]
        await APPEND_ENTRY.executemany(self.connection, entries)
        await APPEND_REVISION.executemany(self.connection, revisions)
        await count_marks(self.connection, [event for event in events if isinstance(event, AttendanceMarked)])
        return raised
