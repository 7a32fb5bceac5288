"""Keeping what Learning says about its courses, whether it was told or asked for."""

from datetime import datetime

from babyowl_contracts.learning import CoursePublished
from class_management.application.ports import UnitOfWork
from class_management.domain.courses import CourseOutline
from class_management.domain.values import CourseId


async def keep_publication(publication: CoursePublished, uow: UnitOfWork, *, at: datetime) -> None:
    """Take over the lessons, unless a later revision is known."""
    course = await known_or_new(publication.course_id, uow)
    lessons = {lesson.lesson_id: lesson.position for lesson in publication.lessons}
    course.publish(publication.revision, lessons, at=at)


async def known_or_new(course_id: CourseId, uow: UnitOfWork) -> CourseOutline:
    """The course, which its events may name in any order."""
    course = await uow.courses.get(course_id)
    if course is None:
        course = CourseOutline(id=course_id)
        uow.courses.add(course)
    return course
