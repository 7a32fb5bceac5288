"""Exercises of a lesson: add, rewrite, remove."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, NewId, Refusal, Result
from learning.application.commands.editing import Edited, Editor, opened, part_of
from learning.application.ports import UnitOfWork
from learning.domain.content import Exercise, ExerciseDraft
from learning.domain.course import Course
from learning.domain.errors import ExerciseNotFound, LessonNotFound

ExerciseOutcome: TypeAlias = Result[Edited[Exercise], Refusal]


@dataclass(frozen=True, slots=True)
class AddExercise(Command[ExerciseOutcome]):
    """Append an exercise to a lesson."""

    editor: Editor
    lesson_id: UUID
    draft: ExerciseDraft


@dataclass(frozen=True, slots=True)
class RewriteExercise(Command[ExerciseOutcome]):
    """Replace what an exercise says."""

    editor: Editor
    exercise_id: UUID
    draft: ExerciseDraft


@dataclass(frozen=True, slots=True)
class RemoveExercise(Command[ExerciseOutcome]):
    """Drop an exercise."""

    editor: Editor
    exercise_id: UUID


async def add_exercise(command: AddExercise, uow: UnitOfWork, clock: Clock, new_id: NewId) -> ExerciseOutcome:
    """Append an exercise, and keep its text."""
    found = opened(
        await uow.courses.with_lesson(command.lesson_id), LessonNotFound(command.lesson_id), command.editor
    )
    if isinstance(found, Err):
        return found
    course = found.value
    outcome = course.add_exercise(new_id(), command.lesson_id, command.draft, now=clock())
    await uow.texts.keep(course.id, [command.draft.text])
    return part_of(course, outcome)


async def rewrite_exercise(command: RewriteExercise, uow: UnitOfWork, clock: Clock) -> ExerciseOutcome:
    """Replace an exercise's words, and keep its text."""
    found = await _opened(command.exercise_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    course = found.value
    outcome = course.rewrite_exercise(command.exercise_id, command.draft, now=clock())
    await uow.texts.keep(course.id, [command.draft.text])
    return part_of(course, outcome)


async def remove_exercise(command: RemoveExercise, uow: UnitOfWork, clock: Clock) -> ExerciseOutcome:
    """Drop an exercise."""
    found = await _opened(command.exercise_id, uow, command.editor)
    if isinstance(found, Err):
        return found
    course = found.value
    return part_of(course, course.remove_exercise(command.exercise_id, now=clock()))


async def _opened(exercise_id: UUID, uow: UnitOfWork, editor: Editor) -> Result[Course, Refusal]:
    return opened(await uow.courses.with_exercise(exercise_id), ExerciseNotFound(exercise_id), editor)
