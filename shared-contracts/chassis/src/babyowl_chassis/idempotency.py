"""Idempotency keys: a request sent twice is carried out once, and answered twice.

The key is claimed and the answer kept in the transaction of the command itself, so no crash can come between.
A refusal changes nothing and is not kept: the same request may succeed later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from babyowl_chassis.refused import Refused
from babyowl_chassis.sql import Connection, rows_touched
from babyowl_kernel import Conflict

KEEP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Once:
    """A request under an idempotency key. `render` turns the command's outcome into the answer that is kept."""

    owner_id: UUID
    key: str
    fingerprint: bytes
    render: Callable[[Any], str]


class Answered(Exception):
    """The request was carried out before; `answer` is what was said then."""

    def __init__(self, answer: str) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class IdempotencyKeyReused(Conflict):
    """The key came with another request before."""

    @property
    def reason(self) -> str:
        """One sentence for the person who asked."""
        return "This Idempotency-Key was used for a different request."


async def remember(connection: Connection, once: Once) -> str | None:
    """The answer kept for this key, or None after claiming it. Refuses a key that came with another request.

    A twin request under way holds the claim: this waits for its commit, or inherits the claim if it rolls back.
    """
    claimed = await connection.execute(
        "INSERT INTO idempotency_keys (owner_id, key, fingerprint) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        once.owner_id,
        once.key,
        once.fingerprint,
    )
    if rows_touched(claimed) == 1:
        return None
    kept = await connection.fetchrow(
        "SELECT fingerprint, answer FROM idempotency_keys WHERE owner_id = $1 AND key = $2",
        once.owner_id,
        once.key,
    )
    if kept is None or kept["fingerprint"] != once.fingerprint:
        raise Refused(IdempotencyKeyReused())
    answer: str = kept["answer"]
    return answer


async def keep(connection: Connection, once: Once, answer: str) -> None:
    """Keep the answer of a claimed key."""
    await connection.execute(
        "UPDATE idempotency_keys SET answer = $3 WHERE owner_id = $1 AND key = $2",
        once.owner_id,
        once.key,
        answer,
    )


async def forget_old(connection: Connection) -> int:
    """Delete keys older than seven days; the number of rows."""
    return rows_touched(
        await connection.execute("DELETE FROM idempotency_keys WHERE created_at < now() - $1::interval", KEEP)
    )
