"""The days on which the whole academy is closed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.events import HolidayDeclared, HolidayWithdrawn
from class_management.domain.schedule_errors import HolidayOutOfRange, HolidayRefused
from class_management.domain.values import LONGEST_HOLIDAY, UserId


@dataclass(kw_only=True)
class Holiday(AggregateRoot):
    """Closed from the first to the last date, both included; each class reads them in its own zone."""

    name: str
    first_date: date
    last_date: date
    declared_by: UserId
    declared_at: datetime

    @classmethod
    def declare(
        cls, *, name: str, first_date: date, last_date: date, by: UserId, now: datetime, new_id: NewId
    ) -> Result["Holiday", HolidayRefused]:
        """Close the academy for some days; meetings that are planned then stay until somebody moves them."""
        today = now.date()
        for day in (first_date, last_date):
            if out_of_reach := policies.date_is_within_reach(day, today=today):
                return Err(out_of_reach)
        if not timedelta(0) <= last_date - first_date < LONGEST_HOLIDAY:
            return Err(HolidayOutOfRange(LONGEST_HOLIDAY.days))
        holiday = cls(
            id=new_id(), name=name, first_date=first_date, last_date=last_date, declared_by=by, declared_at=now
        )
        holiday.record(HolidayDeclared(holiday_id=holiday.id, first_date=first_date, last_date=last_date))
        return Ok(holiday)

    def withdraw(self) -> None:
        """Open the academy after all; meetings that were moved because of it stay where they are."""
        self.record(HolidayWithdrawn(holiday_id=self.id, first_date=self.first_date, last_date=self.last_date))
