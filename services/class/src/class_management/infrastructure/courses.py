"""Courses that were published a moment ago: their event is on its way, so Learning is asked."""

from collections.abc import Sequence

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from babyowl_chassis.internal import InternalApi, is_gone
from babyowl_contracts import decode
from babyowl_contracts.learning import CoursePublished
from class_management.application.commands.note_course import NoteCourse
from class_management.domain.values import ClassId, CourseId, LessonId

_IS_PUBLISHED = (
    "SELECT EXISTS (SELECT FROM courses WHERE id = $1 AND published_at > coalesce(archived_at, '-infinity'))"
)

_COURSE_WITHOUT_LESSONS = """
SELECT course_id FROM classes
WHERE id = $1 AND NOT $2::uuid[] <@ ARRAY(
    SELECT lesson_id FROM course_lessons WHERE course_lessons.course_id = classes.course_id
)
"""


class Courses:
    """This service's copy of Learning's outlines, and where to ask when it seems behind."""

    def __init__(self, database: Pool, learning: InternalApi, bus: Bus) -> None:
        self._database = database
        self._learning = learning
        self._bus = bus

    async def ensure_published(self, course_id: CourseId) -> None:
        """Ask Learning once if the course is not known as published. Raises httpx.HTTPError if it does not answer."""
        if not await self._database.fetchval(_IS_PUBLISHED, course_id):
            await self._ask(course_id)

    async def ensure_lessons(self, class_id: ClassId, lesson_ids: Sequence[LessonId]) -> None:
        """Ask Learning once if the class's course is not known to have these lessons. Raises httpx.HTTPError."""
        course_id = await self._database.fetchval(_COURSE_WITHOUT_LESSONS, class_id, lesson_ids)
        if course_id is not None:
            await self._ask(course_id)

    async def _ask(self, course_id: CourseId) -> None:
        response = await self._learning.get(f"/internal/v1/courses/{course_id}/outline")
        if is_gone(response):
            return
        response.raise_for_status()
        publication = decode(CoursePublished.type, response.json())
        assert isinstance(publication, CoursePublished)  # noqa: S101
        await self._bus.execute(NoteCourse(publication))
