"""What staff and instructors send."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, WithJsonSchema

from babyowl_chassis.http import Body, OneLine
from class_management.domain.terms import UNCHANGED, ChangedTerms
from class_management.domain.values import (
    DEFAULT_EXCUSE_DEADLINE,
    DEFAULT_MAKE_UP_DAYS,
    DEFAULT_OFFER_HOURS,
    LONGEST_MEETING,
    MAX_ADJUSTMENT,
    MAX_CAPACITY,
    MAX_CREDIT_DAYS,
    MAX_EXCUSE_DEADLINE_MINUTES,
    MAX_MAKE_UP_DAYS,
    MAX_OFFER_HOURS,
    MAX_PACKAGE,
    SHORTEST_MEETING,
    AttendanceStatus,
    ClassType,
    ZeroBalance,
)

# OpenAPI's own format for times would demand a zone.
WALL_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
WALL_TIME_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^{WALL_TIME.pattern}$", "examples": ["16:00"]})

MINUTE = SHORTEST_MEETING / 15
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _wall_time(value: object) -> time:
    if not isinstance(value, str) or WALL_TIME.fullmatch(value) is None:
        raise ValueError("a local time has hours and minutes, such as 16:00, and no zone of its own")
    return time.fromisoformat(value)


def _of_this_century(value: datetime) -> datetime:
    if not EARLIEST <= value <= LATEST:
        raise ValueError("a moment between the years 2000 and 2100")
    return value


Name: TypeAlias = Annotated[OneLine, StringConstraints(min_length=1, max_length=120)]
Reason: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Note: TypeAlias = Annotated[str, StringConstraints(max_length=500)]
Reference: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100)]
LocalTime: TypeAlias = Annotated[time, BeforeValidator(_wall_time), WALL_TIME_SCHEMA]
Moment: TypeAlias = Annotated[AwareDatetime, AfterValidator(_of_this_century)]
Weekday: TypeAlias = Annotated[int, Field(ge=1, le=7, description="ISO: 1 is Monday, 7 is Sunday.")]
Capacity: TypeAlias = Annotated[int, Field(ge=1, le=MAX_CAPACITY)]
Package: TypeAlias = Annotated[int, Field(ge=1, le=MAX_PACKAGE)]
ExcuseMinutes: TypeAlias = Annotated[int, Field(ge=0, le=MAX_EXCUSE_DEADLINE_MINUTES)]
MakeUpDays: TypeAlias = Annotated[int, Field(ge=1, le=MAX_MAKE_UP_DAYS)]
CreditDays: TypeAlias = Annotated[int, Field(ge=1, le=MAX_CREDIT_DAYS)]
OfferHours: TypeAlias = Annotated[int, Field(ge=1, le=MAX_OFFER_HOURS)]
Minutes: TypeAlias = Annotated[int, Field(ge=SHORTEST_MEETING // MINUTE, le=LONGEST_MEETING // MINUTE)]


class ScheduleBody(Body):
    """A weekly rhythm. Without weekdays, the weekday of the first date."""

    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64), Field(examples=["Europe/Berlin"])]
    first_date: date
    local_time: LocalTime
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    duration_minutes: Minutes = 60


class NewClassBody(Body):
    """A class to be. `total_meetings` is its package: the meetings planned, and the credits of a seat.

    Students excuse themselves until `excuse_deadline_minutes` before a meeting; what they miss can be made up for
    within `make_up_days` (null: not at all); credits are good for `credit_days` (null: for ever); a free seat is
    kept `offer_hours` for whoever waits.
    """

    name: Name
    course_id: UUID
    instructor_id: UUID
    type: ClassType
    capacity: Capacity
    total_meetings: Package
    zero_balance: ZeroBalance = "refuse"
    excuse_deadline_minutes: ExcuseMinutes = DEFAULT_EXCUSE_DEADLINE // MINUTE
    make_up_days: MakeUpDays | None = DEFAULT_MAKE_UP_DAYS
    credit_days: CreditDays | None = None
    offer_hours: OfferHours = DEFAULT_OFFER_HOURS
    schedule: ScheduleBody


class ClassEditBody(Body):
    """What changes; what is left out stays. `total_meetings` and `zero_balance` only while the class is a draft.

    For `make_up_days` and `credit_days` null is a value of its own: no make-ups, credits that never expire.
    """

    name: Name | None = None
    instructor_id: UUID | None = None
    capacity: Capacity | None = None
    total_meetings: Package | None = None
    zero_balance: ZeroBalance | None = None
    excuse_deadline_minutes: ExcuseMinutes | None = None
    make_up_days: MakeUpDays | None = None
    credit_days: CreditDays | None = None
    offer_hours: OfferHours | None = None

    def changes(self) -> ChangedTerms:
        """As the domain wants them."""
        named = self.model_fields_set
        deadline = self.excuse_deadline_minutes
        return ChangedTerms(
            name=UNCHANGED if self.name is None else self.name,
            instructor_id=self.instructor_id or UNCHANGED,
            capacity=self.capacity or UNCHANGED,
            package=self.total_meetings or UNCHANGED,
            zero_balance=self.zero_balance or UNCHANGED,
            excuse_deadline=UNCHANGED if deadline is None else deadline * MINUTE,
            make_up_days=self.make_up_days if "make_up_days" in named else UNCHANGED,
            credit_days=self.credit_days if "credit_days" in named else UNCHANGED,
            offer_hours=self.offer_hours or UNCHANGED,
        )


class EnrollmentBody(Body):
    """Who gets a seat."""

    student_id: UUID


class NewMeetingBody(Body):
    """One more meeting of a private class, at its usual time and length unless told otherwise."""

    local_date: date
    local_time: LocalTime | None = None
    duration_minutes: Minutes | None = None


class MarkBody(Body):
    """What is said about one student of a meeting.

    `note` belongs to the mark; left out, the one that is there stays, and an empty one removes it. `reason` is why
    the mark is made or corrected, and stands in its history.
    """

    status: AttendanceStatus
    reason: Reason | None = None
    note: Note | None = None


class RegisterEntryBody(MarkBody):
    """A line of a register."""

    student_id: UUID


class RegisterBody(Body):
    """A register: whoever is not named keeps the mark they have."""

    entries: Annotated[list[RegisterEntryBody], Field(min_length=1, max_length=MAX_CAPACITY)]


class AdjustmentBody(Body):
    """Credits given (positive) or taken (negative) by hand, and why."""

    amount: Annotated[int, Field(ge=-MAX_ADJUSTMENT, le=MAX_ADJUSTMENT)]
    reason: Reason
    expires_at: Annotated[Moment | None, Field(description="Until when what is given can be spent.")] = None


class PurchaseBody(Body):
    """Credits that were bought. `reference` is what the purchase is known by, such as the number of an invoice."""

    amount: Annotated[int, Field(ge=1, le=MAX_ADJUSTMENT)]
    reference: Reference
    expires_at: Annotated[Moment | None, Field(description="Until when they can be spent; None: for ever.")] = None
