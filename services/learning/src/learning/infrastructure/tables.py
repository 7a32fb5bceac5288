"""The tables of the `learning` schema."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint, func
from sqlalchemy import Text as SqlText
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from babyowl_chassis.tables import add_chassis_tables


class Table(SQLModel, registry=registry()):
    """Base of this service's tables: a metadata of its own."""


def _text(**options: Any) -> Any:
    return Field(sa_type=SqlText, **options)


def _time(**options: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **options)


def _of_course(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["course_id"], ["courses.id"], name=f"fk_{name}_course", ondelete="CASCADE")


def _of_publication(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["course_id", "revision"],
        ["publications.course_id", "publications.revision"],
        name=f"fk_{name}_publication",
    )


class CourseRow(Table, table=True):
    """A course's draft; `revision` is that of its newest publication, 0 if there is none."""

    __tablename__ = "courses"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published', 'archived')", name="ck_courses_status"),
        Index("ix_courses_instructor", "instructor_id", "id"),
    )
    id: UUID = Field(primary_key=True)
    version: int
    instructor_id: UUID
    title: str = _text()
    summary: str = _text()
    open: bool
    status: str = _text()
    revision: int
    has_unpublished_changes: bool
    created_at: datetime = _time()
    updated_at: datetime = _time()
    published_at: datetime | None = _time(nullable=True)


class SectionRow(Table, table=True):
    """A section of a draft."""

    __tablename__ = "sections"
    __table_args__ = (_of_course("sections"), Index("ix_sections_course", "course_id"))
    id: UUID = Field(primary_key=True)
    course_id: UUID
    position: int
    title: str = _text()


class LessonRow(Table, table=True):
    """A lesson of a draft; `position` counts from 1 through all sections."""

    __tablename__ = "lessons"
    __table_args__ = (_of_course("lessons"), Index("ix_lessons_course_section", "course_id", "section_id"))
    id: UUID = Field(primary_key=True)
    course_id: UUID
    section_id: UUID
    position: int
    title: str = _text()
    text_digest: str = _text()
    text_size: int
    video_url: str | None = _text(nullable=True)


class ExerciseRow(Table, table=True):
    """An exercise of a draft."""

    __tablename__ = "exercises"
    __table_args__ = (_of_course("exercises"), Index("ix_exercises_course_lesson", "course_id", "lesson_id"))
    id: UUID = Field(primary_key=True)
    course_id: UUID
    lesson_id: UUID
    position: int
    kind: str = _text()
    title: str = _text()
    text_digest: str = _text()
    text_size: int
    required_minutes: int | None = Field(default=None)


class TextRow(Table, table=True):
    """A text that lessons and exercises of a course refer to; `kept_at` is when it was last written."""

    __tablename__ = "texts"
    __table_args__ = (_of_course("texts"),)
    course_id: UUID = Field(primary_key=True)
    digest: str = _text(primary_key=True)
    body: str = _text()
    kept_at: datetime = _time(sa_column_kwargs={"server_default": func.now()})


class PublicationRow(Table, table=True):
    """A course as it was published; insert-only."""

    __tablename__ = "publications"
    __table_args__ = (_of_course("publications"),)
    course_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    instructor_id: UUID
    title: str = _text()
    summary: str = _text()
    open: bool
    lessons_total: int
    exercises_total: int
    published_at: datetime = _time()


class PublishedLessonRow(Table, table=True):
    """A lesson as it was published, with its section; insert-only."""

    __tablename__ = "published_lessons"
    __table_args__ = (_of_publication("published_lessons"), Index("ix_published_lessons_lesson", "lesson_id"))
    course_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    lesson_id: UUID = Field(primary_key=True)
    position: int
    section_id: UUID
    section_title: str = _text()
    title: str = _text()
    text_digest: str = _text()
    video_url: str | None = _text(nullable=True)


class PublishedExerciseRow(Table, table=True):
    """An exercise as it was published; insert-only."""

    __tablename__ = "published_exercises"
    __table_args__ = (
        _of_publication("published_exercises"),
        Index("ix_published_exercises_exercise", "exercise_id"),
        Index("ix_published_exercises_lesson", "course_id", "revision", "lesson_id"),
    )
    course_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    exercise_id: UUID = Field(primary_key=True)
    lesson_id: UUID
    position: int
    kind: str = _text()
    title: str = _text()
    text_digest: str = _text()
    required_minutes: int | None = Field(default=None)


class ProgressRow(Table, table=True):
    """How far a student is in a course; the counts are those of `revision`."""

    __tablename__ = "progress"
    __table_args__ = (
        UniqueConstraint("student_id", "course_id", name="uq_progress_student_course"),
        Index("ix_progress_course", "course_id", "student_id"),
    )
    id: UUID = Field(primary_key=True)
    version: int
    student_id: UUID
    course_id: UUID
    revision: int
    exercises_done: int
    exercises_total: int
    lessons_done: int
    lessons_total: int
    started_at: datetime = _time()
    last_activity_at: datetime = _time()
    completed_at: datetime | None = _time(nullable=True)


class CompletedExerciseRow(Table, table=True):
    """The first time a student completed an exercise."""

    __tablename__ = "completed_exercises"
    __table_args__ = (ForeignKeyConstraint(["progress_id"], ["progress.id"], name="fk_completed_exercises_progress"),)
    progress_id: UUID = Field(primary_key=True)
    exercise_id: UUID = Field(primary_key=True)
    lesson_id: UUID
    completed_at: datetime = _time()


class CompletedLessonRow(Table, table=True):
    """When a student had completed every exercise of a lesson."""

    __tablename__ = "completed_lessons"
    __table_args__ = (ForeignKeyConstraint(["progress_id"], ["progress.id"], name="fk_completed_lessons_progress"),)
    progress_id: UUID = Field(primary_key=True)
    lesson_id: UUID = Field(primary_key=True)
    completed_at: datetime = _time()


class ClassRow(Table, table=True):
    """A class of a course, as heard from the Class context.

    `sequence`, here and in the five tables below, is the place that the fact has among the events of its
    aggregate, 0 if Class was asked for it: of two facts about the same thing the later one counts.
    """

    __tablename__ = "classes"
    __table_args__ = (Index("ix_classes_course_instructor", "course_id", "instructor_id"),)
    class_id: UUID = Field(primary_key=True)
    course_id: UUID
    instructor_id: UUID
    sequence: int


class SubstitutionRow(Table, table=True):
    """Who stands in at a meeting; None once nobody does, or it does not take place."""

    __tablename__ = "substitutions"
    __table_args__ = (Index("ix_substitutions_substitute", "substitute_id", "course_id"),)
    meeting_id: UUID = Field(primary_key=True)
    course_id: UUID
    substitute_id: UUID | None
    sequence: int


class MeetingDateRow(Table, table=True):
    """The day a meeting is on, in its class's own zone: of one that was moved, or that somebody stands in at."""

    __tablename__ = "meeting_dates"
    meeting_id: UUID = Field(primary_key=True)
    meeting_date: date
    sequence: int


class EnrollmentRow(Table, table=True):
    """A student's seat in a class; not `active` once it is given up, until it is taken again."""

    __tablename__ = "enrollments"
    __table_args__ = (Index("ix_enrollments_student_course", "student_id", "course_id"),)
    class_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    course_id: UUID
    active: bool
    sequence: int


class ClassUnlockRow(Table, table=True):
    """A lesson is open to a whole class, or was."""

    __tablename__ = "class_unlocks"
    class_id: UUID = Field(primary_key=True)
    lesson_id: UUID = Field(primary_key=True)
    open: bool
    sequence: int


class StudentUnlockRow(Table, table=True):
    """A lesson is open to one student of a class, or was."""

    __tablename__ = "student_unlocks"
    class_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    lesson_id: UUID = Field(primary_key=True)
    open: bool
    sequence: int


metadata = Table.metadata
add_chassis_tables(metadata, people=True)
