"""A student completes an exercise."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babyowl_kernel import Clock, Command, Err, Ok, Refusal, Result
from learning.application.ports import UnitOfWork
from learning.domain.errors import ExerciseNotFound
from learning.domain.policies import only_with_an_unlocked_lesson
from learning.domain.progress import StudentProgress, progress_id


@dataclass(frozen=True, slots=True)
class Completion:
    """An exercise a student has completed; `completed_at` is the first time."""

    exercise_id: UUID
    lesson_id: UUID
    course_id: UUID
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class CompleteExercise(Command[Result[Completion, Refusal]]):
    """The student has done the exercise, as it stands in the current publication."""

    student_id: UUID
    exercise_id: UUID


async def complete_exercise(command: CompleteExercise, uow: UnitOfWork, clock: Clock) -> Result[Completion, Refusal]:
    """Note the completion; a repeat earns nothing and gets the same answer."""
    outline = await uow.publications.current_with_exercise(command.exercise_id)
    found = outline.find(command.exercise_id) if outline is not None else None
    if outline is None or found is None:
        return Err(ExerciseNotFound(command.exercise_id))
    lesson, exercise = found
    student_id, course_id = command.student_id, outline.course_id
    access = await uow.class_facts.access(student_id, course_id, lesson.id)
    if refusal := only_with_an_unlocked_lesson(course_id, lesson.id, access, is_open=outline.open):
        return Err(refusal)
    progress = await uow.progress.get(progress_id(student_id, course_id))
    if progress is None:
        progress = StudentProgress.start(student_id, course_id, now=clock())
        uow.progress.add(progress)
    done = progress.complete(lesson, exercise, outline, now=clock())
    return Ok(Completion(exercise.id, done.lesson_id, course_id, done.completed_at))
