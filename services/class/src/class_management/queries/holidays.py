"""When the academy is closed, and what was planned for those days."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class HolidayLine:
    """A holiday; `meetings_hit` counts the meetings ahead that are planned on its days, if that was asked for."""

    id: UUID
    name: str
    first_date: date
    last_date: date
    meetings_hit: int | None


_HIT = "m.status = 'planned' AND m.local_date BETWEEN h.first_date AND h.last_date AND m.starts_at > $1"

_HOLIDAYS = f"""
SELECT h.id, h.name, h.first_date, h.last_date,
    CASE WHEN $6 THEN (SELECT count(*) FROM meetings m WHERE {_HIT}) END AS meetings_hit
FROM holidays h
WHERE h.last_date >= $2 AND ($3::date IS NULL OR (h.first_date, h.id) > ($3, $4::uuid))
ORDER BY h.first_date, h.id LIMIT $5
"""  # noqa: S608


async def list_holidays(
    db: Connection, *, now: datetime, since: date, counting: bool, after: tuple[Any, ...] | None, limit: int
) -> list[HolidayLine]:
    """Holidays that are not over by `since`, soonest first; one more than `limit`."""
    first_date, holiday_id = after or (None, None)
    rows = await db.fetch(_HOLIDAYS, now, since, first_date, holiday_id, limit + 1, counting)
    return [HolidayLine(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class MeetingHit:
    """A meeting ahead on a day of a holiday, and its class."""

    id: UUID
    number: int
    class_id: UUID
    class_name: str
    local_date: date
    local_time: time
    starts_at: datetime


_MEETINGS_HIT = f"""
SELECT m.id, m.number, m.class_id, c.name AS class_name, m.local_date, m.local_time, m.starts_at
FROM holidays h JOIN meetings m ON {_HIT} JOIN classes c ON c.id = m.class_id
WHERE h.id = $2 AND ($3::timestamptz IS NULL OR (m.starts_at, m.id) > ($3, $4::uuid))
ORDER BY m.starts_at, m.id LIMIT $5
"""  # noqa: S608


async def meetings_hit(
    db: Connection, holiday_id: UUID, *, now: datetime, after: tuple[Any, ...] | None, limit: int
) -> list[MeetingHit]:
    """The meetings ahead that a holiday hits, in their order; one more than `limit`."""
    starts_at, meeting_id = after or (None, None)
    rows = await db.fetch(_MEETINGS_HIT, now, holiday_id, starts_at, meeting_id, limit + 1)
    return [MeetingHit(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class ClassHit:
    """A class with a meeting ahead on a day of a holiday; `left` counts it and those that come after it."""

    id: UUID
    left: int


_CLASSES_HIT = f"""
SELECT m.class_id AS id, count(*) OVER (ORDER BY m.class_id DESC) AS left
FROM holidays h JOIN meetings m ON {_HIT}
WHERE h.id = $2 AND ($3::uuid IS NULL OR m.class_id > $3) GROUP BY m.class_id ORDER BY m.class_id LIMIT $4
"""  # noqa: S608


async def classes_hit(
    db: Connection, holiday_id: UUID, *, now: datetime, after: tuple[Any, ...] | None, limit: int
) -> list[ClassHit]:
    """The classes that have a meeting ahead on its days, in a fixed order; one more than `limit`."""
    [class_id] = after or (None,)
    rows = await db.fetch(_CLASSES_HIT, now, holiday_id, class_id, limit + 1)
    return [ClassHit(**row) for row in rows]


async def holiday_exists(db: Connection, holiday_id: UUID) -> bool:
    """Whether there is such a holiday."""
    found: bool = await db.fetchval("SELECT EXISTS (SELECT FROM holidays WHERE id = $1)", holiday_id)
    return found
