"""What learners could do and when, as other contexts tell it: history, so that any past midnight can be asked about.

A `sequence` is the place of a fact among the events of its class, the course's `revision` among its publications;
`at` is when it came about.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, Text, Uuid
from sqlmodel import Field

from gamification.infrastructure.tables.base import Table, key, moment, text_


def _array(of: Any) -> Any:
    return Field(sa_type=ARRAY(of))


class CurriculumRow(Table, table=True):
    """One row, which whoever notes a fact writes and whoever draws by facts locks; it tells nothing by itself."""

    __tablename__ = "curriculum"
    __table_args__ = (CheckConstraint("id = 1", name="ck_curriculum_id"),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    facts: int = Field(sa_type=BigInteger)


class SeatChangeRow(Table, table=True):
    """A student took a seat in a class, or gave it up."""

    __tablename__ = "seat_changes"
    __table_args__ = (Index("ix_seat_changes_student_id", "student_id", "class_id", "sequence"),)

    class_id: UUID = key()
    student_id: UUID = key()
    sequence: int = key()
    course_id: UUID
    active: bool
    at: datetime = moment()


class LessonLockRow(Table, table=True):
    """A lesson was opened or closed to a class; or, unless `student_id` is nil, to one student of it."""

    __tablename__ = "lesson_locks"

    class_id: UUID = key()
    student_id: UUID = key()
    lesson_id: UUID = key()
    sequence: int = key()
    open: bool
    at: datetime = moment()


class PublicationRow(Table, table=True):
    """A course as it was published; who may read an `open` one needs no class."""

    __tablename__ = "publications"
    __table_args__ = (CheckConstraint("revision >= 1", name="ck_publications_revision"),)

    course_id: UUID = key()
    revision: int = key()
    open: bool
    at: datetime = moment()


class PublishedLessonRow(Table, table=True):
    """A lesson of a publication with its exercises; of old publications the kinds are not known, and empty."""

    __tablename__ = "published_lessons"
    __table_args__ = (
        CheckConstraint(
            "cardinality(exercise_kinds) IN (0, cardinality(exercise_ids))", name="ck_published_lessons_kinds"
        ),
    )

    course_id: UUID = key()
    revision: int = key()
    lesson_id: UUID = key()
    exercise_ids: list[UUID] = _array(Uuid)
    exercise_kinds: list[str] = _array(Text)


class MeetingRow(Table, table=True):
    """A meeting as it was last heard of, `noted_at` that time."""

    __tablename__ = "meetings"
    __table_args__ = (Index("ix_meetings_class_id", "class_id", "starts_at"),)

    id: UUID = key()
    class_id: UUID
    starts_at: datetime = moment()
    cancelled: bool
    noted_at: datetime = moment()


class TimetableRow(Table, table=True):
    """In which zone a class meets, when its whole series was last told, and when it ended.

    A meeting that was last heard of before the series was is no part of it any more; one that would begin after
    the end does not take place.
    """

    __tablename__ = "timetables"

    class_id: UUID = key()
    time_zone: str | None = text_()
    planned_at: datetime | None = moment()
    ended_at: datetime | None = moment()
