"""The instructor opens lessons, many at once, to the class or to one student of it."""

from dataclasses import dataclass

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.courses import CourseOutline
from class_management.domain.errors import ClassNotFound, UnlockRefused
from class_management.domain.open_lessons import LessonUnlock
from class_management.domain.values import ClassId, LessonId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockLessons(Command[Result[tuple[LessonUnlock, ...], ClassNotFound | UnlockRefused]]):
    class_id: ClassId
    lesson_ids: tuple[LessonId, ...]
    student_id: UserId | None = None
    by: Actor


async def unlock_lessons(
    command: UnlockLessons, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[tuple[LessonUnlock, ...], ClassNotFound | UnlockRefused]:
    class_ = await uow.classes.get(command.class_id)
    lessons = await uow.open_lessons.of_class(command.class_id)
    if class_ is None or lessons is None:
        return Err(ClassNotFound(command.class_id))
    course = await uow.courses.get(class_.course_id) or CourseOutline(id=class_.course_id)
    return lessons.unlock(
        command.lesson_ids,
        course,
        class_,
        total_meetings=await uow.timetables.total_meetings(class_.id),
        student_id=command.student_id,
        by=command.by.user_id,
        now=clock(),
        new_id=new_id,
    )
