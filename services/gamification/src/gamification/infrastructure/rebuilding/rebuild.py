"""The rebuild: everything is told once more, the two games are compared, and the new one takes the other's place."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

import structlog

from babyowl_chassis.database import Pool
from gamification.infrastructure.rebuilding.differences import Report, compare
from gamification.infrastructure.rebuilding.replay import Replay
from gamification.infrastructure.rebuilding.shadow import CannotRebuild, Connection, NotReady, Shadow

log = structlog.get_logger(__name__)

T = TypeVar("T")

HOLD_SECONDS = 3.0
"""So long the serving game's reactions may be made to wait; after 15 they are given up."""

MOST_REMEMBERED = 500
"""The ledgers of so many learners may be gone through while others wait."""

TRIES = 20
PAUSE_SECONDS = 0.25
RECOUNTING_TRIES = 5


class Watcher(Protocol):
    """Who is told how far the rebuild is."""

    def read(self, replay: Replay) -> None:
        """Another round of events was told."""

    def began(self, step: str) -> None:
        """Something else has begun."""


class Settling:
    """Does in the game that is built what a worker does from time to time in the one that serves."""

    # The job lets a fact ripen until whatever was under way has ended. Here nothing is: between two rounds nobody
    # counts, and what the rebuild itself has open for long must not hold it up.
    _RIPEN = (
        "UPDATE recounts SET seen_at = '-infinity'",
        "UPDATE holidays SET seen_at = '-infinity' WHERE NOT spread",
    )
    _LEFT = "SELECT EXISTS (SELECT FROM recounts) OR EXISTS (SELECT FROM holidays WHERE NOT spread)"
    _ASK = """
    INSERT INTO recounts (player_id, from_day, redraw, version, seen_at)
    SELECT player_id, '0001-01-01', false, 1, NULL FROM unnest($1::uuid[]) AS asked (player_id)
    ON CONFLICT (player_id) DO UPDATE SET from_day = excluded.from_day, version = recounts.version + 1
    """

    def __init__(self, database: Pool, recount: Callable[[], Awaitable[object]]) -> None:
        self._database = database
        self._recount = recount

    async def settle(self) -> None:
        """Do all that was asked to be done later. Raises CannotRebuild if it fails."""
        for _ in range(RECOUNTING_TRIES):
            if not await self._database.fetchval(self._LEFT):
                return
            for statement in self._RIPEN:
                await self._database.execute(statement)
            await self._recount()
        if await self._database.fetchval(self._LEFT):
            raise CannotRebuild("some learners could not be recounted; the log says why")

    async def recount(self, learners: Collection[UUID]) -> None:
        """Count everything that these learners did anew."""
        if learners:
            await self._database.execute(self._ASK, list(learners))
            await self.settle()


@dataclass(frozen=True)
class Rebuild:
    """A game built anew beside the one that serves."""

    shadow: Shadow
    replay: Replay
    settling: Settling
    roll_over: Callable[[], Awaitable[object]]
    watcher: Watcher

    async def read(self) -> None:
        """Tell all there is, and do what follows from it until now."""
        await self._read_on()
        self.watcher.began("Days roll over")
        await self.roll_over()
        await self.shadow.analyze()

    async def compare(self) -> Report:
        """How the two differ. The serving game waits only until both have heard the same; one moment is compared."""
        self.watcher.began("Comparing")
        async with self.shadow.reading_one_moment() as reader:
            news = await self._when_both_have_heard_the_same(lambda: self._news(reader))
            learners = {learner for learner in news if learner is not None}
            return await compare(
                reader,
                self.shadow,
                left_out=learners,
                facts_under_way=news.count(None),
                failures=self.replay.failures,
            )

    async def take_over(self) -> None:
        """Let the game that was built serve from now on."""
        self.watcher.began("Changing places")
        touched, ahead = self.replay.touched, set[UUID]()

        async def remember_the_ledger(learners: Collection[UUID] | None) -> None:
            nonlocal ahead
            async with self.shadow.reading_one_moment() as reader:
                # Of what the serving one has yet to do it will tell others under ids of its own.
                to_come = {learner for learner in await self._news(reader) if learner is not None}
            await self.shadow.remember_the_ledger(learners)
            touched.clear()
            ahead = to_come

        async def get_ready() -> None:
            stale.update(touched, ahead)
            await remember_the_ledger(touched | ahead)

        async def change_places() -> None:
            if len(touched) > MOST_REMEMBERED:
                raise NotReady(f"{len(touched)} learners have just been counted anew")
            concerned = touched | ahead
            await self.shadow.take_over(self.replay.queues, touched=concerned, stale=stale | concerned)

        await remember_the_ledger(None)
        stale = await self.shadow.about_whom_they_differ("scores")
        await self._when_both_have_heard_the_same(change_places, get_ready)

    async def _when_both_have_heard_the_same(
        self, work: Callable[[], Awaitable[T]], get_ready: Callable[[], Awaitable[object]] | None = None
    ) -> T:
        """Do something while the game that is built has heard all that the serving one has, which hears no more.

        Before that `get_ready` does what others need not wait for; again with each try.
        """
        reason = NotReady()
        for _ in range(TRIES):
            await self._read_on()
            await self.roll_over()
            # What the last try has left, too.
            await self.settling.settle()
            await self.settling.recount(await self.shadow.copy_inputs())
            if get_ready is not None:
                await get_ready()
            # Looked for here, so that there is little left to look for while others wait.
            await self.shadow.unheard(self.replay.queues)
            try:
                async with self.shadow.while_nobody_hears():
                    await self._catch_up()
                    return await work()
            except NotReady as not_ready:
                log.info("not_ready", reason=str(not_ready))
                reason = not_ready
            await asyncio.sleep(PAUSE_SECONDS)
        raise CannotRebuild(str(reason)) from reason

    async def _read_on(self) -> None:
        await self.replay.read_on(lambda: self.watcher.read(self.replay))

    async def _catch_up(self) -> None:
        try:
            # Also of what somebody has asked to be done later, as to recount everybody for a holiday.
            async with asyncio.timeout(HOLD_SECONDS):
                await self.replay.read_on()
                unheard = await self.shadow.unheard(self.replay.queues)
        except TimeoutError as late:
            raise NotReady("too much is happening at the moment") from late
        if unheard:
            named = ", ".join(f"{row['event_id']} ({row['queue']})" for row in unheard[:5])
            raise NotReady(f"{len(unheard)} or more events were heard that no log tells of, or not yet: {named}")

    async def _news(self, reader: Connection) -> list[UUID | None]:
        """Of whom there is news that one of the two has not acted on yet; None for what is about many."""
        unheard = await self.shadow.unheard_by_the_serving(reader, self.replay.recent)
        return [self.replay.recent[heard] for heard in unheard] + list(await self.shadow.waiting(reader))
