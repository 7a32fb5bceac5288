"""Open lessons: opening them, and which are."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import Instructor, Page, PageParams, Reader, TheBus, page
from class_management.application.commands.unlock_lessons import UnlockLessons
from class_management.interfaces.http.bodies import UnlockBody
from class_management.interfaces.http.dependencies import TheCourses
from class_management.interfaces.http.sight import TheSight
from class_management.interfaces.http.views import UnlockedView, UnlockLineView
from class_management.queries.unlocks import unlocked_lessons

router = APIRouter(prefix="/api/v1/classes/{class_id}/unlocks", tags=["Unlocked lessons"])


@router.get("")
async def get_unlocks(params: PageParams, db: Reader, sight: TheSight) -> Page[UnlockLineView]:
    """The lessons that are open; a student sees those open to them."""
    rows = await unlocked_lessons(
        db,
        sight.class_id,
        student_id=sight.only,
        after=params.after_as(datetime, UUID),
        limit=params.limit,
    )
    return page(rows, params, key=lambda row: (row.unlocked_at, row.id), view=UnlockLineView.of)


@router.post("")
async def unlock_lessons(
    class_id: UUID, body: UnlockBody, user: Instructor, bus: TheBus, courses: TheCourses
) -> UnlockedView:
    """Open lessons with all their exercises, many at once, to the class or to one student of it."""
    await courses.ensure_lessons(class_id, body.lesson_ids)
    command = UnlockLessons(
        class_id=class_id,
        lesson_ids=tuple(body.lesson_ids),
        student_id=body.student_id,
        by=user.actor,
    )
    return await bus.answer(command, UnlockedView)
