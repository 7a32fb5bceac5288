"""The tables of the `class` schema. Moments are UTC; local dates and times are in the class's own zone."""

from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from babyowl_chassis.tables import add_chassis_tables

ONE_AT_A_TIME: Final = "ex_meetings_instructor"
"""The constraint that lets no instructor teach two meetings at the same time."""


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
        Index("ix_classes_active", "course_id", "type", postgresql_where=text("status = 'active'")),
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
    ended_at: datetime | None = _moment(nullable=True)
    cancel_reason: str | None = _text(nullable=True)


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
    closed_at: datetime | None = _moment(nullable=True)


class HolidayRow(Table, table=True):
    """Days on which no class meets."""

    __tablename__ = "holidays"
    __table_args__ = (
        CheckConstraint("first_date <= last_date", name="ck_holidays_order"),
        Index("ix_holidays_last_date", "last_date"),
    )
    id: UUID = Field(primary_key=True)
    version: int
    name: str = _text()
    first_date: date
    last_date: date
    declared_by: UUID
    declared_at: datetime = _moment()


class MeetingRow(Table, table=True):
    """A meeting of a class: the wall time that was agreed on, and the moments it means."""

    __tablename__ = "meetings"
    __table_args__ = (
        ForeignKeyConstraint(["timetable_id"], ["timetables.id"], name="fk_meetings_timetable", ondelete="CASCADE"),
        UniqueConstraint("timetable_id", "number", name="uq_meetings_number"),
        CheckConstraint("status IN ('planned', 'cancelled')", name="ck_meetings_status"),
        ExcludeConstraint(
            (Column("instructor_id", Uuid), "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            where=text("status = 'planned'"),
            using="gist",
            name=ONE_AT_A_TIME,
            deferrable=True,
            initially="IMMEDIATE",
        ),
        Index("ix_meetings_date", "local_date", postgresql_where=text("status = 'planned'")),
        CheckConstraint("starts_at < ends_at", name="ck_meetings_order"),
        Index("ix_meetings_class_start", "class_id", "starts_at", "id"),
        Index(
            "ix_meetings_substitute",
            "substitute_id",
            "class_id",
            postgresql_where=text("substitute_id IS NOT NULL"),
        ),
        Index("ix_meetings_instructor", "instructor_id", "starts_at", "id"),
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
    """A seat, or one that was left; `credits` is the package that came with it, if one did."""

    __tablename__ = "enrollments"
    __table_args__ = (
        _of_class("enrollments"),
        UniqueConstraint("class_id", "student_id", name="uq_enrollments_student"),
        CheckConstraint("status IN ('enrolled', 'withdrawn', 'transferred')", name="ck_enrollments_status"),
        CheckConstraint("(status = 'enrolled') = (left_at IS NULL)", name="ck_enrollments_left"),
        Index("ix_enrollments_seats", "class_id", postgresql_where=text("status = 'enrolled'")),
        Index("ix_enrollments_student", "student_id", "class_id"),
    )
    id: UUID = Field(primary_key=True)
    class_id: UUID
    student_id: UUID
    credits: int
    enrolled_by: UUID
    enrolled_at: datetime = _moment()
    status: str = _text()
    left_at: datetime | None = _moment(nullable=True)
    changes: int


class EnrollmentChangeRow(Table, table=True):
    """A line of an enrolment's history; the database refuses to change or delete one.

    `credits` is what the account held then; `other_class_id` where the student came from, or went to.
    """

    __tablename__ = "enrollment_changes"
    __table_args__ = (
        ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_enrollment_changes_enrollment"),
        CheckConstraint(
            "change IN ('enrolled', 'resumed', 'withdrawn', 'transferred')", name="ck_enrollment_changes_change"
        ),
    )
    enrollment_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    change: str = _text()
    credits: int
    other_class_id: UUID | None = None
    changed_by: UUID
    changed_at: datetime = _moment()
    reason: str | None = _text(nullable=True)


class WaitingPlaceRow(Table, table=True):
    """A student who waits for a seat, or for whom one is kept; the line goes when they do."""

    __tablename__ = "waiting_list"
    __table_args__ = (
        _of_class("waiting_list"),
        UniqueConstraint("class_id", "number", name="uq_waiting_list_number"),
        CheckConstraint("(offered_at IS NULL) = (offer_expires_at IS NULL)", name="ck_waiting_list_offer"),
        Index("ix_waiting_list_student", "student_id"),
        Index("ix_waiting_list_expiry", "offer_expires_at", postgresql_where=text("offer_expires_at IS NOT NULL")),
    )
    class_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    number: int
    joined_at: datetime = _moment()
    joined_by: UUID
    offered_at: datetime | None = _moment(nullable=True)
    offer_expires_at: datetime | None = _moment(nullable=True)


class GuestSeatRow(Table, table=True):
    """A seat at one meeting, lent to a student of another class; `starts_at` is the meeting's.

    A meeting that nobody came to and that was moved, long after, is another one to whoever books it again.
    """

    __tablename__ = "guest_seats"
    __table_args__ = (
        _of_class("guest_seats"),
        _of_meeting("guest_seats"),
        Index("ix_guest_seats_class_start", "class_id", "starts_at"),
    )
    meeting_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    starts_at: datetime = _moment(primary_key=True)
    class_id: UUID
    voucher_id: UUID


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
        # Both are written in one transaction, and the other may be the one that is new.
        ForeignKeyConstraint(
            ["gone_to"],
            ["credit_accounts.id"],
            name="fk_credit_accounts_gone_to",
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("class_id", "student_id", name="uq_credit_accounts_student"),
        CheckConstraint("gone_to IS NULL OR closed_at IS NOT NULL", name="ck_credit_accounts_gone_to"),
        CheckConstraint("balance = lots_remaining(lots) - owed", name="ck_credit_accounts_balance"),
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
    gone_to: UUID | None = None


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
    """A student's mark for a meeting, as it is now; a guest's with the voucher that it is about."""

    __tablename__ = "attendances"
    __table_args__ = (
        _of_meeting("attendances"),
        UniqueConstraint("meeting_id", "student_id", name="uq_attendances_student"),
        CheckConstraint("status IN ('present', 'late', 'absent', 'excused')", name="ck_attendances_status"),
        Index("ix_attendances_class", "class_id", "student_id"),
        Index("ix_attendances_student", "student_id", "meeting_id"),
    )
    id: UUID = Field(primary_key=True)
    version: int
    class_id: UUID
    meeting_id: UUID
    student_id: UUID
    voucher_id: UUID | None = None
    status: str = _text()
    note: str | None = _text(nullable=True)
    lot_id: UUID | None = None
    revision: int
    marked_by: UUID
    marked_at: datetime = _moment()


class VoucherRow(Table, table=True):
    """The right to make up for a meeting; the `host_` columns say at which one, once it is booked."""

    __tablename__ = "vouchers"
    __table_args__ = (
        ForeignKeyConstraint(["attendance_id"], ["attendances.id"], name="fk_vouchers_attendance"),
        ForeignKeyConstraint(["enrollment_id"], ["credit_accounts.id"], name="fk_vouchers_account"),
        _of_class("vouchers"),
        _of_meeting("vouchers"),
        ForeignKeyConstraint(["host_class_id"], ["classes.id"], name="fk_vouchers_host_class"),
        ForeignKeyConstraint(["host_meeting_id"], ["meetings.id"], name="fk_vouchers_host_meeting"),
        UniqueConstraint("attendance_id", name="uq_vouchers_attendance"),
        CheckConstraint(
            "status IN ('open', 'booked', 'used', 'missed', 'revoked', 'expired')", name="ck_vouchers_status"
        ),
        CheckConstraint(
            "(status IN ('booked', 'used', 'missed')) = (host_meeting_id IS NOT NULL)", name="ck_vouchers_booking"
        ),
        CheckConstraint(
            "num_nulls(host_class_id, host_meeting_id, host_starts_at, host_ends_at, booked_by, booked_at) IN (0, 6)",
            name="ck_vouchers_host",
        ),
        CheckConstraint("excused OR status <> 'open'", name="ck_vouchers_excused"),
        Index("ix_vouchers_student", "student_id", "issued_at", "id"),
        Index("ix_vouchers_issued", "issued_at", "id"),
        Index("ix_vouchers_enrollment", "enrollment_id"),
        Index("ix_vouchers_class", "class_id"),
        Index("ix_vouchers_meeting", "meeting_id"),
        Index("ix_vouchers_host_meeting", "host_meeting_id", "student_id"),
        Index("ix_vouchers_host_class", "host_class_id", postgresql_where=text("status = 'booked'")),
        Index("ix_vouchers_expiry", "expires_at", postgresql_where=text("status = 'open'")),
        Index("ix_vouchers_unmarked", "host_ends_at", postgresql_where=text("status = 'booked'")),
    )
    id: UUID = Field(primary_key=True)
    version: int
    attendance_id: UUID
    enrollment_id: UUID
    class_id: UUID
    course_id: UUID
    student_id: UUID
    meeting_id: UUID
    issued_at: datetime = _moment()
    expires_at: datetime = _moment()
    excused: bool
    lapsed_at: datetime | None = _moment(nullable=True)
    status: str = _text()
    host_class_id: UUID | None = None
    host_meeting_id: UUID | None = None
    host_starts_at: datetime | None = _moment(nullable=True)
    host_ends_at: datetime | None = _moment(nullable=True)
    booked_by: UUID | None = None
    booked_at: datetime | None = _moment(nullable=True)


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
    __table_args__ = (_of_class("attendance_tallies"),)
    class_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    present: int
    late: int
    absent: int
    excused: int
    last_attended_at: datetime | None = _moment(nullable=True)


class CalendarFeedRow(Table, table=True):
    """A calendar link; without a class, to all meetings of its owner. Of its token only the digest is kept."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        _of_class("calendar_feeds"),
        UniqueConstraint("owner_id", "class_id", name="uq_calendar_feeds_owner", postgresql_nulls_not_distinct=True),
        UniqueConstraint("token_digest", name="uq_calendar_feeds_token"),
        CheckConstraint("octet_length(token_digest) = 32", name="ck_calendar_feeds_token"),
        Index("ix_calendar_feeds_class", "class_id"),
    )
    id: UUID = Field(primary_key=True)
    version: int
    owner_id: UUID
    class_id: UUID | None = None
    token_digest: bytes
    created_at: datetime = _moment()
    renewed_at: datetime = _moment()


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
