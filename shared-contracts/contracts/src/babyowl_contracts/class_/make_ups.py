"""Excused absences and what is made up for them. `class_id` is the class that the student has a seat in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from babyowl_contracts.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUpVoucherIssued(Event, type="class.MakeUpVoucherIssued.v1"):
    """A student was excused from a meeting and may be a guest at another one until `expires_at`."""

    voucher_id: UUID
    class_id: UUID
    course_id: UUID
    student_id: UUID
    meeting_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUpVoucherEnded(Event, type="class.MakeUpVoucherEnded.v1"):
    """A voucher is good for nothing any more: used, missed by the guest, revoked with its excuse, or expired.

    A correction can bring it back; then `MakeUpVoucherIssued` tells of it again, and the event with the greater
    `aggregateseq` counts.
    """

    voucher_id: UUID
    class_id: UUID
    student_id: UUID
    outcome: Literal["used", "missed", "revoked", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUpBooked(Event, type="class.MakeUpBooked.v1"):
    """A student comes as a guest to a meeting of `host_class_id` that starts at `starts_at`."""

    voucher_id: UUID
    class_id: UUID
    host_class_id: UUID
    meeting_id: UUID
    student_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUpCancelled(Event, type="class.MakeUpCancelled.v1"):
    """A guest does not come: they or the office cancelled, or the class had to (`class`)."""

    voucher_id: UUID
    class_id: UUID
    host_class_id: UUID
    meeting_id: UUID
    student_id: UUID
    by: Literal["student", "office", "class"]
