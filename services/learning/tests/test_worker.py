"""The service with its relay and consumers, on a real broker."""

from collections.abc import AsyncIterator

import pytest

from babyowl_chassis.testing import Serving, answered, eventually, serving
from learning.bootstrap import service

from .academy import Academy, lessons_of

pytestmark = pytest.mark.infra


@pytest.fixture
async def working(postgres_admin_url: str, amqp_url: str) -> AsyncIterator[Serving]:
    async with serving(
        service, admin_url=postgres_admin_url, amqp_url=amqp_url, class_url="http://127.0.0.1:1"
    ) as served:
        yield served


async def test_a_publication_comes_back_over_the_broker_and_completes_who_had_nothing_left(working: Serving) -> None:
    academy = Academy(working)
    course = await academy.course((2,))
    student_id, _ = await academy.seat(course)
    kept, removed = lessons_of(course)[0]["exercises"]
    student = academy.student(student_id)
    answered(await student.put(f"/api/v1/exercises/{kept['id']}/completion"))
    assert (await academy.instructor.delete(f"/api/v1/exercises/{removed['id']}")).status_code == 204
    answered(await academy.instructor.post(f"/api/v1/courses/{course['id']}/publication"))

    async def complete() -> bool:
        mine = answered(await student.get(f"/api/v1/progress/me/courses/{course['id']}"))
        return bool(mine["percent"] == 100)

    await eventually(complete)

    async def everything_is_told() -> bool:
        return bool(await working.resources.database.fetchval("SELECT count(*) = 0 FROM outbox"))

    await eventually(everything_is_told)
