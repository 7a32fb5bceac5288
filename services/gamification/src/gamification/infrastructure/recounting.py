"""Carries recounts out, when it is certain that everybody counts by what made them necessary."""

from asyncio import gather
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import shuffle
from time import monotonic
from uuid import UUID

import structlog

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from gamification.application.commands.recount_player import RecountPlayer

log = structlog.get_logger(__name__)

NEWEST = 4
"""So many of a batch are those asked for last: nobody waits for all whom a holiday of last year concerns."""
OLDEST = 12
"""So many others of a batch are among those asked for first: nor do these wait for ever."""
CHOSEN_FROM = 200
"""From so many the oldest of a batch are chosen at random, so that replicas seldom choose the same."""
AT_ONCE = 4
"""How many learners are recounted at the same time: while one waits for the database another is counted."""
LONGEST_WAIT = timedelta(hours=1)
"""Who fails again and again is tried no less often than this."""
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
SELECT player_id FROM recounts WHERE seen_at < $1 AND player_id <> ALL ($2) ORDER BY seen_at{order} LIMIT $3
"""
_RIPE_NEWEST = _RIPE.format(order=" DESC")
_RIPE_OLDEST = _RIPE.format(order="")


class Recounting:
    """The job that carries recounts out; harmless where several do it at once."""

    def __init__(
        self, database: Pool, bus: Bus, today: Callable[[], date], seconds: Callable[[], float] = monotonic
    ) -> None:
        """`today` is the academy's, `seconds` a clock that nobody sets."""
        self._database = database
        self._bus = bus
        self._today = today
        self._seconds = seconds
        self._failed: dict[UUID, tuple[int, float]] = {}
        """Who could not be recounted: how often in a row, and when it is tried again."""

    async def run(self) -> int:
        """Carry out all recounts whose time has come, and say how many; who fails is tried again another time.

        What becomes known meanwhile is noticed before each batch, and need not wait for the others.
        """
        await self._notice()
        await self._database.execute(_NEEDLESS, await self._all_began_after())
        done = 0
        while batch := await self._ripe():
            for start in range(0, len(batch), AT_ONCE):
                done += sum(await gather(*map(self._recount, batch[start : start + AT_ONCE])))
            await self._notice()
        return done

    async def _notice(self) -> None:
        if await self._database.fetchval(_NEW_HOLIDAYS):
            await self._database.execute(_NOTICE_HOLIDAYS)
            # A day more, for who lives east of the academy.
            today = self._today() + timedelta(days=1)
            await self._database.execute(_SPREAD, await self._all_began_after(), today, LONGEST_BREAK)
        await self._database.execute(_NOTICE_RECOUNTS)

    async def _ripe(self) -> list[UUID]:
        """Whom to recount next, each of them once."""
        began_after, now = await self._all_began_after(), self._seconds()
        left = [player_id for player_id, (_, again_at) in self._failed.items() if now < again_at]
        newest, oldest = [
            [row["player_id"] for row in await self._database.fetch(sql, began_after, left, number)]
            for sql, number in ((_RIPE_NEWEST, NEWEST), (_RIPE_OLDEST, CHOSEN_FROM))
        ]
        shuffle(oldest)
        return list(dict.fromkeys((*newest, *oldest[:OLDEST])))

    async def _recount(self, player_id: UUID) -> bool:
        """Whether it is done."""
        try:
            await self._bus.execute(RecountPlayer(player_id))
        except Exception:
            times = self._failed.get(player_id, (0, 0.0))[0] + 1
            wait = min(2.0**times, LONGEST_WAIT.total_seconds())
            self._failed[player_id] = times, self._seconds() + wait
            log.exception("recount_failed", player_id=str(player_id), times=times, again_in_seconds=wait)
            return False
        self._failed.pop(player_id, None)
        return True

    async def _all_began_after(self) -> datetime:
        """A moment after which every transaction of the service began that is under way."""
        moment: datetime = await self._database.fetchval(_ALL_BEGAN_AFTER)
        return moment
