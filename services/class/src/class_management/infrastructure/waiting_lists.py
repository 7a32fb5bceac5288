"""Waiting lists that time alone moves up: an offer has lapsed, or who was passed over is back."""

from contextlib import suppress

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool, lent
from babyowl_chassis.unit_of_work import VersionConflict
from class_management.application.commands.move_up_waiting_list import MoveUpWaitingList

# A free seat is one that is neither taken, nor offered, nor lent to a guest at the fullest meeting ahead.
_DUE = """
SELECT class_id FROM waiting_list WHERE offer_expires_at <= now()
UNION
SELECT c.id FROM classes c
WHERE c.id IN (
        SELECT w.class_id FROM waiting_list w JOIN people p ON p.id = w.student_id
        WHERE w.offered_at IS NULL AND p.status <> 'deactivated')
    AND c.capacity > (SELECT count(*) FROM enrollments e WHERE e.class_id = c.id AND e.status = 'enrolled')
        + (SELECT count(*) FROM waiting_list w WHERE w.class_id = c.id AND w.offered_at IS NOT NULL)
        + coalesce((
            SELECT count(*) FROM guest_seats g WHERE g.class_id = c.id AND g.starts_at > now()
            GROUP BY g.meeting_id ORDER BY count(*) DESC LIMIT 1), 0)
"""


class WaitingLists:
    """All waiting lists."""

    def __init__(self, database: Pool, bus: Bus) -> None:
        self._database = database
        self._bus = bus

    async def move_up(self) -> None:
        """Move those up that are due; doing so twice, or on two replicas at once, is doing it once."""
        async with lent(self._database) as connection:
            due = await connection.fetch(_DUE)
        for row in due:
            # Whoever is at the class meanwhile moves its list up, or it is found the next time.
            with suppress(VersionConflict):
                await self._bus.execute(MoveUpWaitingList(class_id=row["class_id"]))
