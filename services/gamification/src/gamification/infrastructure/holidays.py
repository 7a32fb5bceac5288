"""The academy's holidays, on Postgres."""

from datetime import date
from uuid import UUID

from sqlalchemy import false, null, select

from babyowl_chassis.sql import Connection, Statement
from gamification.domain.streaks import Holidays
from gamification.infrastructure.noting import noting
from gamification.infrastructure.tables import metadata

_holidays = metadata.tables["holidays"]


class SqlHolidays:
    """When the academy is closed: noted as it comes, in any order, any number of times."""

    _NOTE = noting(_holidays, spread=false(), seen_at=null())
    _ACTIVE = Statement(select(_holidays.c.first_date, _holidays.c.last_date).where(_holidays.c.active))

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note(self, holiday_id: UUID, *, first_date: date, last_date: date, active: bool, sequence: int) -> None:
        """The academy is closed from the first to the last date, or open after all.

        Whose past that changes is found out later: by then everybody counts by it.
        """
        await self._NOTE.execute(
            self._connection,
            id=holiday_id,
            first_date=first_date,
            last_date=last_date,
            active=active,
            sequence=sequence,
        )

    async def all(self) -> Holidays:
        """Every holiday that was not withdrawn."""
        rows = await self._ACTIVE.fetch(self._connection)
        return Holidays((row["first_date"], row["last_date"]) for row in rows)
