"""What lists and reports are narrowed down to, as callers say it."""

from datetime import date
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AfterValidator

from babyowl_chassis.http import CurrentUser, Text, refused
from class_management.domain.errors import StudentNotEnrolled
from class_management.domain.values import ClassStatus, ClassType
from class_management.interfaces.http.bodies import EARLIEST, LATEST
from class_management.queries.class_list import ClassFilter


def _of_this_century(day: date) -> date:
    if not EARLIEST.date() <= day <= LATEST.date():
        raise ValueError("a day between the years 2000 and 2100")
    return day


Day: TypeAlias = Annotated[date, AfterValidator(_of_this_century)]


async def _wanted_classes(
    user: CurrentUser,
    *,
    q: Annotated[Text | None, Query(max_length=100, description="Beginnings of words of the name.")] = None,
    type: Annotated[ClassType | None, Query()] = None,  # noqa: A002
    status: Annotated[ClassStatus | None, Query()] = None,
    course_id: Annotated[UUID | None, Query()] = None,
    instructor_id: Annotated[UUID | None, Query()] = None,
    student_id: Annotated[UUID | None, Query(description="Who has a seat; for the office and instructors.")] = None,
    meets_on: Annotated[Day | None, Query(description="A day in the class's own time zone.")] = None,
) -> ClassFilter:
    # What classmates have besides this class is not a student's to see.
    if student_id not in (None, user.user_id) and not (user.actor.is_staff or user.actor.has("instructor")):
        raise refused(StudentNotEnrolled(student_id))
    return ClassFilter(
        q=q,
        type=type,
        status=status,
        course_id=course_id,
        instructor_id=instructor_id,
        student_id=student_id,
        meets_on=meets_on,
    )


WantedClasses = Annotated[ClassFilter, Depends(_wanted_classes)]
