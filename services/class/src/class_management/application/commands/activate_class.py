"""Staff let a class begin."""

from dataclasses import dataclass

from babyowl_kernel import Actor, Clock, Command, Err, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.class_ import Class
from class_management.domain.errors import AlreadyActivated, ClassNotFound, ClassOver
from class_management.domain.values import ClassId


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateClass(Command[Result[Class, ClassNotFound | ClassOver | AlreadyActivated]]):
    class_id: ClassId
    by: Actor


async def activate_class(
    command: ActivateClass, uow: UnitOfWork, clock: Clock
) -> Result[Class, ClassNotFound | ClassOver | AlreadyActivated]:
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    return class_.activate(now=clock())
