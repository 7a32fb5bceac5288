"""What the worker does beside the reactions: work that is many transactions, each on its own."""

from babyowl_chassis.bus import Bus
from babyowl_chassis.sql import Connection
from babyowl_contracts.learning import CoursePublished
from learning.application.commands.catch_up import CatchUp
from learning.queries.progress import students_without_anything_left


class AfterPublication:
    """Completes the course for students to whom a publication left nothing to do.

    Each student is a command of their own; a redelivery goes on where an earlier one was broken off.
    """

    def __init__(self, bus: Bus, db: Connection) -> None:
        self._bus = bus
        self._db = db

    async def complete_what_is_done(self, event: CoursePublished) -> None:
        """Look at the current publication, which may be a later one than the event tells of."""
        for student_id in await students_without_anything_left(self._db, event.course_id):
            await self._bus.execute(CatchUp(student_id, event.course_id))
