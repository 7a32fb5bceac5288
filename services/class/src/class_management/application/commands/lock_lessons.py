"""The instructor closes lessons again, to the class or to one student of it."""

from dataclasses import dataclass

from babyowl_kernel import Actor, Clock, Command, Err, Result
from class_management.application.ports import UnitOfWork
from class_management.application.teaching import teaching_day
from class_management.domain.errors import ClassNotFound, LockRefused
from class_management.domain.open_lessons import LessonUnlock
from class_management.domain.values import ClassId, LessonId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class LockLessons(Command[Result[tuple[LessonUnlock, ...], ClassNotFound | LockRefused]]):
    class_id: ClassId
    lesson_ids: tuple[LessonId, ...]
    student_id: UserId | None = None
    by: Actor


async def lock_lessons(
    command: LockLessons, uow: UnitOfWork, clock: Clock
) -> Result[tuple[LessonUnlock, ...], ClassNotFound | LockRefused]:
    day = await teaching_day(uow, command.class_id, now=clock())
    lessons = await uow.open_lessons.of_class(command.class_id)
    if day is None or lessons is None:
        return Err(ClassNotFound(command.class_id))
    return lessons.lock(command.lesson_ids, day, student_id=command.student_id, by=command.by.user_id)
