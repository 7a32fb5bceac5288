"""The terms of a class: what staff settle about it, and may change later."""

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from enum import Enum, auto
from typing import Final, Literal, TypeAlias

from class_management.domain.values import UserId, ZeroBalance


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Who teaches how many, for what, and what students may count on; what they mean is said at `Class`."""

    name: str
    instructor_id: UserId
    capacity: int
    package: int
    zero_balance: ZeroBalance
    excuse_deadline: timedelta
    make_up_days: int | None
    credit_days: int | None
    offer_hours: int


class _Unchanged(Enum):
    UNCHANGED = auto()


UNCHANGED: Final = _Unchanged.UNCHANGED
Unchanged: TypeAlias = Literal[_Unchanged.UNCHANGED]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedTerms:
    """The terms that are to change. None is a term of its own: no make-ups, credits that never expire."""

    name: str | Unchanged = UNCHANGED
    instructor_id: UserId | Unchanged = UNCHANGED
    capacity: int | Unchanged = UNCHANGED
    package: int | Unchanged = UNCHANGED
    zero_balance: ZeroBalance | Unchanged = UNCHANGED
    excuse_deadline: timedelta | Unchanged = UNCHANGED
    make_up_days: int | Unchanged | None = UNCHANGED
    credit_days: int | Unchanged | None = UNCHANGED
    offer_hours: int | Unchanged = UNCHANGED

    def applied_to(self, terms: Terms) -> Terms:
        """The terms as they would be."""
        wanted = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(terms, **{name: value for name, value in wanted.items() if value is not UNCHANGED})
