"""What callers get to see."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self, TypeAlias
from uuid import UUID

from pydantic import PlainSerializer

from babyowl_chassis.http import Page, View
from class_management.application.seating import Seated
from class_management.domain.class_ import Class
from class_management.domain.planning import PlannedClass
from class_management.domain.register import Marked
from class_management.domain.schedule import Schedule
from class_management.domain.values import (
    AttendanceStatus,
    ClassStatus,
    ClassType,
    CreditCause,
    LotOrigin,
    MeetingStatus,
    ZeroBalance,
)
from class_management.interfaces.http.bodies import WALL_TIME_SCHEMA

WallTime: TypeAlias = Annotated[time, PlainSerializer(lambda value: f"{value:%H:%M}"), WALL_TIME_SCHEMA]


class MeetingView(View):
    """A meeting: the wall time in the class's zone, and the moments (UTC) it means.

    `instructor_id` is who teaches it: the instructor of the class, or the substitute. `sequence` counts its changes.
    """

    id: UUID
    number: int
    local_date: date
    local_time: WallTime
    starts_at: datetime
    ends_at: datetime
    status: MeetingStatus
    sequence: int
    instructor_id: UUID
    substitute_id: UUID | None
    cancel_reason: str | None


class SeriesMeetingView(MeetingView):
    """A meeting of a class, and the name of who teaches it."""

    instructor_name: str | None


class ScheduleView(View):
    """The weekly rhythm of a class; weekdays are ISO numbers, 1 is Monday."""

    time_zone: str
    first_date: date
    local_time: WallTime
    weekdays: list[int]
    duration_minutes: int

    @classmethod
    def of(cls, value: Any) -> Self:
        """As the domain keeps it, or flat among the columns of a query."""
        if isinstance(value, Schedule):
            return cls(
                time_zone=value.time_zone,
                first_date=value.first_date,
                local_time=value.local_time,
                weekdays=list(value.weekdays),
                duration_minutes=value.duration // timedelta(minutes=1),
            )
        return super().of(value)


class ClassView(View):
    """A class. `package` is what a seat pays for; `ended_at` is when it was completed, or called off."""

    id: UUID
    name: str
    course_id: UUID
    instructor_id: UUID
    type: ClassType
    status: ClassStatus
    capacity: int
    enrolled: int
    package: int
    zero_balance: ZeroBalance
    excuse_deadline_minutes: int
    make_up_days: int | None
    credit_days: int | None
    offer_hours: int
    created_at: datetime
    activated_at: datetime | None
    ended_at: datetime | None
    cancel_reason: str | None

    @classmethod
    def of(cls, value: Class) -> Self:
        """As a command left it."""
        return cls(
            id=value.id,
            name=value.name,
            course_id=value.course_id,
            instructor_id=value.instructor_id,
            type=value.type,
            status=value.status,
            capacity=value.capacity,
            enrolled=len(value.enrollments),
            package=value.package,
            zero_balance=value.zero_balance,
            excuse_deadline_minutes=value.excuse_deadline // timedelta(minutes=1),
            make_up_days=value.make_up_days,
            credit_days=value.credit_days,
            offer_hours=value.offer_hours,
            created_at=value.created_at,
            activated_at=value.activated_at,
            ended_at=value.ended_at,
            cancel_reason=value.cancel_reason,
        )


class EditedClassView(ClassView):
    """A class whose terms have changed; `version` counts the changes of class and timetable, as its ETag does."""

    version: int

    @classmethod
    def of(cls, value: PlannedClass) -> Self:  # type: ignore[override]
        """The class, and the version of both roots."""
        return cls(**dict(ClassView.of(value.class_)), version=value.version)


class PlannedClassView(ClassView):
    """A class that has just been planned, with its whole series; there are `total_meetings` of them."""

    version: int
    total_meetings: int
    schedule: ScheduleView
    meetings: list[MeetingView]

    @classmethod
    def of(cls, value: PlannedClass) -> Self:  # type: ignore[override]
        """Both roots in one."""
        timetable = value.timetable
        return cls(
            **dict(ClassView.of(value.class_)),
            version=value.version,
            total_meetings=timetable.total_meetings,
            schedule=ScheduleView.of(timetable.schedule),
            meetings=[MeetingView.of(meeting) for meeting in timetable.meetings],
        )


class ClassDetailView(ClassView):
    """A class, who teaches it, and when it meets next; its whole series has a page of its own.

    `version` counts the changes of class and timetable, as its ETag does.
    """

    version: int
    instructor_name: str | None
    total_meetings: int
    schedule: ScheduleView
    next_meeting: MeetingView | None

    @classmethod
    def of(cls, value: Any) -> Self:
        """As a query found it: the rhythm lies flat among the other columns."""
        return cls.model_validate(
            {
                **{name: getattr(value, name) for name in cls.model_fields if name != "schedule"},
                "schedule": ScheduleView.of(value),
            }
        )


class ClassSummaryView(View):
    """A class in a list."""

    id: UUID
    name: str
    course_id: UUID
    instructor_id: UUID
    instructor_name: str | None
    type: ClassType
    status: ClassStatus
    capacity: int
    enrolled: int
    package: int
    total_meetings: int
    time_zone: str
    next_meeting_at: datetime | None
    created_at: datetime


MeetingPart: TypeAlias = Literal["seat", "guest", "instructor", "substitute"]


class UpcomingMeetingView(MeetingView):
    """A meeting, and what I am to it: there by my seat or as a guest, teaching or substituting; else null."""

    part: MeetingPart | None

    class_id: UUID
    class_name: str
    course_id: UUID
    instructor_id: UUID
    instructor_name: str | None
    time_zone: str


class EnrollmentView(View):
    """A seat, the credits that came with it at first, and the `balance` that its account holds now."""

    id: UUID
    student_id: UUID
    credits: int
    balance: int
    enrolled_at: datetime

    @classmethod
    def of(cls, value: Seated) -> Self:
        """The seat beside the account."""
        return cls.model_validate(
            {
                **{name: getattr(value.enrollment, name) for name in ("id", "student_id", "credits", "enrolled_at")},
                "balance": value.account.balance,
            }
        )


class MarkView(View):
    """What stands for a student after marking, and the credits that are left.

    The balance of a guest is that of another class, and null; so it is for whoever only stands in at the meeting.
    """

    student_id: UUID
    guest: bool
    status: AttendanceStatus
    note: str | None
    revision: int
    marked_by: UUID
    marked_at: datetime
    balance: int | None

    @classmethod
    def of(cls, value: Marked, *, with_balance: bool = False) -> Self:
        """The line of the register beside the account."""
        mark = value.attendance
        balance = value.account.balance if with_balance and not mark.guest else None
        return cls.model_validate({**vars(mark), "guest": mark.guest, "balance": balance})


class RegisterView(View):
    """The marks that a register named."""

    items: list[MarkView]

    @classmethod
    def of(cls, value: tuple[Marked, ...], *, with_balances: bool = False) -> Self:
        """A line per student."""
        return cls(items=[MarkView.of(marked, with_balance=with_balances) for marked in value])


class GridMeetingView(View):
    """A column of the grid."""

    id: UUID
    number: int
    local_date: date
    starts_at: datetime


class GridMarkView(View):
    """A mark in the grid."""

    meeting_id: UUID
    number: int
    local_date: date
    status: AttendanceStatus
    note: str | None
    revision: int
    marked_at: datetime


class GridLineView(View):
    """A student's marks, by number of the meeting; meetings without a mark are left out.

    A guest has no seat here; `visits` are the meetings they are, or were, expected at.
    """

    student_id: UUID
    display_name: str | None
    guest: bool
    visits: list[UUID]
    marks: list[GridMarkView]


class GridView(Page[GridLineView]):
    """A page of students, and the meetings that their marks are from."""

    meetings: list[GridMeetingView]


class RevisionView(View):
    """A mark as it was made: who, when, from what to what, and why."""

    revision: int
    status: AttendanceStatus
    previous_status: AttendanceStatus | None
    marked_by: UUID
    marked_by_name: str | None
    marked_at: datetime
    reason: str | None
    note: str | None


class MarkHistoryView(View):
    """A mark, with how it came about."""

    meeting_id: UUID
    student_id: UUID
    guest: bool
    status: AttendanceStatus
    note: str | None
    revision: int
    history: list[RevisionView]


class CreditLineView(View):
    """A line of the ledger; `balance` is what it left, `explanation` its cause in words."""

    id: UUID
    number: int
    amount: int
    balance: int
    cause: CreditCause
    explanation: str
    lot_id: UUID | None
    meeting_id: UUID | None
    posted_by: UUID | None
    posted_by_name: str | None
    posted_at: datetime
    reason: str | None
    reference: str | None
    other_class_id: UUID | None


class LotView(View):
    """Credits that came together and expire together; with a voucher, set aside for a make-up meeting."""

    id: UUID
    origin: LotOrigin
    granted: int
    remaining: int
    granted_at: datetime
    expires_at: datetime | None
    reference: str | None
    voucher_id: UUID | None


class CreditStatementView(View):
    """What a student may still spend in a class: the lots that remain, and the lines that add up, latest first.

    `balance` is what remains less what is `owed`. `lapsing` of the credits in the lines have expired by then, but
    the line that says so is still to come. Who has left did so at `closed_at`.
    """

    student_id: UUID
    as_of: datetime
    balance: int
    owed: int
    lapsing: int
    zero_balance: ZeroBalance
    closed_at: datetime | None
    lots: list[LotView]
    items: list[CreditLineView]
    next_cursor: str | None


class BalanceView(View):
    """What is left after an adjustment."""

    student_id: UUID
    balance: int


class AccessView(View):
    """Whether a student may open a lesson, and the class that says so; `for_class`: it is open to all of it."""

    enrolled: bool
    unlocked: bool
    class_id: UUID | None
    for_class: bool
