"""Carries recounts out, when it is certain that everybody counts by what made them necessary."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from gamification.application.commands.recount_player import RecountPlayer

log = structlog.get_logger(__name__)

BATCH = 200
LONGEST_BREAK = timedelta(days=100)
"""A holiday may bridge the gap since an active day as long ago as this, other holidays beside it."""

# A transaction that was under way when a fact was committed may have counted without it, and what it counted may
# not be visible yet. So a fact is acted on only when everything has ended that had begun when the job first saw it.
_NEW_HOLIDAYS = "SELECT EXISTS (SELECT FROM holidays WHERE NOT spread)"
_NOTICE_HOLIDAYS = "UPDATE holidays SET seen_at = clock_timestamp() WHERE NOT spread AND seen_at IS NULL"
_NOTICE_RECOUNTS = "UPDATE recounts SET seen_at = clock_timestamp() WHERE seen_at IS NULL"
# Since when is asked for by a statement of its own: the one that acts on it must see all that has ended by then.
_ALL_BEGAN_AFTER = """
SELECT coalesce(min(xact_start), clock_timestamp()) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""
# Only who has done something since the holiday began, or was on a run that may still have held, has a past to
# change; a holiday that is yet to come changes nobody's.
_SPREAD = """
WITH due AS (
    UPDATE holidays SET spread = true, seen_at = NULL WHERE NOT spread AND seen_at < $1 RETURNING first_date
)
INSERT INTO recounts AS known (player_id, from_day, redraw, version, seen_at)
SELECT days.player_id, least((SELECT min(first_date) FROM due), max(days.day)), false, 1, NULL
FROM days
WHERE days.day >= (SELECT min(first_date) FROM due WHERE first_date <= $2) - $3::interval
GROUP BY days.player_id
ORDER BY days.player_id
ON CONFLICT (player_id) DO UPDATE
SET from_day = least(known.from_day, excluded.from_day), version = known.version + 1, seen_at = NULL
"""
# Who has no days has nothing to recount: facts about a learner mostly come before the learner's deeds.
_NEEDLESS = """
DELETE FROM recounts
WHERE seen_at < $1 AND NOT EXISTS (SELECT FROM players WHERE players.id = recounts.player_id)
"""
_RIPE = """
SELECT player_id FROM recounts WHERE seen_at < $1 AND player_id <> ALL ($2) ORDER BY seen_at, player_id LIMIT $3
"""


class Recounting:
    """The job that carries recounts out; harmless where several do it at once."""

    def __init__(self, database: Pool, bus: Bus, today: Callable[[], date]) -> None:
        """`today` is the academy's."""
        self._database = database
        self._bus = bus
        self._today = today

    async def run(self) -> int:
        """Carry out all recounts whose time has come, and say how many; who fails is tried again another time."""
        if await self._database.fetchval(_NEW_HOLIDAYS):
            await self._database.execute(_NOTICE_HOLIDAYS)
            # A day more, for who lives east of the academy.
            today = self._today() + timedelta(days=1)
            await self._database.execute(_SPREAD, await self._all_began_after(), today, LONGEST_BREAK)
        await self._database.execute(_NOTICE_RECOUNTS)
        await self._database.execute(_NEEDLESS, await self._all_began_after())
        done, failed = 0, list[UUID]()
        while batch := await self._database.fetch(_RIPE, await self._all_began_after(), failed, BATCH):
            for row in batch:
                try:
                    await self._bus.execute(RecountPlayer(row["player_id"]))
                    done += 1
                except Exception:
                    log.exception("recount_failed", player_id=str(row["player_id"]))
                    failed.append(row["player_id"])
        return done

    async def _all_began_after(self) -> datetime:
        """A moment after which every transaction of the service began that is under way."""
        moment: datetime = await self._database.fetchval(_ALL_BEGAN_AFTER)
        return moment
