"""The repositories of Learning over Postgres."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped
from sqlmodel import col

from babyowl_chassis.sql import Connection, Statement
from babyowl_chassis.unit_of_work import SqlRepository, SqlUnitOfWork
from learning.domain.course import Course
from learning.domain.outline import Outline
from learning.domain.progress import StudentProgress
from learning.domain.publication import Publication
from learning.domain.values import Access, TextRef
from learning.infrastructure.mappers import COURSES, PROGRESS, outline_from_rows, publication_to_rows
from learning.infrastructure.tables import (
    ClassRow,
    ClassUnlockRow,
    CourseRow,
    EnrollmentRow,
    ExerciseRow,
    LessonRow,
    MeetingDateRow,
    PublicationRow,
    PublishedExerciseRow,
    PublishedLessonRow,
    StudentUnlockRow,
    SubstitutionRow,
    TextRow,
    metadata,
)


class SqlCourses(SqlRepository[Course]):
    """Drafts of courses."""

    mapping = COURSES

    async def with_lesson(self, lesson_id: UUID) -> Course | None:
        """The course whose draft has this lesson."""
        return await self._find(_HAS_LESSON, lesson_id=lesson_id)

    async def with_exercise(self, exercise_id: UUID) -> Course | None:
        """The course whose draft has this exercise."""
        return await self._find(_HAS_EXERCISE, exercise_id=exercise_id)


def _has(owner: Mapped[UUID], part: Mapped[UUID], name: str) -> ColumnElement[bool]:
    owners = select(owner).where(part == bindparam(name)).scalar_subquery()
    return col(CourseRow.id) == owners


_HAS_LESSON = _has(col(LessonRow.course_id), col(LessonRow.id), "lesson_id")
_HAS_EXERCISE = _has(col(ExerciseRow.course_id), col(ExerciseRow.id), "exercise_id")


class SqlProgress(SqlRepository[StudentProgress]):
    """Progress of students."""

    mapping = PROGRESS


_IN_THE_PUBLICATION = and_(
    col(PublishedExerciseRow.course_id) == CourseRow.id,
    col(PublishedExerciseRow.revision) == CourseRow.revision,
)
_ITS_COURSE = (
    select(col(PublishedExerciseRow.course_id))
    .join(CourseRow, _IN_THE_PUBLICATION)
    .where(col(PublishedExerciseRow.exercise_id) == bindparam("exercise_id"))
    .scalar_subquery()
)
_OUTLINE: Select[*tuple[Any, ...]] = (
    select(
        col(CourseRow.id).label("course_id"),
        col(CourseRow.revision),
        col(PublicationRow.open),
        col(PublishedLessonRow.lesson_id),
        col(PublishedLessonRow.position).label("lesson_position"),
        col(PublishedExerciseRow.exercise_id),
        col(PublishedExerciseRow.position),
        col(PublishedExerciseRow.kind),
    )
    .select_from(CourseRow)
    .join(
        PublicationRow,
        and_(col(PublicationRow.course_id) == CourseRow.id, col(PublicationRow.revision) == CourseRow.revision),
    )
    .join(PublishedExerciseRow, _IN_THE_PUBLICATION)
    .join(
        PublishedLessonRow,
        and_(
            col(PublishedLessonRow.course_id) == CourseRow.id,
            col(PublishedLessonRow.revision) == CourseRow.revision,
            col(PublishedLessonRow.lesson_id) == PublishedExerciseRow.lesson_id,
        ),
    )
)
_CURRENT = Statement(_OUTLINE.where(col(CourseRow.id) == bindparam("course_id")))
_CURRENT_WITH_EXERCISE = Statement(_OUTLINE.where(col(CourseRow.id) == _ITS_COURSE))


class SqlPublications:
    """Revisions of courses."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow = uow

    def add(self, publication: Publication) -> None:
        """Append the publication's rows at the end of the command."""
        for table, rows in publication_to_rows(publication).items():
            for row in rows:
                self._uow.append(table, row)

    async def current(self, course_id: UUID) -> Outline | None:
        """The outline of the current revision of the course."""
        rows = await _CURRENT.fetch(self._uow.connection, course_id=course_id)
        return outline_from_rows([dict(row) for row in rows])

    async def current_with_exercise(self, exercise_id: UUID) -> Outline | None:
        """The outline of the current revision that has this exercise."""
        rows = await _CURRENT_WITH_EXERCISE.fetch(self._uow.connection, exercise_id=exercise_id)
        return outline_from_rows([dict(row) for row in rows])


_KEEP_TEXT = Statement(
    insert(TextRow)
    .values({name: bindparam(name) for name in ("course_id", "digest", "body")})
    # The row is touched, and locked, so that nobody sweeps it away before what refers to it is there.
    .on_conflict_do_update(index_elements=["course_id", "digest"], set_={"kept_at": func.now()})
)


class SqlTexts:
    """Texts of courses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, course_id: UUID, texts: Iterable[str]) -> None:
        """Insert the texts that are not there yet, and touch the others."""
        by_digest = {TextRef.of(text).digest: text for text in texts}
        # In the order of their digests, so that two authors who write the same texts wait and don't deadlock.
        rows = [
            {"course_id": course_id, "digest": digest, "body": body} for digest, body in sorted(by_digest.items())
        ]
        if rows:
            await _KEEP_TEXT.executemany(self._connection, rows)


def _noting(
    table: type[ClassRow | SubstitutionRow | MeetingDateRow | EnrollmentRow | ClassUnlockRow | StudentUnlockRow],
) -> Statement:
    """Keep a fact, unless a later one about the same thing is known."""
    kept = metadata.tables[str(table.__tablename__)]
    noting = insert(table).values({column.name: bindparam(column.name) for column in kept.c})
    return Statement(
        noting.on_conflict_do_update(
            index_elements=list(kept.primary_key),
            set_={column.name: noting.excluded[column.name] for column in kept.c if not column.primary_key},
            where=kept.c.sequence < noting.excluded.sequence,
        )
    )


_NOTE_CLASS = _noting(ClassRow)
_NOTE_SUBSTITUTE = _noting(SubstitutionRow)
_NOTE_MEETING_DATE = _noting(MeetingDateRow)
_NOTE_ENROLLMENT = _noting(EnrollmentRow)
_NOTE_CLASS_UNLOCK = _noting(ClassUnlockRow)
_NOTE_STUDENT_UNLOCK = _noting(StudentUnlockRow)

_A_SEAT = and_(
    col(EnrollmentRow.active),
    col(EnrollmentRow.student_id) == bindparam("student_id"),
    col(EnrollmentRow.course_id) == bindparam("course_id"),
)
_FOR_THE_CLASS = and_(
    col(ClassUnlockRow.open),
    col(ClassUnlockRow.class_id) == EnrollmentRow.class_id,
    col(ClassUnlockRow.lesson_id) == bindparam("lesson_id"),
)
_FOR_THE_STUDENT = and_(
    col(StudentUnlockRow.open),
    col(StudentUnlockRow.class_id) == EnrollmentRow.class_id,
    col(StudentUnlockRow.student_id) == EnrollmentRow.student_id,
    col(StudentUnlockRow.lesson_id) == bindparam("lesson_id"),
)
_ACCESS = Statement(
    select(
        exists(select(EnrollmentRow).where(_A_SEAT)).label("enrolled"),
        exists(
            select(EnrollmentRow).where(
                _A_SEAT,
                or_(
                    exists(select(ClassUnlockRow).where(_FOR_THE_CLASS)),
                    exists(select(StudentUnlockRow).where(_FOR_THE_STUDENT)),
                ),
            )
        ).label("unlocked"),
    )
)


class SqlClassFacts:
    """What was heard of classes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note_class(self, class_id: UUID, course_id: UUID, instructor_id: UUID, *, sequence: int) -> None:
        """A class of the course is taught by this instructor."""
        await _NOTE_CLASS.execute(
            self._connection, class_id=class_id, course_id=course_id, instructor_id=instructor_id, sequence=sequence
        )

    async def note_substitute(
        self, meeting_id: UUID, course_id: UUID, substitute_id: UUID | None, *, sequence: int
    ) -> None:
        """Somebody stands in at a meeting of a class of the course, or nobody does any more."""
        await _NOTE_SUBSTITUTE.execute(
            self._connection,
            meeting_id=meeting_id,
            course_id=course_id,
            substitute_id=substitute_id,
            sequence=sequence,
        )

    async def note_meeting_date(self, meeting_id: UUID, meeting_date: date, *, sequence: int) -> None:
        """The meeting is on this day, as the class's own zone has it."""
        await _NOTE_MEETING_DATE.execute(
            self._connection, meeting_id=meeting_id, meeting_date=meeting_date, sequence=sequence
        )

    async def note_enrollment(
        self, class_id: UUID, course_id: UUID, student_id: UUID, *, active: bool, sequence: int
    ) -> None:
        """The student has a seat in the class, or has given it up."""
        await _NOTE_ENROLLMENT.execute(
            self._connection,
            class_id=class_id,
            course_id=course_id,
            student_id=student_id,
            active=active,
            sequence=sequence,
        )

    async def note_lessons(
        self, class_id: UUID, lesson_ids: Iterable[UUID], student_id: UUID | None, *, are_open: bool, sequence: int
    ) -> None:
        """The lessons are open, or closed again, to the student or to the whole class."""
        fact: dict[str, Any] = {"class_id": class_id, "open": are_open, "sequence": sequence}
        if student_id is not None:
            fact["student_id"] = student_id
        statement = _NOTE_CLASS_UNLOCK if student_id is None else _NOTE_STUDENT_UNLOCK
        # Sorted, so that two events that overlap wait for each other and don't deadlock.
        await statement.executemany(
            self._connection, [fact | {"lesson_id": lesson_id} for lesson_id in sorted(lesson_ids)]
        )

    async def access(self, student_id: UUID, course_id: UUID, lesson_id: UUID) -> Access:
        """The student's way to a lesson of the course."""
        row = await _ACCESS.fetchrow(
            self._connection, student_id=student_id, course_id=course_id, lesson_id=lesson_id
        )
        assert row is not None  # noqa: S101
        return Access(enrolled=row["enrolled"], unlocked=row["unlocked"])


_people = metadata.tables["people"]
_IS_INSTRUCTOR = Statement(
    select(
        exists(
            select(_people.c.id).where(
                _people.c.id == bindparam("person_id"),
                _people.c.role == "instructor",
                _people.c.status == "active",
            )
        )
    )
)


class SqlInstructors:
    """Instructors among the people this service knows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def has(self, person_id: UUID) -> bool:
        """Whether the person is known as an active instructor."""
        return bool(await _IS_INSTRUCTOR.fetchval(self._connection, person_id=person_id))


class LearningUnitOfWork(SqlUnitOfWork):
    """One command's view of Learning's tables."""

    def __init__(self, connection: Connection, *, locking: bool = False) -> None:
        super().__init__(connection, locking=locking)
        self.courses = SqlCourses(self)
        self.publications = SqlPublications(self)
        self.progress = SqlProgress(self)
        self.texts = SqlTexts(connection)
        self.class_facts = SqlClassFacts(connection)
        self.instructors = SqlInstructors(connection)
