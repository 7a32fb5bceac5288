"""The tables of the `class` schema. Moments are UTC; local dates and times are in the class's own zone."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKeyConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from babyowl_chassis.tables import add_chassis_tables


class Table(SQLModel, registry=registry()):
    """Base of this service's tables: a metadata of its own."""


def _text(**options: Any) -> Any:
    return Field(sa_type=SqlText, **options)


def _moment(**options: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **options)


def _of_class(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["class_id"], ["classes.id"], name=f"fk_{table}_class", ondelete="CASCADE")


def _of_meeting(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=f"fk_{table}_meeting")


class ClassRow(Table, table=True):
    """A class and its terms."""

    __tablename__ = "classes"
    __table_args__ = (
        CheckConstraint("type IN ('group', 'private')", name="ck_classes_type"),
        CheckConstraint("status IN ('draft', 'active', 'completed', 'cancelled')", name="ck_classes_status"),
        CheckConstraint("zero_balance IN ('refuse', 'owe')", name="ck_classes_zero_balance"),
        Index("ix_classes_created", "created_at", "id"),
        Index("ix_classes_instructor", "instructor_id", "created_at", "id"),
        Index("ix_classes_course", "course_id", "created_at", "id"),
        Index("ix_classes_name", text("to_tsvector('simple'::regconfig, name)"), postgresql_using="gin"),
    )
    id: UUID = Field(primary_key=True)
    version: int
    name: str = _text()
    course_id: UUID
    instructor_id: UUID
    type: str = _text()
    status: str = _text()
    capacity: int
    package: int
    zero_balance: str = _text()
    excuse_deadline_minutes: int
    make_up_days: int | None = None
    credit_days: int | None = None
    offer_hours: int
    created_by: UUID
    created_at: datetime = _moment()
    activated_at: datetime | None = _moment(nullable=True)


class TimetableRow(Table, table=True):
    """When a class meets. `total_meetings` counts its meetings that are not cancelled."""

    __tablename__ = "timetables"
    __table_args__ = (_of_class("timetables"), UniqueConstraint("class_id", name="uq_timetables_class"))
    id: UUID = Field(primary_key=True)
    version: int
    class_id: UUID
    course_id: UUID
    instructor_id: UUID
    time_zone: str = _text()
    first_date: date
    local_time: time
    weekdays: list[int] = Field(sa_type=ARRAY(Integer))
    duration_minutes: int
    total_meetings: int


class MeetingRow(Table, table=True):
    """A meeting of a class: the wall time that was agreed on, and the moments it means."""

    __tablename__ = "meetings"
    __table_args__ = (
        ForeignKeyConstraint(["timetable_id"], ["timetables.id"], name="fk_meetings_timetable", ondelete="CASCADE"),
        UniqueConstraint("timetable_id", "number", name="uq_meetings_number"),
        CheckConstraint("status IN ('planned', 'cancelled')", name="ck_meetings_status"),
        CheckConstraint("starts_at < ends_at", name="ck_meetings_order"),
        Index("ix_meetings_class_start", "class_id", "starts_at"),
        Index("ix_meetings_start", "starts_at", "id"),
    )
    id: UUID = Field(primary_key=True)
    timetable_id: UUID
    class_id: UUID
    number: int
    local_date: date
    local_time: time
    starts_at: datetime = _moment()
    ends_at: datetime = _moment()
    status: str = _text()
    sequence: int
    instructor_id: UUID
    substitute_id: UUID | None = None
    cancel_reason: str | None = _text(nullable=True)
    changed_at: datetime = _moment()


class EnrollmentRow(Table, table=True):
    """A seat; `credits` is the package that came with it."""

    __tablename__ = "enrollments"
    __table_args__ = (
        _of_class("enrollments"),
        UniqueConstraint("class_id", "student_id", name="uq_enrollments_student"),
        Index("ix_enrollments_student", "student_id", "class_id"),
    )
    id: UUID = Field(primary_key=True)
    class_id: UUID
    student_id: UUID
    credits: int
    enrolled_by: UUID
    enrolled_at: datetime = _moment()


class OpenLessonsRow(Table, table=True):
    """What a class has unlocked, as a whole."""

    __tablename__ = "open_lessons"
    __table_args__ = (_of_class("open_lessons"), UniqueConstraint("class_id", name="uq_open_lessons_class"))
    id: UUID = Field(primary_key=True)
    version: int
    class_id: UUID


class LessonUnlockRow(Table, table=True):
    """An open lesson; without a student, open to the whole class."""

    __tablename__ = "lesson_unlocks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["open_lessons_id"], ["open_lessons.id"], name="fk_lesson_unlocks_open_lessons", ondelete="CASCADE"
        ),
        Index("ix_lesson_unlocks_open_lessons", "open_lessons_id"),
        UniqueConstraint(
            "class_id",
            "lesson_id",
            "student_id",
            name="uq_lesson_unlocks_lesson",
            postgresql_nulls_not_distinct=True,
        ),
    )
    id: UUID = Field(primary_key=True)
    open_lessons_id: UUID
    class_id: UUID
    lesson_id: UUID
    student_id: UUID | None = None
    unlocked_by: UUID
    unlocked_at: datetime = _moment()


class CreditAccountRow(Table, table=True):
    """What an enrolment may still spend: the sum of its ledger. It has the enrolment's id.

    `balance` is what remains of `lots` less what is `owed`; from `next_expiry_at` on it counts what has expired.
    """

    __tablename__ = "credit_accounts"
    __table_args__ = (
        ForeignKeyConstraint(["id"], ["enrollments.id"], name="fk_credit_accounts_enrollment", ondelete="CASCADE"),
        UniqueConstraint("class_id", "student_id", name="uq_credit_accounts_student"),
        CheckConstraint("balance >= 0 OR zero_balance = 'owe'", name="ck_credit_accounts_zero_balance"),
        CheckConstraint("owed = 0 OR (owed > 0 AND zero_balance = 'owe')", name="ck_credit_accounts_owed"),
        Index("ix_credit_accounts_expiry", "next_expiry_at", postgresql_where=text("next_expiry_at IS NOT NULL")),
    )
    id: UUID = Field(primary_key=True)
    version: int
    class_id: UUID
    student_id: UUID
    zero_balance: str = _text()
    balance: int
    owed: int
    lots: list[dict[str, Any]] = Field(sa_type=JSONB)
    next_expiry_at: datetime | None = _moment(nullable=True)
    entries: int
    last_entry_at: datetime = _moment()
    closed_at: datetime | None = _moment(nullable=True)


class CreditEntryRow(Table, table=True):
    """A line of the ledger; the database refuses to change or delete one. Without a lot it is about what is owed."""

    __tablename__ = "credit_entries"
    __table_args__ = (
        ForeignKeyConstraint(["enrollment_id"], ["credit_accounts.id"], name="fk_credit_entries_account"),
        _of_meeting("credit_entries"),
        UniqueConstraint("enrollment_id", "number", name="uq_credit_entries_number"),
        UniqueConstraint("enrollment_id", "meeting_id", "attendance_revision", name="uq_credit_entries_attendance"),
        CheckConstraint("amount <> 0", name="ck_credit_entries_amount"),
        CheckConstraint(
            "cause IN ('package', 'purchase', 'manual', 'attendance', 'correction', "
            "'make_up', 'settlement', 'expiry', 'transfer')",
            name="ck_credit_entries_cause",
        ),
        CheckConstraint(
            "lot_id IS NOT NULL OR cause IN ('manual', 'attendance', 'correction', 'settlement')",
            name="ck_credit_entries_lot",
        ),
        CheckConstraint(
            "posted_by IS NOT NULL OR cause IN ('expiry', 'make_up', 'settlement')",
            name="ck_credit_entries_posted_by",
        ),
        CheckConstraint("cause <> 'manual' OR reason IS NOT NULL", name="ck_credit_entries_reason"),
        CheckConstraint("(reference IS NOT NULL) = (cause = 'purchase')", name="ck_credit_entries_reference"),
        CheckConstraint("(other_class_id IS NOT NULL) = (cause = 'transfer')", name="ck_credit_entries_other_class"),
        CheckConstraint(
            "(meeting_id IS NOT NULL AND attendance_revision IS NOT NULL) = (cause IN ('attendance', 'correction'))",
            name="ck_credit_entries_meeting",
        ),
    )
    id: UUID = Field(primary_key=True)
    enrollment_id: UUID
    number: int
    amount: int
    balance: int
    cause: str = _text()
    lot_id: UUID | None = None
    meeting_id: UUID | None = None
    attendance_revision: int | None = None
    posted_by: UUID | None = None
    posted_at: datetime = _moment()
    reason: str | None = _text(nullable=True)
    reference: str | None = _text(nullable=True)
    other_class_id: UUID | None = None


class AttendanceRow(Table, table=True):
    """A student's mark for a meeting, as it is now."""

    __tablename__ = "attendances"
    __table_args__ = (
        _of_meeting("attendances"),
        UniqueConstraint("meeting_id", "student_id", name="uq_attendances_student"),
        CheckConstraint("status IN ('present', 'late', 'absent', 'excused')", name="ck_attendances_status"),
        Index("ix_attendances_class", "class_id", "student_id"),
    )
    id: UUID = Field(primary_key=True)
    version: int
    class_id: UUID
    meeting_id: UUID
    student_id: UUID
    guest: bool
    status: str = _text()
    note: str | None = _text(nullable=True)
    lot_id: UUID | None = None
    revision: int
    marked_by: UUID
    marked_at: datetime = _moment()


class AttendanceRevisionRow(Table, table=True):
    """A mark as it was made; the database refuses to change or delete one."""

    __tablename__ = "attendance_revisions"
    __table_args__ = (
        ForeignKeyConstraint(["attendance_id"], ["attendances.id"], name="fk_attendance_revisions_attendance"),
    )
    attendance_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    status: str = _text()
    previous_status: str | None = _text(nullable=True)
    marked_by: UUID
    marked_at: datetime = _moment()
    reason: str | None = _text(nullable=True)
    note: str | None = _text(nullable=True)


class AttendanceTallyRow(Table, table=True):
    """How often a student was what at the meetings of a class: the sum of their marks, kept with each mark."""

    __tablename__ = "attendance_tallies"
    __table_args__ = (
        _of_class("attendance_tallies"),
        CheckConstraint(
            "present >= 0 AND late >= 0 AND absent >= 0 AND excused >= 0", name="ck_attendance_tallies_counts"
        ),
    )
    class_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    present: int
    late: int
    absent: int
    excused: int
    last_attended_at: datetime | None = _moment(nullable=True)


class CourseRow(Table, table=True):
    """What Learning has told of a course; `revision` 0 before its first publication is known."""

    __tablename__ = "courses"
    id: UUID = Field(primary_key=True)
    version: int
    revision: int
    published_at: datetime | None = _moment(nullable=True)
    archived_at: datetime | None = _moment(nullable=True)


class CourseLessonRow(Table, table=True):
    """A lesson of the latest publication, and its position."""

    __tablename__ = "course_lessons"
    __table_args__ = (
        ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_course_lessons_course", ondelete="CASCADE"),
        Index("ix_course_lessons_lesson", "lesson_id"),
    )
    course_id: UUID = Field(primary_key=True)
    lesson_id: UUID = Field(primary_key=True)
    position: int


metadata = Table.metadata
add_chassis_tables(metadata, people=True)
