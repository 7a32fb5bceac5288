"""Staff call a class off, before it begins or later; what its students have paid for stays theirs."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.make_ups import Change, class_cancelled
from class_management.application.ports import UnitOfWork
from class_management.domain.class_ import Class
from class_management.domain.errors import ClassNotFound, ClassOver
from class_management.domain.values import ClassId

CancellationOutcome: TypeAlias = Result[Class, ClassNotFound | ClassOver]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelClass(Command[CancellationOutcome]):
    exclusive: ClassVar[bool] = True

    class_id: ClassId
    reason: str
    by: Actor


async def cancel_class(command: CancelClass, uow: UnitOfWork, clock: Clock, new_id: NewId) -> CancellationOutcome:
    # Meetings before the class, as whoever books a make-up does: so that the two never deadlock.
    timetable = await uow.timetables.of_class(command.class_id)
    if timetable is None:
        return Err(ClassNotFound(command.class_id))
    now = clock()
    begun = await uow.registers.begun([meeting.id for meeting in timetable.planned if meeting.starts_at > now])
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    await class_cancelled(class_.id, uow, Change(command.by.user_id, now, new_id))
    return class_.cancel(timetable, reason=command.reason, begun=begun, now=now)
