"""What the rules of credits, and of marks that cost some, say no to."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from babyowl_kernel import Conflict, Invalid
from class_management.domain.errors import StudentNotEnrolled
from class_management.domain.values import UserId


@dataclass(frozen=True, slots=True)
class NoCreditLeft(Conflict):
    student_id: UserId
    balance: int

    @property
    def reason(self) -> str:
        return "The student's credits do not suffice, and this class lets nobody owe."


@dataclass(frozen=True, slots=True)
class StudentHasLeft(Conflict):
    student_id: UserId
    left_at: datetime

    @property
    def reason(self) -> str:
        return f"The student left the class on {self.left_at:%Y-%m-%d}."


@dataclass(frozen=True, slots=True)
class RegisterRefused(Conflict):
    """Some entries of a whole meeting cannot be, so nobody is marked; `entries` has each with its own code."""

    refusals: tuple[StudentNotEnrolled | StudentHasLeft | NoCreditLeft, ...]

    @property
    def reason(self) -> str:
        return f"Nobody was marked, because {len(self.refusals)} of the entries cannot be."

    @property
    def facts(self) -> dict[str, object]:
        return {
            "entries": [
                {**refusal.facts, "code": refusal.code, "detail": refusal.reason} for refusal in self.refusals
            ]
        }


@dataclass(frozen=True, slots=True)
class AdjustmentOfNothing(Invalid):
    @property
    def reason(self) -> str:
        return "An adjustment of zero changes nothing."


@dataclass(frozen=True, slots=True)
class AdjustmentTooLarge(Invalid):
    largest: int

    @property
    def reason(self) -> str:
        return f"At most {self.largest} credits are adjusted at once."


@dataclass(frozen=True, slots=True)
class ReasonMissing(Invalid):
    @property
    def reason(self) -> str:
        return "An adjustment by hand says why."


@dataclass(frozen=True, slots=True)
class GrantOutOfRange(Invalid):
    largest: int

    @property
    def reason(self) -> str:
        return f"Between 1 and {self.largest} credits are granted at once."


@dataclass(frozen=True, slots=True)
class ExpiredBefore(Invalid):
    expires_at: datetime

    @property
    def reason(self) -> str:
        return "Credits expire later than now."


@dataclass(frozen=True, slots=True)
class PurchaseAlreadyRecorded(Conflict):
    reference: str

    @property
    def reason(self) -> str:
        return "A purchase with this reference stands in the ledger already."


@dataclass(frozen=True, slots=True)
class CreditsOwed(Conflict):
    student_id: UserId
    owed: int

    @property
    def reason(self) -> str:
        return f"The student owes {self.owed} of the meetings attended."


@dataclass(frozen=True, slots=True)
class CreditsSetAside(Conflict):
    student_id: UserId
    set_aside: int

    @property
    def reason(self) -> str:
        return "The student has booked make-up meetings, and credits are set aside for them."


AdjustmentRefused: TypeAlias = AdjustmentOfNothing | AdjustmentTooLarge | ExpiredBefore | ReasonMissing | NoCreditLeft
GrantRefused: TypeAlias = GrantOutOfRange | ExpiredBefore | StudentHasLeft | PurchaseAlreadyRecorded
HandOverRefused: TypeAlias = CreditsOwed | CreditsSetAside
