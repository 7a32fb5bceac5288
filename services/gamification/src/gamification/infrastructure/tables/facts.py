"""Facts of other contexts, kept as they come: the latest about the same thing counts."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index

from gamification.infrastructure.tables.base import Table, key, moment, text_


class ClassRow(Table, table=True):
    """Who teaches a class; Class is the source.

    `sequence`, here and below, is the place of the fact among the events of the class: the latest counts.
    """

    __tablename__ = "classes"

    id: UUID = key()
    course_id: UUID
    instructor_id: UUID
    sequence: int


class ClassMemberRow(Table, table=True):
    """Who attends a class; not `active` once the seat is given up. May be known before the class itself is."""

    __tablename__ = "class_members"
    __table_args__ = (Index("ix_class_members_student_id", "student_id"),)

    class_id: UUID = key()
    student_id: UUID = key()
    active: bool
    sequence: int


class ZoneChangeRow(Table, table=True):
    """Since when a learner lives in which zone; Identity is the source."""

    __tablename__ = "zone_changes"

    player_id: UUID = key()
    since: datetime = key(of=DateTime(timezone=True))
    zone: str = text_()
    sequence: int


class HolidayRow(Table, table=True):
    """When the academy is closed; not `active` once withdrawn. Class is the source.

    While not `spread`, the learners whose past it changes have yet to be found; `seen_at` is as in `recounts`.
    """

    __tablename__ = "holidays"
    __table_args__ = (CheckConstraint("first_date <= last_date", name="ck_holidays_dates"),)

    id: UUID = key()
    first_date: date
    last_date: date
    active: bool
    sequence: int
    spread: bool
    seen_at: datetime | None = moment()


class RecountRow(Table, table=True):
    """Learners whose days are to be folded anew from a day on, because a fact came late.

    `version` grows with every such fact. `seen_at` is when the job first saw the row: what was under way then
    may have been counted by what was known before, and has to end first.
    """

    __tablename__ = "recounts"
    __table_args__ = (Index("ix_recounts_seen_at", "seen_at"),)

    player_id: UUID = key()
    from_day: date
    redraw: bool
    version: int
    seen_at: datetime | None = moment()
