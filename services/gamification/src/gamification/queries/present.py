"""Where a learner is in their game at this moment: the day it is for them, and what their streak still holds."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from babyowl_chassis.sql import Connection
from gamification.domain.calendar import Academy, day_of, next_midnight
from gamification.domain.days import NOTHING_YET, Standing
from gamification.domain.streaks import Holidays, Outlook, Streak
from gamification.infrastructure.mappers import standing_from_json
from gamification.infrastructure.zones import zone_history

_PRESENT = """
SELECT (SELECT standing FROM days WHERE player_id = $1 ORDER BY day DESC LIMIT 1) AS standing,
    ARRAY(SELECT ROW(first_date, last_date) FROM holidays WHERE active) AS holidays
"""


@dataclass(frozen=True, slots=True)
class Present:
    """The learner's own zone and day at a moment, what their days so far came to, and the streak that holds."""

    zone: ZoneInfo
    today: date
    today_ends_at: datetime
    """The learner's next midnight, in UTC."""
    standing: Standing
    streak: Streak
    open_freezes: tuple[date, ...]
    """The days since the last active one that spent a freeze."""
    tonight: Outlook
    """What becomes of the run of days at midnight, if nothing more is done."""
    this_week: Outlook
    """What becomes of the run of weeks when Sunday is over, if nothing more is done."""

    @property
    def active_today(self) -> bool:
        """Whether something was done today; tomorrow's date, for who flew west, is none the less."""
        return self.streak.last_active_on is not None and self.streak.last_active_on >= self.today


async def present(db: Connection, player_id: UUID, academy: Academy) -> Present:
    """How it is now; by the academy's clock for a learner of whose zone nothing is known."""
    row = await db.fetchrow(_PRESENT, player_id)
    assert row is not None  # noqa: S101  # the statement always has one row
    now = academy.clock()
    zone = (await zone_history(db, player_id, otherwise=academy.zone)).at(now)
    today = day_of(now, zone)
    standing = NOTHING_YET if row["standing"] is None else standing_from_json(row["standing"])
    streaks, holidays = standing.streaks, Holidays(row["holidays"])
    return Present(
        zone=zone,
        today=today,
        today_ends_at=next_midnight(now, zone),
        standing=standing,
        streak=streaks.as_of(today, holidays, now=now, zone=zone.key),
        open_freezes=streaks.spent_since(today, holidays, now=now, zone=zone.key),
        tonight=streaks.outlook_tonight(today, holidays, now=now, zone=zone.key),
        this_week=streaks.outlook_this_week(today, holidays, now=now, zone=zone.key),
    )
