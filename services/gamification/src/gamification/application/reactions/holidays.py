"""When the academy is closed."""

from babyowl_contracts import Envelope
from babyowl_contracts.class_ import HolidayDeclared, HolidayWithdrawn
from gamification.application.ports import UnitOfWork


async def note_holiday(event: HolidayDeclared | HolidayWithdrawn, uow: UnitOfWork, envelope: Envelope) -> None:
    """On these days nobody misses anything, or after all somebody did."""
    await uow.holidays.note(
        event.holiday_id,
        first_date=event.first_date,
        last_date=event.last_date,
        active=isinstance(event, HolidayDeclared),
        sequence=envelope.aggregateseq,
    )
