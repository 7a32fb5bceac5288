"""A course published a moment ago: Learning is asked once before a class of it is refused."""

from uuid import UUID

import httpx
import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.http.problems import MEDIA_TYPE
from babyowl_chassis.internal import InternalApi, ServiceTokens
from babyowl_chassis.testing import granted
from babyowl_contracts import encode
from class_management.application.commands.unlock_lessons import UnlockLessons
from class_management.infrastructure.courses import Courses

from .school import InPostgres, School

pytestmark = pytest.mark.infra


class Learning:
    """Answers as Learning's internal API does, and counts how often it is asked."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.revision, self.lessons = 1, 12
        self.asked: list[str] = []

    def courses(self, pool: Pool) -> Courses:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        tokens = ServiceTokens("http://identity", "class", "secret", http)
        return Courses(pool, InternalApi("http://learning", http, tokens), self.school.bus)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "identity":
            return httpx.Response(200, json={"access_token": "token", "expires_in": 300})
        assert request.headers["authorization"] == "Bearer token"
        self.asked.append(request.url.path)
        if request.url.path != self.path_of(self.school.course_id):
            return httpx.Response(404, headers={"content-type": MEDIA_TYPE}, json={"code": "course_not_found"})
        return httpx.Response(200, json=encode(self.school.publication(self.revision, self.lessons)))

    def path_of(self, course_id: UUID) -> str:
        return f"/internal/v1/courses/{course_id}/outline"


@pytest.fixture
async def school(pool: Pool) -> School:
    """Its course is published, but nobody here has heard of it."""
    school = School(InPostgres(pool))
    await school.register("instructor", school.instructor.user_id)
    return school


async def test_learning_is_asked_once_and_then_known(school: School, pool: Pool) -> None:
    learning = Learning(school)
    courses = learning.courses(pool)
    for _ in range(2):
        await courses.ensure_published(school.course_id)
    granted(await school.execute(school.plan()))
    assert learning.asked == [learning.path_of(school.course_id)]


async def test_what_learning_does_not_know_either_stays_unknown(school: School, pool: Pool) -> None:
    unknown = school.lessons[0]
    await Learning(school).courses(pool).ensure_published(unknown)
    assert not await pool.fetchval("SELECT EXISTS (SELECT FROM courses)")


async def test_learning_is_asked_for_lessons_that_a_class_does_not_know(school: School, pool: Pool) -> None:
    learning = Learning(school)
    learning.lessons = 2
    courses = learning.courses(pool)
    await courses.ensure_published(school.course_id)
    class_ = await school.planned()
    await courses.ensure_lessons(class_.id, school.lessons[:2])
    assert len(learning.asked) == 1
    learning.revision, learning.lessons = 2, 3
    await courses.ensure_lessons(class_.id, school.lessons[:3])
    assert len(learning.asked) == 2
    third = UnlockLessons(class_id=class_.id, lesson_ids=(school.lessons[2],), by=school.instructor)
    granted(await school.execute(third))


@pytest.mark.parametrize("status", [404, 500], ids=["not Learning", "Learning is broken"])
async def test_a_fault_of_learning_is_a_fault_and_no_refusal(school: School, pool: Pool, status: int) -> None:
    learning = Learning(school)
    learning.answer = lambda request: httpx.Response(status)  # type: ignore[method-assign]
    with pytest.raises(httpx.HTTPStatusError):
        await learning.courses(pool).ensure_published(school.course_id)
