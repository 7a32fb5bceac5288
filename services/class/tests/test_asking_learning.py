"""A course published a moment ago: Learning is asked once before a class of it is refused."""

from uuid import UUID

import httpx
import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.internal import InternalApi, ServiceTokens
from babyowl_chassis.testing import granted
from babyowl_contracts import encode
from class_management.application.commands.unlock_lessons import UnlockLessons
from class_management.infrastructure.courses import Courses

from .academy import Academy, InPostgres

pytestmark = pytest.mark.infra


class Learning:
    """Answers as Learning's internal API does, and counts how often it is asked."""

    def __init__(self, academy: Academy) -> None:
        self.academy = academy
        self.revision, self.lessons = 1, 12
        self.asked: list[str] = []

    def courses(self, pool: Pool) -> Courses:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        tokens = ServiceTokens("http://identity", "class", "secret", http)
        return Courses(pool, InternalApi("http://learning", http, tokens), self.academy.bus)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "identity":
            return httpx.Response(200, json={"access_token": "token", "expires_in": 300})
        assert request.headers["authorization"] == "Bearer token"
        self.asked.append(request.url.path)
        if request.url.path != self.path_of(self.academy.course_id):
            return httpx.Response(404)
        return httpx.Response(200, json=encode(self.academy.publication(self.revision, self.lessons)))

    def path_of(self, course_id: UUID) -> str:
        return f"/internal/v1/courses/{course_id}/outline"


@pytest.fixture
async def academy(pool: Pool) -> Academy:
    """Its course is published, but nobody here has heard of it."""
    academy = Academy(InPostgres(pool))
    await academy.register("instructor", academy.instructor.user_id)
    return academy


async def test_learning_is_asked_once_and_then_known(academy: Academy, pool: Pool) -> None:
    learning = Learning(academy)
    courses = learning.courses(pool)
    for _ in range(2):
        await courses.ensure_published(academy.course_id)
    granted(await academy.execute(academy.plan()))
    assert learning.asked == [learning.path_of(academy.course_id)]


async def test_what_learning_does_not_know_either_stays_unknown(academy: Academy, pool: Pool) -> None:
    unknown = academy.lessons[0]
    await Learning(academy).courses(pool).ensure_published(unknown)
    assert not await pool.fetchval("SELECT EXISTS (SELECT FROM courses)")


async def test_learning_is_asked_for_lessons_that_a_class_does_not_know(academy: Academy, pool: Pool) -> None:
    learning = Learning(academy)
    learning.lessons = 2
    courses = learning.courses(pool)
    await courses.ensure_published(academy.course_id)
    class_ = await academy.planned()
    await courses.ensure_lessons(class_.id, academy.lessons[:2])
    assert len(learning.asked) == 1
    learning.revision, learning.lessons = 2, 3
    await courses.ensure_lessons(class_.id, academy.lessons[:3])
    assert len(learning.asked) == 2
    third = UnlockLessons(class_id=class_.id, lesson_ids=(academy.lessons[2],), by=academy.instructor)
    granted(await academy.execute(third))


async def test_a_fault_of_learning_is_a_fault_and_no_refusal(academy: Academy, pool: Pool) -> None:
    learning = Learning(academy)
    learning.answer = lambda request: httpx.Response(500)  # type: ignore[method-assign]
    with pytest.raises(httpx.HTTPStatusError):
        await learning.courses(pool).ensure_published(academy.course_id)
