"""What meetings cost, and what students have left. `balance` is always that of the enrolment, after the event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from babyowl_contracts.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDeducted(Event, type="class.CreditDeducted.v1"):
    """A meeting was attended and paid with a credit; `balance` is what is left."""

    class_id: UUID
    student_id: UUID
    entry_id: UUID
    meeting_id: UUID
    amount: int
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAdjusted(Event, type="class.CreditAdjusted.v1"):
    """Credits were given back or changed by hand; `amount` is signed, `balance` is what is left."""

    class_id: UUID
    student_id: UUID
    entry_id: UUID
    meeting_id: UUID | None
    cause: Literal["correction", "manual"]
    amount: int
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsGranted(Event, type="class.CreditsGranted.v1"):
    """Credits came in, to be spent before `expires_at`, if that is set.

    `reference` is what whoever sold them knows the purchase by, e.g. the number of an invoice.
    """

    class_id: UUID
    student_id: UUID
    entry_id: UUID
    origin: Literal["package", "purchase", "transfer"]
    amount: int
    balance: int
    expires_at: datetime | None
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsExpired(Event, type="class.CreditsExpired.v1"):
    """`amount` credits were not spent in time, and are gone."""

    class_id: UUID
    student_id: UUID
    entry_id: UUID
    amount: int
    balance: int
