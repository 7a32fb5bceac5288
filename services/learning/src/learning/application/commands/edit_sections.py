"""Sections of a course: add, rename, remove."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, NewId, Refusal, Result
from learning.application.commands.editing import Edited, Editor, opened, part_of
from learning.application.ports import UnitOfWork
from learning.domain.content import Section
from learning.domain.course import Course
from learning.domain.errors import CourseNotFound

SectionOutcome: TypeAlias = Result[Edited[Section], Refusal]


@dataclass(frozen=True, slots=True)
class AddSection(Command[SectionOutcome]):
    """Append a section."""

    editor: Editor
    course_id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class RenameSection(Command[SectionOutcome]):
    """Give a section another title."""

    editor: Editor
    course_id: UUID
    section_id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class RemoveSection(Command[SectionOutcome]):
    """Drop a section with its lessons."""

    editor: Editor
    course_id: UUID
    section_id: UUID


async def add_section(command: AddSection, uow: UnitOfWork, clock: Clock, new_id: NewId) -> SectionOutcome:
    """Append a section."""
    found = await _opened(command.course_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    course = found.value
    return part_of(course, course.add_section(new_id(), command.title, now=clock()))


async def rename_section(command: RenameSection, uow: UnitOfWork, clock: Clock) -> SectionOutcome:
    """Give a section another title."""
    found = await _opened(command.course_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    course = found.value
    return part_of(course, course.rename_section(command.section_id, command.title, now=clock()))


async def remove_section(command: RemoveSection, uow: UnitOfWork, clock: Clock) -> SectionOutcome:
    """Drop a section."""
    found = await _opened(command.course_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    course = found.value
    return part_of(course, course.remove_section(command.section_id, now=clock()))


async def _opened(course_id: UUID, uow: UnitOfWork, editor: Editor) -> Result[Course, Refusal]:
    return opened(await uow.courses.get(course_id), CourseNotFound(course_id), editor)
