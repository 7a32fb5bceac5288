"""Exercises: reading, rewriting, and completing them."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response

from babyowl_chassis.http import Reader, Student, TheBus, View, accepted, etag, refused
from babyowl_kernel import Err
from learning.application.commands.complete_exercise import CompleteExercise
from learning.application.commands.edit_exercises import RemoveExercise, RewriteExercise
from learning.domain.errors import ExerciseNotFound
from learning.interfaces.http.bodies import ExerciseBody
from learning.interfaces.http.editing import TheEditing
from learning.interfaces.http.reach import TheClassDesk, TheVisit
from learning.interfaces.http.views import DraftExerciseView, ExerciseView, PublishedExerciseView
from learning.queries.exercises import draft_exercise, published_exercise

router = APIRouter(prefix="/api/v1/exercises", tags=["Exercises"])


class CompletionView(View):
    """An exercise the student has completed; `completed_at` is the first time."""

    exercise_id: UUID
    lesson_id: UUID
    course_id: UUID
    completed_at: datetime


@router.get("/{exercise_id}")
async def get_exercise(
    exercise_id: UUID, db: Reader, visit: TheVisit, response: Response
) -> DraftExerciseView | PublishedExerciseView:
    """An exercise with its text. An unlocked lesson opens all its exercises."""
    draft = await draft_exercise(db, exercise_id)
    if draft is not None and visit.edition(draft.instructor_id) == "draft":
        response.headers["ETag"] = etag(draft.version)
        return DraftExerciseView.of(draft)
    exercise = await published_exercise(db, exercise_id, viewer_id=visit.user.user_id)
    if exercise is None or (draft is None and visit.asked == "draft"):
        raise refused(ExerciseNotFound(exercise_id))
    await visit.enter(exercise, exercise.lesson_id)
    return PublishedExerciseView.of(exercise)


@router.put("/{exercise_id}")
async def rewrite_exercise(exercise_id: UUID, body: ExerciseBody, bus: TheBus, editing: TheEditing) -> ExerciseView:
    """Replace what an exercise says."""
    command = RewriteExercise(editor=editing.editor, exercise_id=exercise_id, draft=body.draft())
    return editing.stamped(ExerciseView.of(accepted(await bus.execute(command))))


@router.delete("/{exercise_id}", status_code=204)
async def remove_exercise(exercise_id: UUID, bus: TheBus, editing: TheEditing) -> None:
    """Drop an exercise; students lose it with the next publication."""
    command = RemoveExercise(editor=editing.editor, exercise_id=exercise_id)
    accepted(await bus.execute(command))


@router.put("/{exercise_id}/completion")
async def complete_exercise(
    exercise_id: UUID, bus: TheBus, class_desk: TheClassDesk, user: Student
) -> CompletionView:
    """Say that it is done. A repeat earns nothing and gets the same answer."""
    command = CompleteExercise(user.user_id, exercise_id)
    outcome = await bus.execute(command)
    # Class may have unlocked the lesson a moment ago: it is asked once, and what it says is noted.
    if isinstance(outcome, Err) and await class_desk.opens(user.user_id, outcome.refusal):
        outcome = await bus.execute(command)
    return CompletionView.of(accepted(outcome))
