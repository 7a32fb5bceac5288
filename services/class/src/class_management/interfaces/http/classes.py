"""Classes: planning, editing, beginning, and looking at them."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response

from babyowl_chassis.http import (
    CurrentUser,
    IfMatch,
    Page,
    PageParams,
    Reader,
    Staff,
    TheBus,
    accepted,
    etag,
    page,
    refused,
)
from class_management.application.commands.activate_class import ActivateClass
from class_management.application.commands.edit_class import EditClass
from class_management.application.commands.plan_class import PlanClass
from class_management.domain.errors import ClassNotFound
from class_management.interfaces.http.bodies import MINUTE, ClassEditBody, NewClassBody
from class_management.interfaces.http.dependencies import TheCourses, ThePeople
from class_management.interfaces.http.filters import WantedClasses
from class_management.interfaces.http.sight import TheSight, scope_of
from class_management.interfaces.http.views import (
    ClassDetailView,
    ClassSummaryView,
    ClassView,
    EditedClassView,
    PlannedClassView,
)
from class_management.queries.class_list import list_classes
from class_management.queries.classes import class_detail

router = APIRouter(prefix="/api/v1/classes", tags=["Classes"])


@router.get("")
async def list_my_classes(
    params: PageParams, db: Reader, user: CurrentUser, wanted: WantedClasses
) -> Page[ClassSummaryView]:
    """All classes for the office, those taught for an instructor, those attended for a student; newest first."""
    rows = await list_classes(
        db,
        scope_of(user),
        user.user_id,
        wanted,
        after=params.after_as(datetime, UUID),
        limit=params.limit,
    )
    return page(rows, params, key=lambda row: (row.created_at, row.id), view=ClassSummaryView.of)


@router.post("", status_code=201)
async def plan_class(
    body: NewClassBody, *, user: Staff, bus: TheBus, people: ThePeople, courses: TheCourses, response: Response
) -> PlannedClassView:
    """Plan a class of a published course, its whole series of meetings ahead."""
    await people.ensure_known([body.instructor_id])
    await courses.ensure_published(body.course_id)
    schedule = body.schedule
    command = PlanClass(
        name=body.name,
        course_id=body.course_id,
        instructor_id=body.instructor_id,
        type=body.type,
        capacity=body.capacity,
        package=body.total_meetings,
        zero_balance=body.zero_balance,
        excuse_deadline=body.excuse_deadline_minutes * MINUTE,
        make_up_days=body.make_up_days,
        credit_days=body.credit_days,
        offer_hours=body.offer_hours,
        time_zone=schedule.time_zone,
        first_date=schedule.first_date,
        local_time=schedule.local_time,
        weekdays=schedule.weekdays,
        duration=schedule.duration_minutes * MINUTE,
        by=user.actor,
    )
    planned = await bus.answer(command, PlannedClassView)
    response.headers["Location"] = f"/api/v1/classes/{planned.id}"
    response.headers["ETag"] = etag(planned.version)
    return planned


@router.get("/{class_id}")
async def get_class(db: Reader, sight: TheSight, response: Response) -> ClassDetailView:
    """A class, and its next meeting."""
    found = await class_detail(db, sight.class_id)
    if found is None:
        raise refused(ClassNotFound(sight.class_id))
    response.headers["ETag"] = etag(found.version)
    return ClassDetailView.of(found)


@router.patch("/{class_id}")
async def edit_class(
    class_id: UUID,
    body: ClassEditBody,
    *,
    user: Staff,
    bus: TheBus,
    people: ThePeople,
    if_match: IfMatch,
    response: Response,
) -> EditedClassView:
    """Change the terms of a class; what a seat pays for only while it is a draft."""
    if body.instructor_id is not None:
        await people.ensure_known([body.instructor_id])
    command = EditClass(
        class_id=class_id,
        changes=body.changes(),
        expected_version=if_match,
        by=user.actor,
    )
    edited = EditedClassView.of(accepted(await bus.execute(command)))
    response.headers["ETag"] = etag(edited.version)
    return edited


@router.post("/{class_id}/activation")
async def activate_class(class_id: UUID, user: Staff, bus: TheBus) -> ClassView:
    """Let the class begin: the package is frozen, and a group takes no further students."""
    return await bus.answer(ActivateClass(class_id=class_id, by=user.actor), ClassView)
