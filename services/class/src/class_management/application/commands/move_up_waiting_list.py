"""Time passes: offers lapse, and the waiting list of a class moves up."""

from dataclasses import dataclass

from babyowl_kernel import Clock, Command, Err, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.application.seating import move_up
from class_management.domain.errors import ClassNotFound
from class_management.domain.values import ClassId


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveUpWaitingList(Command[Result[None, ClassNotFound]]):
    class_id: ClassId


async def move_up_waiting_list(
    command: MoveUpWaitingList, uow: UnitOfWork, clock: Clock
) -> Result[None, ClassNotFound]:
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    await move_up(class_, uow, now=clock())
    return Ok(None)
