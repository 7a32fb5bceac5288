"""A service's event log, read by other services: in order, and without a gap that is filled later.

Places in the log are numbered when an event is written, and events become visible when their transaction commits.
Who simply asks for what comes after a number misses those of transactions that commit late. Here a page ends only
where nobody can still write before its end: whoever was writing to the log is waited for.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from babyowl_chassis.database import Pool
from babyowl_chassis.internal import InternalApi
from babyowl_chassis.outbox import ENVELOPE_COLUMNS, envelope_of
from babyowl_contracts import Envelope, Event

PATH = "/internal/v1/events"
SCOPE = "events:read"
MAX_LIMIT = 1000

SETTLE_SECONDS = 3.0
"""How long writers are waited for; a transaction of the chassis takes milliseconds."""

_POLL_SECONDS = 0.005

_NEWEST = "SELECT coalesce(max(seq), 0) FROM event_log"

# A place is drawn by a statement that holds this lock from before the draw until after its transaction is visible.
_WRITERS = """
SELECT array_agg(virtualtransaction) FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted AND relation = 'event_log'::regclass
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

_PAGE = f"""
SELECT seq, {ENVELOPE_COLUMNS} FROM event_log log
WHERE seq > $1 AND seq <= $2 AND ($3::text[] IS NULL OR type = ANY($3)) ORDER BY seq LIMIT $4
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some events of a log. `after` is where the next page begins, `newest` where the log ends for now."""

    events: tuple[Envelope, ...]
    after: int
    newest: int

    @property
    def is_last(self) -> bool:
        """Whether nothing more was there when it was read."""
        return self.after >= self.newest


async def settled_page(database: Pool, types: Sequence[str] | None, *, after: int, limit: int) -> LogPage:
    """The events of these types, or of all, after a place. Before the place where the page ends none is ever added.

    Asks the primary: a replica does not know who is writing. Raises TimeoutError if a writer does not end.
    """
    newest: int = await database.fetchval(_NEWEST)
    if newest > after:
        await _settled(database)
    rows = await database.fetch(_PAGE, after, newest, types, limit)
    # Less than asked for: there is nothing of these types up to the newest.
    end = rows[-1]["seq"] if len(rows) == limit else max(newest, after)
    return LogPage(tuple(envelope_of(row) for row in rows), end, max(newest, after))


async def _settled(database: Pool) -> None:
    async with asyncio.timeout(SETTLE_SECONDS):
        writing = set(await database.fetchval(_WRITERS) or ())
        while writing:
            await asyncio.sleep(_POLL_SECONDS)
            writing &= set(await database.fetchval(_WRITERS) or ())


class EventLog:
    """Another service's event log, read from the beginning on."""

    PATIENCE_SECONDS = 60.0
    """A service that is away or busy is asked again for so long."""

    def __init__(self, api: InternalApi, types: Sequence[type[Event]]) -> None:
        self._api = api
        self._types = sorted(event.type for event in types)
        self.after = 0
        self.newest = 0

    async def read_on(self, limit: int = MAX_LIMIT) -> LogPage:
        """The page after the last one that was read; on the last there may be nothing.

        Raises httpx.HTTPError when the service does not answer in time, or refuses.
        """
        page = await self._page(limit)
        self.after, self.newest = page.after, page.newest
        return page

    async def _page(self, limit: int) -> LogPage:
        params: dict[str, Any] = {"type": self._types, "after": self.after, "limit": limit}
        giving_up_at = asyncio.get_running_loop().time() + self.PATIENCE_SECONDS
        pause = 0.1
        while True:
            try:
                response = await self._api.get(PATH, params)
                if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    return _page_of(response.raise_for_status().json())
                response.raise_for_status()
            except httpx.HTTPError as error:
                refused = isinstance(error, httpx.HTTPStatusError) and not error.response.is_server_error
                if refused or asyncio.get_running_loop().time() > giving_up_at:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, 5.0)


def _page_of(document: Any) -> LogPage:
    events = tuple(Envelope.from_document(item) for item in document["items"])
    return LogPage(events, document["after"], document["newest"])
