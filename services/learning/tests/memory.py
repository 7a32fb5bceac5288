"""The repositories of Learning in memory; they keep the same promises as those over Postgres."""

from collections.abc import Iterable
from uuid import UUID

from babyowl_chassis.testing import MemoryRepository, MemoryStore, MemoryUnitOfWork
from learning.domain.course import Course
from learning.domain.outline import Outline
from learning.domain.progress import StudentProgress
from learning.domain.publication import Publication
from learning.domain.values import Access, TextRef

PUBLICATIONS, TEXTS, CLASSES, SEATS, UNLOCKS, INSTRUCTORS = (
    "publications",
    "texts",
    "classes",
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
    async def note_class(self, class_id: UUID, course_id: UUID, instructor_id: UUID) -> None:
        self._note(CLASSES, (class_id, course_id, instructor_id))

    async def note_enrollment(self, class_id: UUID, course_id: UUID, student_id: UUID) -> None:
        self._note(SEATS, (class_id, course_id, student_id))

    async def note_unlock(self, class_id: UUID, lesson_ids: Iterable[UUID], student_id: UUID | None) -> None:
        for lesson_id in lesson_ids:
            self._note(UNLOCKS, (class_id, lesson_id, student_id))

    async def access(self, student_id: UUID, course_id: UUID, lesson_id: UUID) -> Access:
        seats = [seat[0] for seat in self._of(SEATS) if seat[1:] == (course_id, student_id)]  # type: ignore[index]
        unlocks = self._of(UNLOCKS)
        return Access(
            enrolled=bool(seats),
            unlocked=any((class_id, lesson_id, who) in unlocks for class_id in seats for who in (None, student_id)),
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
