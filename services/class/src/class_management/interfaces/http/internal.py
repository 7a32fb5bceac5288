"""What other services ask, with accounts of their own; the gateway does not route here."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from babyowl_chassis.http import Reader, service_account
from class_management.interfaces.http.views import AccessView
from class_management.queries.access import lesson_access

router = APIRouter(prefix="/internal/v1", tags=["Internal"])


@router.get("/access", dependencies=[service_account("access:read")])
async def get_access(
    student_id: Annotated[UUID, Query()], lesson_id: Annotated[UUID, Query()], db: Reader
) -> AccessView:
    """Whether the student attends a class of the lesson's course, and whether the lesson is open to them."""
    return AccessView.of(await lesson_access(db, student_id, lesson_id))
