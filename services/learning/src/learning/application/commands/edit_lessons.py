"""Lessons of a course: add, rewrite, remove, and the order of their exercises."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, NewId, Refusal, Result
from learning.application.commands.editing import Edited, Editor, opened, part_of
from learning.application.ports import UnitOfWork
from learning.domain.content import Lesson, LessonDraft
from learning.domain.course import Course
from learning.domain.errors import CourseNotFound, LessonNotFound

LessonOutcome: TypeAlias = Result[Edited[Lesson], Refusal]


@dataclass(frozen=True, slots=True)
class AddLesson(Command[LessonOutcome]):
    """Append a lesson to a section."""

    editor: Editor
    course_id: UUID
    section_id: UUID
    draft: LessonDraft


@dataclass(frozen=True, slots=True)
class RewriteLesson(Command[LessonOutcome]):
    """Replace a lesson's title, text and video."""

    editor: Editor
    lesson_id: UUID
    draft: LessonDraft


@dataclass(frozen=True, slots=True)
class RemoveLesson(Command[LessonOutcome]):
    """Drop a lesson with its exercises."""

    editor: Editor
    lesson_id: UUID


@dataclass(frozen=True, slots=True)
class ArrangeExercises(Command[LessonOutcome]):
    """Put the exercises of a lesson into another order."""

    editor: Editor
    lesson_id: UUID
    order: tuple[UUID, ...]


async def add_lesson(command: AddLesson, uow: UnitOfWork, clock: Clock, new_id: NewId) -> LessonOutcome:
    """Append a lesson, and keep its text."""
    found = opened(await uow.courses.get(command.course_id), CourseNotFound(command.course_id), command.editor)
    if isinstance(found, Err):
        return found
    course = found.value
    outcome = course.add_lesson(new_id(), command.section_id, command.draft, now=clock())
    await uow.texts.keep(course.id, [command.draft.text])
    return part_of(course, outcome)


async def rewrite_lesson(command: RewriteLesson, uow: UnitOfWork, clock: Clock) -> LessonOutcome:
    """Replace a lesson's words, and keep its text."""
    found = await _opened(command.lesson_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    course = found.value
    outcome = course.rewrite_lesson(command.lesson_id, command.draft, now=clock())
    await uow.texts.keep(course.id, [command.draft.text])
    return part_of(course, outcome)


async def remove_lesson(command: RemoveLesson, uow: UnitOfWork, clock: Clock) -> LessonOutcome:
    """Drop a lesson."""
    found = await _opened(command.lesson_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    course = found.value
    return part_of(course, course.remove_lesson(command.lesson_id, now=clock()))


async def arrange_exercises(command: ArrangeExercises, uow: UnitOfWork, clock: Clock) -> LessonOutcome:
    """Put exercises into another order."""
    found = await _opened(command.lesson_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    course = found.value
    return part_of(course, course.arrange_exercises(command.lesson_id, command.order, now=clock()))


async def _opened(lesson_id: UUID, uow: UnitOfWork, editor: Editor) -> Result[Course, Refusal]:
    return opened(await uow.courses.with_lesson(lesson_id), LessonNotFound(lesson_id), editor)
