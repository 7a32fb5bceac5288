"""Progress: a student's own, and what those who teach see of their students."""

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import InstructorOrStaff, Page, PageParams, Reader, Student, View, page, refused
from babyowl_chassis.sql import Connection
from learning.domain.errors import (
    ClassNotFound,
    CourseNotFound,
    NotYourClass,
    NotYourCourse,
    StudentNotFound,
)
from learning.domain.policies import only_its_managers
from learning.queries.progress import (
    CourseProgress,
    LessonProgress,
    course_of_student,
    courses_of_student,
    lessons_of_student,
    students_of_class,
    students_of_course,
)
from learning.queries.teaching import course_instructor, course_of_seat, taught_class, teaches

router = APIRouter(prefix="/api/v1/progress", tags=["Progress"])


class ProgressView(View):
    """What was done, of what there is in the `revision` that counts for the student."""

    revision: int
    percent: int
    exercises_done: int
    exercises_total: int
    lessons_done: int
    lessons_total: int
    last_activity_at: datetime | None
    completed_at: datetime | None


class CourseProgressView(ProgressView):
    """Progress in one course."""

    course_id: UUID
    title: str


class LessonProgressView(View):
    """Progress in one lesson; a completed one stays at 100."""

    lesson_id: UUID
    position: int
    title: str
    percent: int
    exercises_done: int
    exercises_total: int
    completed_at: datetime | None


class DetailedProgressView(CourseProgressView):
    """Progress in one course, lesson by lesson."""

    lessons: list[LessonProgressView]

    @classmethod
    def of_lessons(cls, course: CourseProgress, lessons: list[LessonProgress]) -> Self:
        """The course's counts together with its lessons'."""
        counts = CourseProgressView.of(course).model_dump()
        return cls(**counts, lessons=[LessonProgressView.of(lesson) for lesson in lessons])


class StudentProgressView(ProgressView):
    """A student among those of a class or a course."""

    student_id: UUID
    display_name: str | None
    avatar_url: str | None


@router.get("/me")
async def list_my_progress(params: PageParams, db: Reader, user: Student) -> Page[CourseProgressView]:
    """My courses: those I have a seat in, and those I have begun."""
    rows = await courses_of_student(db, user.user_id, after=params.after_as(UUID), limit=params.limit)
    return page(rows, params, key=lambda row: (row.course_id,), view=CourseProgressView.of)


@router.get("/me/courses/{course_id}")
async def get_my_course_progress(course_id: UUID, db: Reader, user: Student) -> DetailedProgressView:
    """My progress in a course, lesson by lesson."""
    detail = await _detail(db, user.user_id, course_id)
    if detail is None:
        raise refused(CourseNotFound(course_id))
    return detail


@router.get("/me/classes/{class_id}")
async def get_my_class_progress(class_id: UUID, db: Reader, user: Student) -> DetailedProgressView:
    """My progress in the course of a class I have a seat in."""
    course_id = await course_of_seat(db, class_id, user.user_id)
    detail = None if course_id is None else await _detail(db, user.user_id, course_id)
    if detail is None:
        raise refused(ClassNotFound(class_id))
    return detail


@router.get("/classes/{class_id}")
async def list_class_progress(
    class_id: UUID, params: PageParams, db: Reader, user: InstructorOrStaff
) -> Page[StudentProgressView]:
    """Everybody in a class; for its instructor, the course's, and staff."""
    taught = await taught_class(db, class_id)
    if taught is None:
        raise refused(ClassNotFound(class_id))
    if not user.actor.is_staff and user.user_id not in (taught.instructor_id, taught.course_instructor_id):
        raise refused(NotYourClass())
    rows = await students_of_class(db, class_id, after=params.after_as(UUID), limit=params.limit)
    return page(rows, params, key=lambda row: (row.student_id,), view=StudentProgressView.of)


@router.get("/courses/{course_id}")
async def list_course_progress(
    course_id: UUID, params: PageParams, db: Reader, user: InstructorOrStaff
) -> Page[StudentProgressView]:
    """Everybody in a course, over all its classes; for its instructor and staff."""
    instructor_id = await course_instructor(db, course_id)
    if instructor_id is None:
        raise refused(CourseNotFound(course_id))
    if refusal := only_its_managers(instructor_id, user.actor):
        raise refused(refusal)
    rows = await students_of_course(db, course_id, after=params.after_as(UUID), limit=params.limit)
    return page(rows, params, key=lambda row: (row.student_id,), view=StudentProgressView.of)


@router.get("/courses/{course_id}/students/{student_id}")
async def get_student_progress(
    course_id: UUID, student_id: UUID, db: Reader, user: InstructorOrStaff
) -> DetailedProgressView:
    """One student, lesson by lesson; for who teaches them, the course's instructor, and staff."""
    instructor_id = await course_instructor(db, course_id)
    if instructor_id is None:
        raise refused(CourseNotFound(course_id))
    manages = only_its_managers(instructor_id, user.actor) is None
    if not manages and not await teaches(db, user.user_id, course_id, student_id):
        raise refused(NotYourCourse())
    detail = await _detail(db, student_id, course_id)
    if detail is None:
        raise refused(StudentNotFound(student_id))
    return detail


async def _detail(db: Connection, student_id: UUID, course_id: UUID) -> DetailedProgressView | None:
    course = await course_of_student(db, student_id, course_id)
    if course is None:
        return None
    lessons = await lessons_of_student(db, student_id, course_id, course.revision)
    return DetailedProgressView.of_lessons(course, lessons)
