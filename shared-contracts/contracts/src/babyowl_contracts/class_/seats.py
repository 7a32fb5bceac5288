"""Who has a seat in a class, and who waits for one.

All of them come from one class in order: what has the greatest `aggregateseq` is how things stand.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from babyowl_contracts.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentEnrolled(Event, type="class.StudentEnrolled.v1"):
    """A student has a seat, and `credits` meetings to spend.

    `resumed` says that they had this seat before: the enrolment goes on under its old id, without a second
    package. `transferred_from` is the class they left for this one, whose credits came along.
    """

    class_id: UUID
    course_id: UUID
    student_id: UUID
    enrollment_id: UUID
    credits: int
    resumed: bool = False
    transferred_from: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentWithdrawn(Event, type="class.StudentWithdrawn.v1"):
    """A student has given their seat up; `credits_left` stay with the enrolment, or go along to `to_class_id`."""

    class_id: UUID
    course_id: UUID
    student_id: UUID
    enrollment_id: UUID
    credits_left: int
    reason: Literal["withdrawn", "transferred"]
    to_class_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListJoined(Event, type="class.WaitingListJoined.v1"):
    """A student waits for a seat; `position` counts from 1, and is that of the moment."""

    class_id: UUID
    course_id: UUID
    student_id: UUID
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListLeft(Event, type="class.WaitingListLeft.v1"):
    """A student waits no longer: left, has a seat, let an offer lapse, or the class takes nobody any more."""

    class_id: UUID
    student_id: UUID
    reason: Literal["left", "lapsed", "enrolled", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatOffered(Event, type="class.SeatOffered.v1"):
    """A seat came free and is kept until `expires_at` for the student who has waited longest."""

    class_id: UUID
    course_id: UUID
    student_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatOfferEnded(Event, type="class.SeatOfferEnded.v1"):
    """A seat is kept for a student no longer: they took it, did not want it, let it lapse, or it was withdrawn."""

    class_id: UUID
    student_id: UUID
    outcome: Literal["accepted", "declined", "lapsed", "withdrawn"]
