"""Facts of other contexts, kept as they come: the latest about the same thing counts."""

from uuid import UUID

from sqlalchemy import Index

from gamification.infrastructure.tables.base import Table, key


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
