"""Staff change the name, the seats, or (while it is a draft) the package of a class."""

from dataclasses import dataclass

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.class_ import Class
from class_management.domain.errors import ClassNotFound, EditRefused, NoCreditLeft
from class_management.domain.values import ClassId


@dataclass(frozen=True, slots=True, kw_only=True)
class EditClass(Command[Result[Class, ClassNotFound | EditRefused | NoCreditLeft]]):
    class_id: ClassId
    name: str | None = None
    capacity: int | None = None
    package: int | None = None
    expected_version: int | None = None
    by: Actor


async def edit_class(
    command: EditClass, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[Class, ClassNotFound | EditRefused | NoCreditLeft]:
    class_ = await uow.classes.get(command.class_id)
    timetable = await uow.timetables.of_class(command.class_id)
    if class_ is None or timetable is None:
        return Err(ClassNotFound(command.class_id))
    now, former_package = clock(), class_.package
    edited = class_.edit(
        timetable,
        name=command.name,
        capacity=command.capacity,
        package=command.package,
        expected_version=command.expected_version,
        now=now,
        new_id=new_id,
    )
    if isinstance(edited, Err) or class_.package == former_package:
        return edited
    for account in await uow.accounts.of_class(class_.id):
        followed = account.repackage(class_.package - former_package, by=command.by.user_id, now=now, new_id=new_id)
        if isinstance(followed, Err):
            return followed
    return edited
