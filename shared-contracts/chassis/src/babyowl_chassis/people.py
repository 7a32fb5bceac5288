"""A local copy of what may be shown of people. Identity is the source; events say when to ask it again.

Events carry ids only, so the profile is fetched from Identity's internal API, before the transaction. A copy is
replaced only by one of a later revision: fetches that overtake each other do no harm.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from babyowl_chassis.database import Pool, lent
from babyowl_chassis.internal import InternalApi
from babyowl_chassis.subscriptions import Subscription
from babyowl_contracts import Event
from babyowl_contracts.identity import (
    ProfileUpdated,
    RoleChanged,
    UserDeactivated,
    UserReactivated,
    UserRegistered,
    UserVerified,
)

log = structlog.get_logger(__name__)

PATH = "/internal/v1/people"
MAX_BATCH = 100

_KEEP = """
INSERT INTO people (id, display_name, avatar_url, role, status, time_zone, locale, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET
    display_name = excluded.display_name, avatar_url = excluded.avatar_url, role = excluded.role,
    status = excluded.status, time_zone = excluded.time_zone, locale = excluded.locale,
    revision = excluded.revision, updated_at = now()
WHERE people.revision < excluded.revision
"""


class People:
    """This service's copy of the people it shows."""

    def __init__(self, database: Pool, identity: InternalApi) -> None:
        self._database = database
        self._identity = identity
        self._waiting: dict[UUID, asyncio.Future[None]] = {}
        self._fetching: asyncio.Task[None] | None = None

    def subscription(self, queue: str) -> Subscription:
        """Keeps the copy current."""
        return Subscription(
            queue,
            consume={
                UserRegistered: self._on_change,
                UserVerified: self._on_change,
                ProfileUpdated: self._on_change,
                RoleChanged: self._on_change,
                UserDeactivated: self._on_change,
                UserReactivated: self._on_change,
            },
        )

    async def ensure_known(self, ids: Sequence[UUID]) -> None:
        """Ask Identity once for those who are unknown here: created a moment ago, their event is on its way.

        Whom Identity does not know either stays unknown. Raises httpx.HTTPError when Identity does not answer.
        """
        known = await self._database.fetch("SELECT id FROM people WHERE id = ANY($1::uuid[])", ids)
        unknown = set(ids) - {row["id"] for row in known}
        if unknown:
            await self._fetch(list(unknown))

    async def _on_change(self, event: Event) -> None:
        await self._fetch_soon(event.user_id)  # type: ignore[attr-defined]

    async def _fetch_soon(self, person_id: UUID) -> None:
        # Events arrive in bursts: those that wait while a fetch is under way go together in the next one.
        waiting = self._waiting.setdefault(person_id, asyncio.get_running_loop().create_future())
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch_waiting())
        await asyncio.shield(waiting)

    async def _fetch_waiting(self) -> None:
        while self._waiting:
            batch = dict(list(self._waiting.items())[:MAX_BATCH])
            for person_id in batch:
                del self._waiting[person_id]
            try:
                await self._fetch(list(batch))
            except Exception as error:  # noqa: BLE001  each waiting event has to learn of it
                for future in batch.values():
                    if not future.cancelled():
                        future.set_exception(error)
            else:
                for future in batch.values():
                    if not future.cancelled():
                        future.set_result(None)

    async def _fetch(self, ids: Sequence[UUID]) -> None:
        for start in range(0, len(ids), MAX_BATCH):
            batch = ids[start : start + MAX_BATCH]
            response = await self._identity.get(PATH, {"ids": ",".join(str(person_id) for person_id in batch)})
            response.raise_for_status()
            await self._keep(response.json()["items"])

    async def _keep(self, profiles: Sequence[Mapping[str, Any]]) -> None:
        # In one order always: two that keep the same people at once must not wait for each other.
        rows = [
            (
                UUID(profile["id"]),
                profile["display_name"],
                profile["avatar_url"],
                profile["role"],
                profile["status"],
                profile["time_zone"],
                profile["locale"],
                profile["revision"],
            )
            for profile in sorted(profiles, key=lambda profile: profile["id"])
        ]
        async with lent(self._database) as connection:
            await connection.executemany(_KEEP, rows)
