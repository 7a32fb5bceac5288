"""Open lessons: opening and closing them, and which are."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, model_validator

from babyowl_chassis.http import Body, Instructor, Page, PageParams, Reader, TheBus, View, page
from class_management.application.commands.lock_lessons import LockLessons
from class_management.application.commands.unlock_lessons import UnlockLessons, UnlockUpTo
from class_management.domain.open_lessons import LessonUnlock
from class_management.domain.values import MAX_PACKAGE
from class_management.interfaces.http.dependencies import TheCourses
from class_management.interfaces.http.sight import TheSight
from class_management.queries.unlocks import unlocked_lessons

router = APIRouter(prefix="/api/v1/classes/{class_id}", tags=["Unlocked lessons"])

LessonIds = Annotated[list[UUID], Field(min_length=1, max_length=MAX_PACKAGE)]


class UnlockBody(Body):
    """Lessons to open, or one to open with all before it: to the whole class, or to one student of it."""

    lesson_ids: LessonIds | None = None
    up_to_lesson_id: UUID | None = None
    student_id: UUID | None = None

    @model_validator(mode="after")
    def _either_way(self) -> Self:
        if (self.lesson_ids is None) == (self.up_to_lesson_id is None):
            raise ValueError("name either lesson_ids or up_to_lesson_id")
        return self


class LockBody(Body):
    """Lessons to close: to the whole class, or to one student of it."""

    lesson_ids: LessonIds
    student_id: UUID | None = None


class UnlockView(View):
    """An open lesson; without a student, open to the whole class."""

    lesson_id: UUID
    student_id: UUID | None
    unlocked_by: UUID
    unlocked_at: datetime


class UnlockLineView(UnlockView):
    """An open lesson and its position in the course; None if the course has lost it since."""

    position: int | None


class UnlockedView(View):
    """What has just been opened; lessons that were open before are left out."""

    items: list[UnlockView]

    @classmethod
    def of(cls, value: tuple[LessonUnlock, ...]) -> Self:
        """One per lesson."""
        return cls(items=[UnlockView.of(unlock) for unlock in value])


class LockedView(UnlockedView):
    """What was open until now, and since when; lessons that were closed before are left out."""


@router.get("/unlocks")
async def get_unlocks(
    params: PageParams,
    db: Reader,
    sight: TheSight,
    student_id: Annotated[
        UUID | None, Query(description="Only what is open to this student, to them alone or to all.")
    ] = None,
) -> Page[UnlockLineView]:
    """The lessons that are open, in the order they were opened; a student sees those open to them."""
    if student_id is not None:
        sight.of_student(student_id)
    rows = await unlocked_lessons(
        db,
        sight.class_id,
        student_id=sight.only or student_id,
        after=params.after_as(datetime, UUID),
        limit=params.limit,
    )
    return page(rows, params, key=lambda row: (row.unlocked_at, row.id), view=UnlockLineView.of)


@router.post("/unlocks")
async def unlock_lessons(
    class_id: UUID, body: UnlockBody, user: Instructor, bus: TheBus, courses: TheCourses
) -> UnlockedView:
    """Open lessons with all their exercises, one, many or up to one, to the class or to one student of it."""
    if body.up_to_lesson_id is not None:
        await courses.ensure_lessons(class_id, [body.up_to_lesson_id])
        up_to = UnlockUpTo(
            class_id=class_id, lesson_id=body.up_to_lesson_id, student_id=body.student_id, by=user.actor
        )
        return await bus.answer(up_to, UnlockedView)
    lesson_ids = tuple(body.lesson_ids or ())
    await courses.ensure_lessons(class_id, lesson_ids)
    named = UnlockLessons(class_id=class_id, lesson_ids=lesson_ids, student_id=body.student_id, by=user.actor)
    return await bus.answer(named, UnlockedView)


@router.post("/locks")
async def lock_lessons(class_id: UUID, body: LockBody, user: Instructor, bus: TheBus) -> LockedView:
    """Close lessons again; who had one opened for them alone keeps it when it is closed to the class."""
    command = LockLessons(
        class_id=class_id, lesson_ids=tuple(body.lesson_ids), student_id=body.student_id, by=user.actor
    )
    return await bus.answer(command, LockedView)
