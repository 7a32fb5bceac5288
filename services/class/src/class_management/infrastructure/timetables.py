"""Timetables and holidays on Postgres, and what keeps an instructor from teaching two meetings at once."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import asyncpg
from sqlalchemy import Date, DateTime, bindparam, cast, func, select

from babyowl_chassis.sql import Connection, Statement
from babyowl_chassis.unit_of_work import ConstraintViolated, SqlRepository
from class_management.domain.holidays import Holiday
from class_management.domain.schedule import Assignment, ClosedDays, Engagement
from class_management.domain.timetable import Timetable
from class_management.domain.values import ClassId, MeetingId, UserId
from class_management.infrastructure import timetable_mappers
from class_management.infrastructure.finders import Finder
from class_management.infrastructure.tables import ONE_AT_A_TIME, metadata

_timetables = metadata.tables["timetables"]
_meetings = metadata.tables["meetings"]
_holidays = metadata.tables["holidays"]

# A series that moves by a week passes over itself; only where it comes to rest is looked at.
DEFER_ENGAGEMENTS: Final = f"SET CONSTRAINTS {ONE_AT_A_TIME} DEFERRED"
_CHECK_BOOKINGS: Final = f"SET CONSTRAINTS {ONE_AT_A_TIME} IMMEDIATE"

_CLASHES: Final = """
SELECT DISTINCT ON (wanted.n) wanted.n, m.class_id, m.id AS meeting_id, m.instructor_id, m.starts_at
FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY
    AS wanted (instructor_id, starts_at, ends_at, n)
JOIN meetings m ON m.instructor_id = wanted.instructor_id AND m.status = 'planned'
    AND tstzrange(m.starts_at, m.ends_at) && tstzrange(wanted.starts_at, wanted.ends_at)
WHERE m.id <> ALL ($4::uuid[])
ORDER BY wanted.n, m.starts_at
"""

TIMETABLE_OF_CLASS = Finder(_timetables, _timetables.c.class_id == bindparam("class_id"))
_MOMENT = bindparam("moment", type_=DateTime(timezone=True))

# The moments on both sides are for the index: no local day reaches further.
SUBSTITUTES_OF_DAY = Statement(
    select(_meetings.c.substitute_id)
    .distinct()
    .join_from(_meetings, _timetables, _timetables.c.id == _meetings.c.timetable_id)
    .where(
        _meetings.c.class_id == bindparam("class_id"),
        _meetings.c.starts_at.between(_MOMENT - timedelta(days=2), _MOMENT + timedelta(days=2)),
        _meetings.c.local_date == cast(func.timezone(_timetables.c.time_zone, _MOMENT), Date),
        _meetings.c.status == "planned",
        _meetings.c.substitute_id.is_not(None),
    )
)
TOTAL_MEETINGS = Statement(
    select(_timetables.c.total_meetings).where(_timetables.c.class_id == bindparam("class_id"))
)
PLANNED_BETWEEN = Statement(
    select(func.count())
    .select_from(_meetings)
    .where(
        _meetings.c.status == "planned",
        _meetings.c.local_date.between(bindparam("first_date"), bindparam("last_date")),
        _meetings.c.starts_at > bindparam("now", type_=DateTime(timezone=True)),
    )
)
HOLIDAYS_SINCE = Statement(
    select(_holidays.c.first_date, _holidays.c.last_date).where(_holidays.c.last_date >= bindparam("since"))
)


async def check_engagements(connection: Connection) -> None:
    """Raises ConstraintViolated if an instructor would teach two meetings at once."""
    try:
        await connection.execute(_CHECK_BOOKINGS)
    except asyncpg.ExclusionViolationError as violation:
        raise ConstraintViolated(violation.constraint_name or "") from violation


class SqlTimetables(SqlRepository[Timetable]):
    """Timetables with their series, found by class."""

    mapping = timetable_mappers.TIMETABLES

    async def of_class(self, class_id: ClassId) -> Timetable | None:
        """The timetable of a class."""
        statement = TIMETABLE_OF_CLASS.statement(locking=self._uow.locking)
        return await self._load(await statement.fetchrow(self.connection, class_id=class_id))

    async def total_meetings(self, class_id: ClassId) -> int:
        """How many meetings the class has."""
        return await TOTAL_MEETINGS.fetchval(self.connection, class_id=class_id) or 0

    async def substitutes_on_day_of(self, moment: datetime, class_id: ClassId) -> frozenset[UserId]:
        """Who stands in at a meeting of the class on that day of its zone."""
        rows = await SUBSTITUTES_OF_DAY.fetch(self.connection, class_id=class_id, moment=moment)
        return frozenset(row["substitute_id"] for row in rows)

    async def clashes(
        self, assignments: Sequence[Assignment], *, leaving_out: Collection[MeetingId] = ()
    ) -> dict[int, Engagement]:
        """What else the instructors teach then, by position among the assignments."""
        rows = await self.connection.fetch(
            _CLASHES,
            [instructor_id for instructor_id, _ in assignments],
            [slot.starts_at for _, slot in assignments],
            [slot.ends_at for _, slot in assignments],
            list(leaving_out),
        )
        return {
            row["n"] - 1: Engagement(row["instructor_id"], row["class_id"], row["meeting_id"], row["starts_at"])
            for row in rows
        }

    async def planned_between(self, first_date: date, last_date: date, *, now: datetime) -> int:
        """How many meetings ahead, of all classes, are on one of these dates."""
        found: int = await PLANNED_BETWEEN.fetchval(
            self.connection, first_date=first_date, last_date=last_date, now=now
        )
        return found


class SqlHolidays(SqlRepository[Holiday]):
    """Holidays, and the days they close."""

    mapping = timetable_mappers.HOLIDAYS

    async def closed_days(self, *, since: date) -> ClosedDays:
        """The days of all holidays that are not over by then."""
        rows = await HOLIDAYS_SINCE.fetch(self.connection, since=since)
        return ClosedDays(tuple((row["first_date"], row["last_date"]) for row in rows))
