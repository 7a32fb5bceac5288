"""The course as a whole: its details, its order, its content in one piece, the shelf."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, NewId, Refusal, Result
from learning.application.commands.editing import Editor, opened
from learning.application.ports import UnitOfWork
from learning.domain.content import WrittenSection
from learning.domain.course import Course
from learning.domain.errors import CourseNotFound

CourseOutcome = Result[Course, Refusal]


@dataclass(frozen=True, slots=True)
class DescribeCourse(Command[CourseOutcome]):
    """Change title, summary and openness; students see it with the next publication."""

    editor: Editor
    course_id: UUID
    title: str
    summary: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class ArrangeCourse(Command[CourseOutcome]):
    """Reorder: every section with the lessons it shall have."""

    editor: Editor
    course_id: UUID
    order: tuple[tuple[UUID, tuple[UUID, ...]], ...]


@dataclass(frozen=True, slots=True)
class WriteCourse(Command[CourseOutcome]):
    """Replace the whole content."""

    editor: Editor
    course_id: UUID
    sections: tuple[WrittenSection, ...]


@dataclass(frozen=True, slots=True)
class ArchiveCourse(Command[CourseOutcome]):
    """Take the course from the shelf."""

    editor: Editor
    course_id: UUID


async def describe_course(command: DescribeCourse, uow: UnitOfWork, clock: Clock) -> CourseOutcome:
    """Change what the catalogue says."""
    found = await _opened(command.course_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    return found.value.describe(command.title, command.summary, is_open=command.is_open, now=clock())


async def arrange_course(command: ArrangeCourse, uow: UnitOfWork, clock: Clock) -> CourseOutcome:
    """Put sections and lessons into another order."""
    found = await _opened(command.course_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    return found.value.arrange(command.order, now=clock())


async def write_course(command: WriteCourse, uow: UnitOfWork, clock: Clock, new_id: NewId) -> CourseOutcome:
    """Replace the content, and keep its texts."""
    found = await _opened(command.course_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    outcome = found.value.write(command.sections, new_id=new_id, now=clock())
    if not isinstance(outcome, Err):
        await uow.texts.keep(command.course_id, _texts(command.sections))
    return outcome


async def archive_course(command: ArchiveCourse, uow: UnitOfWork, clock: Clock) -> CourseOutcome:
    """Take the course from the shelf."""
    found = await _opened(command.course_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    return found.value.archive(now=clock())


async def _opened(course_id: UUID, uow: UnitOfWork, editor: Editor) -> CourseOutcome:
    return opened(await uow.courses.get(course_id), CourseNotFound(course_id), editor)


def _texts(sections: tuple[WrittenSection, ...]) -> Iterator[str]:
    for section in sections:
        for lesson in section.lessons:
            yield lesson.draft.text
            for exercise in lesson.exercises:
                yield exercise.draft.text
