"""Courses, authors and students for the tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.subscriptions import Dispatcher
from babyowl_chassis.testing import MemoryStore, MemoryTransactions, TurnableClock, acquaint, granted, recorded
from babyowl_contracts import Envelope, Event
from babyowl_kernel import Actor, Command, NewId, Refusal, Result
from learning.application.commands.complete_exercise import CompleteExercise, Completion
from learning.application.commands.create_course import CreateCourse
from learning.application.commands.edit_course import WriteCourse
from learning.application.commands.editing import Editor
from learning.application.commands.publish_course import PublishCourse
from learning.application.handlers import HANDLERS
from learning.application.publishing import published
from learning.bootstrap import CLASS_FACTS
from learning.domain.content import (
    ExerciseDraft,
    LessonDraft,
    WrittenExercise,
    WrittenLesson,
    WrittenSection,
)
from learning.domain.course import Course
from learning.domain.progress import StudentProgress, progress_id
from learning.domain.values import ExerciseKind
from learning.infrastructure.unit_of_work import LearningUnitOfWork

from .memory import INSTRUCTORS, MemoryLearningUnitOfWork

R = TypeVar("R")

MORNING = datetime(2027, 3, 1, 9, tzinfo=UTC)


def counting_ids(start: int = 1) -> NewId:
    """Ids 1, 2, 3 …"""
    numbers: Iterator[int] = iter(range(start, start + 100_000))
    return lambda: UUID(int=next(numbers))


def reading(title: str = "Read this", text: str = "Read.", minutes: int | None = None) -> ExerciseDraft:
    return ExerciseDraft(ExerciseKind.READING, title, text, minutes)


def lesson(title: str = "A lesson", text: str = "Words.", video_url: str | None = None) -> LessonDraft:
    return LessonDraft(title, text, video_url)


def written(*sections: tuple[int, ...]) -> tuple[WrittenSection, ...]:
    """New content: per section, how many exercises each of its lessons has."""
    return tuple(
        WrittenSection(
            None,
            f"Section {s}",
            tuple(
                WrittenLesson(
                    None,
                    lesson(f"Lesson {s}.{n}", f"Text of {s}.{n}"),
                    tuple(WrittenExercise(None, reading(f"Exercise {s}.{n}.{x}")) for x in range(1, exercises + 1)),
                )
                for n, exercises in enumerate(lessons, start=1)
            ),
        )
        for s, lessons in enumerate(sections, start=1)
    )


def rewritten(course: Course) -> list[WrittenSection]:
    """The course's content as an editor would send it back, ids and all; all texts become "Words."."""
    return [
        WrittenSection(
            section.id,
            section.title,
            tuple(
                WrittenLesson(
                    found.id,
                    lesson(found.title),
                    tuple(WrittenExercise(exercise.id, reading(exercise.title)) for exercise in found.exercises),
                )
                for found in section.lessons
            ),
        )
        for section in course.sections
    ]


def a_course(*sections: tuple[int, ...], new_id: NewId | None = None) -> Course:
    """A course with this content, as it is loaded before a command."""
    ids = new_id or counting_ids()
    course = granted(Course.begin(ids(), ids(), "Python", "For children", now=MORNING))
    if sections:
        granted(course.write(written(*sections), new_id=ids, now=MORNING))
    course.version = 1
    course.collect_events()
    return course


def instructor(user_id: UUID | None = None) -> Actor:
    return Actor(user_id or new_id(), frozenset({"instructor"}))


def staff() -> Actor:
    return Actor(new_id(), frozenset({"staff"}))


class Store(Protocol):
    """Where a test's commands are carried out."""

    def bus(self, clock: TurnableClock) -> Bus: ...
    async def events(self) -> list[Event]: ...
    async def course(self, course_id: UUID) -> Course: ...
    async def progress(self, student_id: UUID, course_id: UUID) -> StudentProgress | None: ...
    async def text(self, course_id: UUID, digest: str) -> str | None: ...
    async def register_instructor(self, person_id: UUID) -> None: ...


@dataclass
class InMemory:
    store: MemoryStore = field(default_factory=MemoryStore)

    def bus(self, clock: TurnableClock) -> Bus:
        transactions = MemoryTransactions(self.store, MemoryLearningUnitOfWork)
        return Bus(transactions, publish=published, handlers=HANDLERS, dependencies={"clock": clock})

    async def events(self) -> list[Event]:
        return [event for _, event in self.store.published]

    async def course(self, course_id: UUID) -> Course:
        course = await MemoryLearningUnitOfWork(self.store).courses.get(course_id)
        assert course is not None
        return course

    async def progress(self, student_id: UUID, course_id: UUID) -> StudentProgress | None:
        return await MemoryLearningUnitOfWork(self.store).progress.get(progress_id(student_id, course_id))

    async def text(self, course_id: UUID, digest: str) -> str | None:
        kept = self.store.facts.get("texts", [])
        return next((body for course, key, body in kept if (course, key) == (course_id, digest)), None)

    async def register_instructor(self, person_id: UUID) -> None:
        self.store.facts.setdefault(INSTRUCTORS, []).append(person_id)


@dataclass
class InPostgres:
    pool: Pool

    def bus(self, clock: TurnableClock) -> Bus:
        transactions = SqlTransactions(self.pool, LearningUnitOfWork)
        return Bus(transactions, publish=published, handlers=HANDLERS, dependencies={"clock": clock})

    async def events(self) -> list[Event]:
        return [envelope.data for envelope in await recorded(self.pool)]

    async def course(self, course_id: UUID) -> Course:
        async with self.pool.acquire() as connection:
            course = await LearningUnitOfWork(connection).courses.get(course_id)
        assert course is not None
        return course

    async def progress(self, student_id: UUID, course_id: UUID) -> StudentProgress | None:
        async with self.pool.acquire() as connection:
            return await LearningUnitOfWork(connection).progress.get(progress_id(student_id, course_id))

    async def text(self, course_id: UUID, digest: str) -> str | None:
        query = "SELECT body FROM texts WHERE course_id = $1 AND digest = $2"
        body: str | None = await self.pool.fetchval(query, course_id, digest)
        return body

    async def register_instructor(self, person_id: UUID) -> None:
        await acquaint(self.pool, person_id, role="instructor")


class School:
    """An instructor with courses, on a store; what others tell it comes in as events."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = TurnableClock(MORNING)
        self.bus = store.bus(self.clock)
        self.instructor = instructor()
        self.editor = Editor(self.instructor)

    async def execute(self, command: Command[R]) -> R:
        return await self.bus.execute(command)

    async def course(self, *sections: tuple[int, ...], publish: bool = True) -> Course:
        """A course of the instructor with this content."""
        begun = granted(await self.execute(CreateCourse(by=self.instructor, title="Python", summary="")))
        course = granted(await self.execute(WriteCourse(self.editor, begun.id, written(*sections))))
        return await self.publish(course.id) if publish else course

    async def publish(self, course_id: UUID) -> Course:
        return granted(await self.execute(PublishCourse(self.editor, course_id)))

    async def write(self, course_id: UUID, sections: list[WrittenSection]) -> Course:
        return granted(await self.execute(WriteCourse(self.editor, course_id, tuple(sections))))

    async def complete(self, student_id: UUID, exercise_id: UUID) -> Result[Completion, Refusal]:
        return await self.execute(CompleteExercise(student_id, exercise_id))

    async def hear(self, *events: Event) -> None:
        """Let events of other contexts take their effect, each under an id of its own."""
        for event in events:
            await self.deliver(envelope_with(event))

    async def deliver(self, envelope: Envelope) -> bool:
        return await Dispatcher(CLASS_FACTS, self.bus).dispatch(envelope)

    async def events(self, *types: type[Event]) -> list[Event]:
        return [event for event in await self.store.events() if not types or isinstance(event, types)]

    async def progress(self, student_id: UUID, course_id: UUID) -> StudentProgress:
        progress = await self.store.progress(student_id, course_id)
        assert progress is not None
        return progress


def envelope_with(event: Event, *, sequence: int = 1) -> Envelope:
    return Envelope(id=new_id(), subject=new_id(), time=utc_now(), aggregateseq=sequence, data=event)
