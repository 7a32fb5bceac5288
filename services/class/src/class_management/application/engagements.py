"""Whether instructors are free when a class wants them."""

from collections.abc import Iterable, Iterator
from itertools import islice

from class_management.application.ports import UnitOfWork
from class_management.domain.schedule import Meeting, Slot
from class_management.domain.schedule_errors import InstructorDoubleBooked
from class_management.domain.values import UserId

SLOTS_AT_ONCE = 50


async def double_booking(meetings: Iterable[Meeting], uow: UnitOfWork) -> InstructorDoubleBooked | None:
    """The first of these meetings whose instructor teaches another one then; none of those stands in its own way."""
    planned = [meeting for meeting in meetings if meeting.status == "planned"]
    if not planned:
        return None
    clashes = await uow.timetables.clashes(
        [(meeting.instructor_id, meeting) for meeting in planned],
        leaving_out=[meeting.id for meeting in planned],
    )
    if not clashes:
        return None
    found = clashes[min(clashes)]
    return InstructorDoubleBooked(found.instructor_id, found.class_id, found.meeting_id, found.starts_at)


async def first_free(slots: Iterator[Slot], instructor_id: UserId, uow: UnitOfWork) -> Slot | None:
    """The first slot in which the instructor teaches nothing else; None if there is none in reach."""
    while some := list(islice(slots, SLOTS_AT_ONCE)):
        taken = await uow.timetables.clashes([(instructor_id, slot) for slot in some])
        for n, slot in enumerate(some):
            if n not in taken:
                return slot
    return None
