"""What an operator does when the game is lost or in doubt: `python -m gamification rebuild [--check]`."""

import asyncio
from contextlib import AbstractContextManager
from dataclasses import replace
from time import monotonic
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

import httpx
import structlog
from redis.exceptions import RedisError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from babyowl_chassis.bus import Publish
from babyowl_chassis.database import open_pool
from babyowl_chassis.people import People
from babyowl_chassis.service import Parts, Resources, Service
from babyowl_kernel import Clock, DomainEvent
from gamification.domain.events import XpPosted
from gamification.infrastructure.board_keeping import BoardKeeper
from gamification.infrastructure.boards import RedisBoards
from gamification.infrastructure.rebuilding.differences import Report
from gamification.infrastructure.rebuilding.rebuild import Rebuild, Settling, Watcher
from gamification.infrastructure.rebuilding.replay import AT_ONCE, Replay, ReplayClock
from gamification.infrastructure.rebuilding.shadow import CannotRebuild, Shadow

log = structlog.get_logger(__name__)

_ALL_STALE = """
INSERT INTO stale_places (player_id) SELECT id FROM players ORDER BY id
ON CONFLICT (player_id) DO UPDATE SET version = DEFAULT
"""

SPARE_CONNECTIONS = 2
PEOPLE_TRIES = 5
PEOPLE_PAUSE_SECONDS = 3.0
MOST_SHOWN = 5
LINE_SECONDS = 10.0
"""How often a line is written where nobody sees a bar."""


class Wire(Protocol):
    """How the service is put together: on these resources, by this clock, telling this of what happens."""

    def __call__(self, resources: Resources, *, clock: Clock, publish: Publish) -> Parts: ...


async def rebuild_and_show(
    resources: Resources, service: Service, wire: Wire, *, check: bool, console: Console | None = None
) -> None:
    """Do it before somebody's eyes. Raises SystemExit: 1 if a check found differences, 2 if it was given up."""
    console = console or Console()
    with ProgressBar(console) as watcher:
        try:
            report = await rebuild_game(resources, service, wire, check=check, watcher=watcher)
        except (CannotRebuild, httpx.HTTPError) as reason:
            console.print(f"Given up, and nothing was changed: {reason}.")
            raise SystemExit(2) from reason
    show(report, console)
    if not check:
        console.print("What was rebuilt serves.")
    elif report.differences:
        raise SystemExit(1)


async def rebuild_game(
    resources: Resources, service: Service, wire: Wire, *, check: bool, watcher: Watcher
) -> Report:
    """Build the game anew and compare it with the one that serves; unless `check`, let it take that one's place.

    Raises CannotRebuild, or httpx.HTTPError if a log or Identity's people cannot be read, and leaves the serving game
    as it is.
    """
    touched: set[UUID] = set()

    def note_whom_it_concerns(event: DomainEvent) -> None:
        # Nobody is told: what happened was told when it happened.
        if isinstance(event, XpPosted):
            touched.add(event.player_id)

    url = resources.settings.database_url.get_secret_value()
    async with (
        Shadow.opened(service, url) as shadow,
        open_pool(shadow.url, application="babyowl-gamification-rebuild", size=AT_ONCE + SPARE_CONNECTIONS) as pool,
    ):
        clock = ReplayClock()
        parts = wire(replace(resources, database=pool, reader=pool), clock=clock, publish=note_whom_it_concerns)
        jobs = {periodic.name: periodic.run for periodic in parts.periodic}
        settling = Settling(pool, jobs["recounts"])
        replay = Replay.of(
            parts.subscriptions,
            parts.bus,
            _sources(resources),
            clock=clock,
            settle=settling.settle,
            touched=touched,
        )
        rebuild = Rebuild(shadow, replay, settling, jobs["midnights"], watcher)
        await rebuild.read()
        report = await rebuild.compare()
        if not check:
            # Before there are scores: the next look at the clock may close all past periods, with whom it finds.
            watcher.began("People")
            await _restore_people(resources, replay)
            await rebuild.take_over()
    if not check:
        watcher.began("Boards")
        await _renew_boards(resources)
    return report


async def _restore_people(resources: Resources, replay: Replay) -> None:
    # They are Identity's, and never built anew; who is missing here is asked for.
    people = People(resources.database, resources.internal(resources.settings.identity_url))
    for left in reversed(range(PEOPLE_TRIES)):
        try:
            await people.ensure_known(sorted(replay.registered))
        except httpx.HTTPError as error:
            if not left:
                raise
            log.warning("people_not_restored_yet", error=repr(error))
        else:
            return
        await asyncio.sleep(PEOPLE_PAUSE_SECONDS)


async def _renew_boards(resources: Resources) -> None:
    boards = RedisBoards(resources.redis)
    keeper = BoardKeeper(resources.database, boards)
    try:
        for scores in await boards.known():
            await keeper.build(scores)
    except (RedisError, OSError) as error:
        # Redis is away: when it is back every place is brought to the boards it kept.
        log.warning("boards_not_renewed", error=repr(error))
        await resources.database.execute(_ALL_STALE)


def _sources(resources: Resources) -> dict[str, Any]:
    settings = resources.settings
    urls = {"identity": settings.identity_url, "learning": settings.learning_url, "class": settings.class_url}
    return {context: resources.internal(url) for context, url in urls.items()}


class ProgressBar(AbstractContextManager["ProgressBar"]):
    """Shows on a terminal how far the rebuild is; elsewhere a line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began_at = self._last_line_at = monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[told]:,} events, {task.fields[rate]:,.0f}/s"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("Reading the logs", told=0, rate=0.0, total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def read(self, replay: Replay) -> None:
        """Another round of events was told."""
        now = monotonic()
        position, end = replay.position
        rate = replay.told / max(now - self._began_at, 0.001)
        self._bar.update(self._task, completed=position, total=end, told=replay.told, rate=rate)
        if not self._console.is_terminal and now - self._last_line_at >= LINE_SECONDS:
            self._last_line_at = now
            self._console.print(f"{position / max(end, 1):4.0%}  {replay.told:,} events, {rate:,.0f}/s")

    def began(self, step: str) -> None:
        """Something else has begun."""
        self._bar.update(self._task, description=step)
        if not self._console.is_terminal:
            self._console.print(step)


def show(report: Report, console: Console) -> None:
    """Print where the two games differ."""
    if report.left_out:
        console.print(f"{report.left_out} learners were not compared: news of them was under way.")
    if report.facts_under_way:
        console.print(f"{report.facts_under_way} facts about many were under way, and may explain differences.")
    for failure in report.failures[:MOST_SHOWN]:
        console.print(f"Not taken: {failure.envelope.type} {failure.envelope.id}: {failure.error}")
    if len(report.failures) > MOST_SHOWN:
        console.print(f"… and {len(report.failures) - MOST_SHOWN} events more, named in the log.")
    if not report.differences:
        console.print(f"Compared {len(report.tables)} tables: the serving game is what the logs say.")
        return
    table = Table("table", "only serving", "only rebuilt", "learners", "some of them")
    for difference in report.differences:
        some = "\n".join(map(str, difference.some[:MOST_SHOWN]))
        counts = (difference.only_live, difference.only_rebuilt, difference.learners)
        table.add_row(difference.table, *(f"{count:,}" for count in counts), some)
    console.print(table)
