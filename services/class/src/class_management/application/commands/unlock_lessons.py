"""The instructor opens lessons, many at once, to the class or to one student of it."""

from dataclasses import dataclass

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.ports import UnitOfWork
from class_management.application.teaching import teaching_day
from class_management.domain.errors import ClassNotFound, UnlockRefused
from class_management.domain.open_lessons import LessonUnlock
from class_management.domain.values import ClassId, LessonId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockLessons(Command[Result[tuple[LessonUnlock, ...], ClassNotFound | UnlockRefused]]):
    class_id: ClassId
    lesson_ids: tuple[LessonId, ...]
    student_id: UserId | None = None
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockUpTo(Command[Result[tuple[LessonUnlock, ...], ClassNotFound | UnlockRefused]]):
    class_id: ClassId
    lesson_id: LessonId
    student_id: UserId | None = None
    by: Actor


async def unlock_lessons(
    command: UnlockLessons, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[tuple[LessonUnlock, ...], ClassNotFound | UnlockRefused]:
    now = clock()
    day = await teaching_day(uow, command.class_id, now=now)
    lessons = await uow.open_lessons.of_class(command.class_id)
    if day is None or lessons is None:
        return Err(ClassNotFound(command.class_id))
    return lessons.unlock(
        command.lesson_ids, day, student_id=command.student_id, by=command.by.user_id, now=now, new_id=new_id
    )


async def unlock_up_to(
    command: UnlockUpTo, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[tuple[LessonUnlock, ...], ClassNotFound | UnlockRefused]:
    now = clock()
    day = await teaching_day(uow, command.class_id, now=now)
    lessons = await uow.open_lessons.of_class(command.class_id)
    if day is None or lessons is None:
        return Err(ClassNotFound(command.class_id))
    return lessons.unlock_up_to(
        command.lesson_id, day, student_id=command.student_id, by=command.by.user_id, now=now, new_id=new_id
    )
