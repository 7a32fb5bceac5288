"""The repositories of Learning in memory; they keep the same promises as those over Postgres."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast
from uuid import UUID

from babyowl_chassis.testing import MemoryRepository, MemoryStore, MemoryUnitOfWork
from learning.domain.course import Course
from learning.domain.outline import Outline
from learning.domain.progress import StudentProgress
from learning.domain.publication import Publication
from learning.domain.values import Access, TextRef

PUBLICATIONS, TEXTS, CLASSES, SUBSTITUTIONS, MEETING_DATES, SEATS, UNLOCKS, INSTRUCTORS = (
    "publications",
    "texts",
    "classes",
    "substitutions",
    "meeting_dates",
    "seats",
    "unlocks",
    "instructors",
)


class MemoryCourses(MemoryRepository[Course]):
    aggregate = Course

    async def with_lesson(self, lesson_id: UUID) -> Course | None:
        return next((course for course in await self._all() if course.lesson(lesson_id)), None)

    async def with_exercise(self, exercise_id: UUID) -> Course | None:
        return next((course for course in await self._all() if course.exercise(exercise_id)), None)


class MemoryProgress(MemoryRepository[StudentProgress]):
    aggregate = StudentProgress


class Facts:
    """Insert-only facts of the store, each noted once."""

    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    def _note(self, table: str, fact: object) -> None:
        if fact not in self._of(table):
            self._uow.append(table, fact)

    def _of(self, table: str) -> list[object]:
        queued = [fact for name, fact in self._uow.appended if name == table]
        return [*self._uow.store.facts.get(table, []), *queued]


class MemoryPublications(Facts):
    def add(self, publication: Publication) -> None:
        self._note(PUBLICATIONS, publication)

    async def current(self, course_id: UUID) -> Outline | None:
        return self._current().get(course_id)

    async def current_with_exercise(self, exercise_id: UUID) -> Outline | None:
        return next((outline for outline in self._current().values() if outline.find(exercise_id)), None)

    def _current(self) -> dict[UUID, Outline]:
        current: dict[UUID, Outline] = {}
        for publication in self._of(PUBLICATIONS):
            assert isinstance(publication, Publication)
            current[publication.course_id] = publication.outline
        return current


class MemoryTexts(Facts):
    async def keep(self, course_id: UUID, texts: Iterable[str]) -> None:
        for text in texts:
            self._note(TEXTS, (course_id, TextRef.of(text).digest, text))


class MemoryClassFacts(Facts):
    """Of each thing all facts are kept; the one with the greatest sequence counts, of equals the first."""

    def _note_later(self, table: str, thing: tuple[UUID | None, ...], sequence: int, state: object) -> None:
        known = self._latest(table).get(thing)
        if known is None or known[0] < sequence:
            self._note(table, (thing, sequence, state))

    def _latest(self, table: str) -> dict[tuple[UUID | None, ...], tuple[int, Any]]:
        latest: dict[tuple[UUID | None, ...], tuple[int, Any]] = {}
        for fact in self._of(table):
            thing, sequence, state = cast("tuple[tuple[UUID | None, ...], int, Any]", fact)
            if thing not in latest or latest[thing][0] < sequence:
                latest[thing] = (sequence, state)
        return latest

    async def note_class(self, class_id: UUID, course_id: UUID, instructor_id: UUID, *, sequence: int) -> None:
        self._note_later(CLASSES, (class_id,), sequence, (course_id, instructor_id))

    async def note_substitute(
        self, meeting_id: UUID, course_id: UUID, substitute_id: UUID | None, *, sequence: int
    ) -> None:
        self._note_later(SUBSTITUTIONS, (meeting_id,), sequence, (course_id, substitute_id))

    async def note_meeting_date(self, meeting_id: UUID, meeting_date: date, *, sequence: int) -> None:
        self._note_later(MEETING_DATES, (meeting_id,), sequence, meeting_date)

    async def note_enrollment(
        self, class_id: UUID, course_id: UUID, student_id: UUID, *, active: bool, sequence: int
    ) -> None:
        self._note_later(SEATS, (class_id, course_id, student_id), sequence, active)

    async def note_lessons(
        self, class_id: UUID, lesson_ids: Iterable[UUID], student_id: UUID | None, *, are_open: bool, sequence: int
    ) -> None:
        for lesson_id in lesson_ids:
            self._note_later(UNLOCKS, (class_id, lesson_id, student_id), sequence, are_open)

    async def access(self, student_id: UUID, course_id: UUID, lesson_id: UUID) -> Access:
        seats = [
            thing[0]
            for thing, (_, active) in self._latest(SEATS).items()
            if active and thing[1:] == (course_id, student_id)
        ]
        opened = {thing for thing, (_, are_open) in self._latest(UNLOCKS).items() if are_open}
        return Access(
            enrolled=bool(seats),
            unlocked=any((class_id, lesson_id, who) in opened for class_id in seats for who in (None, student_id)),
        )


class MemoryInstructors(Facts):
    async def has(self, person_id: UUID) -> bool:
        return person_id in self._of(INSTRUCTORS)


class MemoryLearningUnitOfWork(MemoryUnitOfWork):
    def __init__(self, store: MemoryStore, *, locking: bool = False) -> None:
        super().__init__(store, locking=locking)
        self.courses = MemoryCourses(self)
        self.publications = MemoryPublications(self)
        self.progress = MemoryProgress(self)
        self.texts = MemoryTexts(self)
        self.class_facts = MemoryClassFacts(self)
        self.instructors = MemoryInstructors(self)
