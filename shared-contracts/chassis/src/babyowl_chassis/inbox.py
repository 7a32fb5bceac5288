"""The inbox: which events have had their effect, so that a second delivery has none."""

from datetime import timedelta
from uuid import UUID

from babyowl_chassis.sql import Connection, rows_touched

KEEP = timedelta(days=30)
"""Longer than any redrive: an event that comes back from the dead-letter queue must still be known."""


async def note(connection: Connection, queue: str, event_id: UUID) -> bool:
    """Note an event for this queue; False if it was noted before. Waits for a twin still in its transaction."""
    status = await connection.execute(
        "INSERT INTO inbox (queue, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", queue, event_id
    )
    return rows_touched(status) == 1


async def forget_old(connection: Connection, *, keep: timedelta = KEEP) -> int:
    """Delete what is older than `keep`; the number of rows."""
    return rows_touched(await connection.execute("DELETE FROM inbox WHERE received_at < now() - $1::interval", keep))
