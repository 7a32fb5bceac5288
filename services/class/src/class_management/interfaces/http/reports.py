"""Reports, as JSON or CSV, of any length: the office's are of all classes, an instructor's of those they teach,
a student's of their own marks."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from babyowl_chassis.http import CurrentUser, InstructorOrStaff, StreamParams, View, refused, stream, streamed
from babyowl_chassis.ids import utc_now
from class_management.domain.errors import StudentNotEnrolled
from class_management.domain.values import AttendanceStatus, ClassStatus, ClassType
from class_management.interfaces.http.filters import Day, WantedClasses
from class_management.interfaces.http.sight import scope_of
from class_management.queries.reports import MarkFilter, Period, attendance_by, marks, utilisation

router = APIRouter(prefix="/api/v1/reports", tags=["Reports"])


async def _period(
    first: Annotated[Day | None, Query(alias="from", description="The first day, in the class's time zone.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="The last day, included.")] = None,
) -> Period:
    return Period(first=first, last=last)


ThePeriod = Annotated[Period, Depends(_period)]


async def _wanted_marks(
    user: CurrentUser,
    period: ThePeriod,
    *,
    class_id: Annotated[UUID | None, Query()] = None,
    course_id: Annotated[UUID | None, Query()] = None,
    student_id: Annotated[UUID | None, Query()] = None,
    instructor_id: Annotated[UUID | None, Query(description="Who taught the meeting.")] = None,
) -> MarkFilter:
    if student_id not in (None, user.user_id) and scope_of(user) == "attended":
        raise refused(StudentNotEnrolled(student_id))
    return MarkFilter(
        period=period, class_id=class_id, course_id=course_id, student_id=student_id, instructor_id=instructor_id
    )


WantedMarks = Annotated[MarkFilter, Depends(_wanted_marks)]


class MarkLineView(View):
    """A mark; `local_date` is the meeting's day in the class's own time zone."""

    class_id: UUID
    class_name: str
    meeting_id: UUID
    meeting_number: int
    local_date: date
    starts_at: datetime
    instructor_id: UUID
    student_id: UUID
    student_name: str | None
    guest: bool
    status: AttendanceStatus
    note: str | None
    marked_by: UUID
    marked_at: datetime


class CountsView(View):
    """How often who was what; the rate is the part of all marks (0 to 1) that say somebody came.

    Of the meetings that have begun, those were held at which somebody was present, late or absent.
    """

    meetings: int
    meetings_held: int
    meetings_unmarked: int
    students: int
    present: int
    late: int
    absent: int
    excused: int
    attendance_rate: float | None


class OfClass(View):
    """The class that a line is about."""

    class_id: UUID
    class_name: str
    course_id: UUID
    type: ClassType
    status: ClassStatus
    instructor_id: UUID
    instructor_name: str | None


class OfStudent(View):
    """The student that a line is about, in all classes that are looked at."""

    student_id: UUID
    student_name: str | None
    classes: int
    last_attended_at: datetime | None


class OfInstructor(View):
    """Who taught the meetings that a line is about, as a substitute too."""

    instructor_id: UUID
    instructor_name: str | None
    classes: int
    meetings_substituted: int


class OfMonth(View):
    """The month that a line is about, such as 2027-03."""

    month: str
    classes: int


# What a line is about comes first: fields of the last base do.
class ClassAttendanceView(CountsView, OfClass):
    """A class's attendance."""


class StudentAttendanceView(CountsView, OfStudent):
    """A student's attendance."""


class InstructorAttendanceView(CountsView, OfInstructor):
    """Attendance at an instructor's meetings."""


class MonthAttendanceView(CountsView, OfMonth):
    """A month's attendance."""


class UtilisationView(OfClass):
    """How full a class is, and what came of its meetings: those that have begun, were held, are ahead, called off."""

    capacity: int
    enrolled: int
    offered: int
    waiting: int
    free: int
    seats_rate: float
    meetings: int
    meetings_held: int
    meetings_ahead: int
    meetings_cancelled: int
    present: int
    late: int
    absent: int
    excused: int
    attendance_rate: float | None


@router.get("/attendance", responses=streamed(MarkLineView))
async def report_marks(params: StreamParams, user: CurrentUser, wanted: WantedMarks) -> Response:
    """Mark by mark, meeting after meeting."""
    select = marks(scope_of(user), user.user_id, wanted, now=utc_now())
    return stream(select, params, view=MarkLineView, name="attendance")


@router.get("/attendance/classes", responses=streamed(ClassAttendanceView))
async def report_attendance_by_class(params: StreamParams, user: CurrentUser, wanted: WantedMarks) -> Response:
    """A line per class."""
    select = attendance_by("class", scope_of(user), user.user_id, wanted, now=utc_now())
    return stream(select, params, view=ClassAttendanceView, name="attendance-by-class")


@router.get("/attendance/students", responses=streamed(StudentAttendanceView))
async def report_attendance_by_student(params: StreamParams, user: CurrentUser, wanted: WantedMarks) -> Response:
    """A line per student who was marked."""
    select = attendance_by("student", scope_of(user), user.user_id, wanted, now=utc_now())
    return stream(select, params, view=StudentAttendanceView, name="attendance-by-student")


@router.get("/attendance/instructors", responses=streamed(InstructorAttendanceView))
async def report_attendance_by_instructor(params: StreamParams, user: CurrentUser, wanted: WantedMarks) -> Response:
    """A line per instructor who taught."""
    select = attendance_by("instructor", scope_of(user), user.user_id, wanted, now=utc_now())
    return stream(select, params, view=InstructorAttendanceView, name="attendance-by-instructor")


@router.get("/attendance/months", responses=streamed(MonthAttendanceView))
async def report_attendance_by_month(params: StreamParams, user: CurrentUser, wanted: WantedMarks) -> Response:
    """A line per month, as the calendars of the classes have it."""
    select = attendance_by("month", scope_of(user), user.user_id, wanted, now=utc_now())
    return stream(select, params, view=MonthAttendanceView, name="attendance-by-month")


@router.get("/utilisation", responses=streamed(UtilisationView))
async def report_utilisation(
    params: StreamParams, user: InstructorOrStaff, wanted: WantedClasses, period: ThePeriod
) -> Response:
    """How the seats of each class are taken, and its meetings held; for the office and a class's instructor."""
    select = utilisation(scope_of(user), user.user_id, wanted, period, now=utc_now())
    return stream(select, params, view=UtilisationView, name="utilisation")
