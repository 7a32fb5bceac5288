"""Lessons: reading, rewriting, and new exercises in them."""

from uuid import UUID

from fastapi import APIRouter, Response

from babyowl_chassis.http import Reader, TheBus, accepted, etag, refused
from learning.application.commands.edit_exercises import AddExercise
from learning.application.commands.edit_lessons import ArrangeExercises, RemoveLesson, RewriteLesson
from learning.domain.errors import LessonNotFound
from learning.interfaces.http.bodies import ExerciseBody, LessonBody, LessonOrderBody
from learning.interfaces.http.editing import TheEditing
from learning.interfaces.http.reach import TheVisit
from learning.interfaces.http.views import DraftLessonView, ExerciseView, LessonView, PublishedLessonView
from learning.queries.lessons import draft_lesson, published_lesson

router = APIRouter(prefix="/api/v1/lessons", tags=["Lessons"])


@router.get("/{lesson_id}")
async def get_lesson(
    lesson_id: UUID, db: Reader, visit: TheVisit, response: Response
) -> DraftLessonView | PublishedLessonView:
    """A lesson with its text. Students see it once their class has unlocked it, or if the course is open."""
    draft = await draft_lesson(db, lesson_id)
    if draft is not None and visit.edition(draft.instructor_id) == "draft":
        response.headers["ETag"] = etag(draft.version)
        return DraftLessonView.of(draft)
    lesson = await published_lesson(db, lesson_id, viewer_id=visit.user.user_id)
    if lesson is None or (draft is None and visit.asked == "draft"):
        raise refused(LessonNotFound(lesson_id))
    await visit.enter(lesson, lesson_id)
    return PublishedLessonView.of(lesson)


@router.put("/{lesson_id}")
async def rewrite_lesson(lesson_id: UUID, body: LessonBody, bus: TheBus, editing: TheEditing) -> LessonView:
    """Replace a lesson's title, text and video."""
    command = RewriteLesson(editor=editing.editor, lesson_id=lesson_id, draft=body.draft())
    return editing.stamped(LessonView.of(accepted(await bus.execute(command))))


@router.delete("/{lesson_id}", status_code=204)
async def remove_lesson(lesson_id: UUID, bus: TheBus, editing: TheEditing) -> None:
    """Drop a lesson with its exercises; students lose it with the next publication."""
    command = RemoveLesson(editor=editing.editor, lesson_id=lesson_id)
    accepted(await bus.execute(command))


@router.put("/{lesson_id}/order")
async def arrange_exercises(lesson_id: UUID, body: LessonOrderBody, bus: TheBus, editing: TheEditing) -> LessonView:
    """Reorder the exercises of a lesson."""
    command = ArrangeExercises(editor=editing.editor, lesson_id=lesson_id, order=tuple(body.exercise_ids))
    return editing.stamped(LessonView.of(accepted(await bus.execute(command))))


@router.post("/{lesson_id}/exercises", status_code=201)
async def add_exercise(lesson_id: UUID, body: ExerciseBody, bus: TheBus, editing: TheEditing) -> ExerciseView:
    """Append an exercise to a lesson."""
    command = AddExercise(editor=editing.editor, lesson_id=lesson_id, draft=body.draft())
    exercise = await bus.answer(command, ExerciseView)
    return editing.stamped(exercise, location=f"/api/v1/exercises/{exercise.id}")
