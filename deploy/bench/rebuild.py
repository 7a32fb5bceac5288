"""How fast Gamification is built anew from the logs of the others, and how long it holds up the one that serves.

Beside it stands, from the same run, what the serving game makes of the same events: with all effects, delivered in
process. A rebuild has all effects too, but tells nobody of them again. All services are in this one process.
Postgres is taken from TEST_DATABASE_URL, or started for this run and gone with it.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog
import uvloop
from events import open_course, rate, school_days
from replay import server_url

from gamification.bootstrap import service, wire
from gamification.infrastructure.rebuilding.replay import Replay
from gamification.interfaces.rebuild import rebuild_game

sys.path.append(str(Path(__file__).resolve().parents[2] / "services" / "gamification" / "tests"))
from logs import House, house

WAIT_SECONDS = 0.002


@dataclass
class Stopwatch:
    """When each step began, and how many events had been told by then."""

    began_at: dict[str, float] = field(default_factory=dict)
    told: int = 0

    def read(self, replay: Replay) -> None:
        """Another round of events was told."""
        self.told = replay.told

    def began(self, step: str) -> None:
        """Something else has begun."""
        self.began_at[step] = time.perf_counter()


async def longest_wait(home: House, stopped: Callable[[], bool]) -> float:
    """The longest that a reaction would have had to wait for its inbox, in milliseconds."""
    longest = 0.0
    async with home.live.resources.database.acquire() as connection:
        while not stopped():
            began = time.perf_counter()
            async with connection.transaction():
                await connection.execute("LOCK TABLE inbox IN ROW EXCLUSIVE MODE")
            longest = max(longest, time.perf_counter() - began)
            await asyncio.sleep(WAIT_SECONDS)
    return longest * 1000


async def bench(events: int, learners: int) -> None:
    with server_url() as admin_url:
        async with house(admin_url) as home:
            term = [open_course(), *school_days(events, learners)]
            await home.log(*term)
            serving = await rate(home.hear, term)
            await home.settle()
            watch, ended = Stopwatch(), asyncio.Event()
            waiting = asyncio.create_task(longest_wait(home, ended.is_set))
            began = time.perf_counter()
            report = await rebuild_game(home.resources, service, wire, check=False, watcher=watch)
            whole = time.perf_counter() - began
            ended.set()
            reading = watch.began_at["Days roll over"] - began
    rebuilt = watch.told / reading
    print(f"the serving game (reference)  {serving:8.0f} events/s, all effects, delivered in process")
    print(f"the rebuild                   {rebuilt:8.0f} events/s  {rebuilt / serving:5.2f} of it")
    print(f"from the first to the swap    {whole:8.1f} s for {watch.told} events of {learners} learners")
    print(f"reactions held up             {await waiting:8.0f} ms at most")
    print(f"tables that differ            {len(report.differences):8d}")


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=3000, help="events in the logs")
    parser.add_argument("--learners", type=int, default=300, help="learners they are about")
    given = parser.parse_args()
    uvloop.run(bench(given.events, given.learners))


if __name__ == "__main__":
    main()
