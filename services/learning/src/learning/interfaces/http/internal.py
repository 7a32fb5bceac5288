"""What other services ask, with accounts of their own; the gateway does not route here."""

from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import Reader, View, refused, service_account
from learning.domain.errors import CourseNotFound
from learning.queries.outline import published_outline

router = APIRouter(prefix="/internal/v1/courses", tags=["Internal"])


class LessonOutlineView(View):
    """A lesson's place in its course."""

    lesson_id: UUID
    position: int
    exercise_ids: list[UUID]
    exercise_kinds: list[str]


class OutlineView(View):
    """The fields of the event `CoursePublished`."""

    course_id: UUID
    instructor_id: UUID
    revision: int
    open: bool
    lessons: list[LessonOutlineView]


@router.get("/{course_id}/outline", dependencies=[service_account("courses:read")])
async def get_outline(course_id: UUID, db: Reader) -> OutlineView:
    """What a class can be made of; 404 if the course is not published, or archived."""
    outline = await published_outline(db, course_id)
    if outline is None:
        raise refused(CourseNotFound(course_id))
    return OutlineView.of(outline)
