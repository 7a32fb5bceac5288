"""Every route against everyone who might call it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, serving
from babyowl_chassis.testing.access import (
    ALLOWED,
    Answer,
    Route,
    assert_covered,
    assert_met,
    caller,
    cells,
    only,
)
from learning.bootstrap import service

from .academy import Academy, Document, content, exercise_ids, lessons_of

ANYBODY: dict[str, Answer] = {
    "anonymous": 401,
    "super_admin": ALLOWED,
    "staff": ALLOWED,
    "instructor": ALLOWED,
    "owner": ALLOWED,
    "class's instructor": ALLOWED,
    "student": ALLOWED,
    "enrolled student": ALLOWED,
    "service": 403,
}
TEACHERS = ANYBODY | {"student": 403, "enrolled student": 403}
AUTHORS = TEACHERS | {"instructor": 403, "class's instructor": 403}
READERS = ANYBODY | {"instructor": 403, "student": 403}
THEIR_TEACHERS = TEACHERS | {"instructor": 403}
STUDENTS = only(ANYBODY, "student", "enrolled student")
ENROLLED = only(ANYBODY, "enrolled student")
OPERATORS = only(ANYBODY, "super_admin")
SERVICES = only(ANYBODY, "service")

COURSE, SECTION = "/api/v1/courses/{course_id}", "/api/v1/courses/{course_id}/sections/{section_id}"
LESSON, EXERCISE = "/api/v1/lessons/{lesson_id}", "/api/v1/exercises/{exercise_id}"
PROGRESS = "/api/v1/progress"

MATRIX: dict[Route, dict[str, Answer]] = {
    ("GET", "/api/v1/courses"): ANYBODY,
    ("POST", "/api/v1/courses"): TEACHERS,
    ("GET", "/api/v1/courses/managed"): TEACHERS,
    ("GET", COURSE): ANYBODY,
    ("PUT", COURSE): AUTHORS,
    ("GET", f"{COURSE}/content"): AUTHORS,
    ("PUT", f"{COURSE}/content"): AUTHORS,
    ("PUT", f"{COURSE}/order"): AUTHORS,
    ("POST", f"{COURSE}/publication"): AUTHORS,
    ("POST", f"{COURSE}/archival"): AUTHORS,
    ("POST", f"{COURSE}/sections"): AUTHORS,
    ("PUT", SECTION): AUTHORS,
    ("DELETE", SECTION): AUTHORS,
    ("POST", f"{SECTION}/lessons"): AUTHORS,
    ("GET", LESSON): READERS,
    ("PUT", LESSON): AUTHORS,
    ("DELETE", LESSON): AUTHORS,
    ("PUT", f"{LESSON}/order"): AUTHORS,
    ("POST", f"{LESSON}/exercises"): AUTHORS,
    ("GET", EXERCISE): READERS,
    ("PUT", EXERCISE): AUTHORS,
    ("DELETE", EXERCISE): AUTHORS,
    ("PUT", f"{EXERCISE}/completion"): ENROLLED,
    ("GET", f"{PROGRESS}/me"): STUDENTS,
    ("GET", f"{PROGRESS}/me/courses/{{course_id}}"): STUDENTS,
    ("GET", f"{PROGRESS}/me/classes/{{class_id}}"): STUDENTS,
    ("GET", f"{PROGRESS}/classes/{{class_id}}"): THEIR_TEACHERS,
    ("GET", f"{PROGRESS}/courses/{{course_id}}"): AUTHORS,
    ("GET", f"{PROGRESS}/courses/{{course_id}}/students/{{student_id}}"): THEIR_TEACHERS,
    ("GET", "/internal/v1/courses/{course_id}/outline"): SERVICES,
    ("GET", "/internal/v1/events"): SERVICES,
    ("GET", "/api/v1/operations/learning/events"): OPERATORS,
}
"""`instructor` and `student` have nothing to do with the owner's course."""

BODIES: dict[Route, Any] = {
    ("POST", "/api/v1/courses"): {"title": "A"},
    ("PUT", COURSE): {"title": "A", "summary": "", "open": False},
    ("PUT", f"{COURSE}/content"): content((1,)),
    ("PUT", f"{COURSE}/order"): {"sections": []},
    ("POST", f"{COURSE}/sections"): {"title": "A"},
    ("PUT", SECTION): {"title": "A"},
    ("POST", f"{SECTION}/lessons"): {"title": "A"},
    ("PUT", LESSON): {"title": "A"},
    ("PUT", f"{LESSON}/order"): {"exercise_ids": []},
    ("POST", f"{LESSON}/exercises"): {"kind": "reading", "title": "A", "text": "B"},
    ("PUT", EXERCISE): {"kind": "reading", "title": "A", "text": "B"},
}

LET_IN_ALL_THE_SAME: dict[Route, tuple[int, ...]] = {
    ("POST", "/api/v1/courses"): (422,),  # staff have named no instructor
    ("PUT", f"{COURSE}/order"): (422,),  # nothing is named
    ("PUT", f"{LESSON}/order"): (422,),
    ("GET", f"{PROGRESS}/me/courses/{{course_id}}"): (404,),  # not one of this student's
    ("GET", f"{PROGRESS}/me/classes/{{class_id}}"): (404,),
}
"""Other answers than success that show that a caller was let in; everywhere else only success does."""


def test_no_route_is_missing_in_the_matrix() -> None:
    assert_covered(service.routes(), MATRIX)


@dataclass
class World:
    """A published course, its class, and everyone around them."""

    academy: Academy
    course: Document
    teacher_id: UUID
    student_id: UUID
    class_id: UUID

    @classmethod
    async def around(cls, served: Serving) -> "World":
        academy, teacher_id = Academy(served), new_id()
        course = await academy.course((1,))
        student_id, class_id = await academy.seat(course, teacher_id=teacher_id)
        return cls(academy, course, teacher_id, student_id, class_id)

    def client(self, who: str) -> httpx.AsyncClient:
        served = self.academy.served
        known = {
            "owner": self.academy.instructor,
            "class's instructor": served.as_("instructor", self.teacher_id),
            "enrolled student": served.as_("student", self.student_id),
        }
        return caller(served, who, scopes=["courses:read", "events:read"], known=known)

    def path(self, template: str) -> str:
        return template.format(
            course_id=self.course["id"],
            section_id=self.course["sections"][0]["id"],
            lesson_id=lessons_of(self.course)[0]["id"],
            exercise_id=exercise_ids(self.course)[0],
            class_id=self.class_id,
            student_id=self.student_id,
        )


@pytest.fixture(scope="module")
async def academy_service(postgres_admin_url: str) -> AsyncIterator[Serving]:
    async with serving(service, admin_url=postgres_admin_url, class_url="http://127.0.0.1:1") as served:
        yield served


@pytest.fixture(scope="module")
async def shared(academy_service: Serving) -> World:
    return await World.around(academy_service)


@pytest.mark.infra
@pytest.mark.parametrize(("route", "who", "answer"), cells(MATRIX))
async def test_who_may_call_what(
    academy_service: Serving, shared: World, route: Route, who: str, answer: Answer
) -> None:
    method, template = route
    # What one caller changes must not be missing for the next: only readers share a course.
    world = shared if method == "GET" else await World.around(academy_service)
    response = await world.client(who).request(method, world.path(template), json=BODIES.get(route))
    assert_met(response, answer, let_in=LET_IN_ALL_THE_SAME.get(route, ()))


@pytest.mark.infra
async def test_another_scope_does_not_open_the_outline(academy_service: Serving) -> None:
    world = await World.around(academy_service)
    path = world.path("/internal/v1/courses/{course_id}/outline")
    response = await academy_service.as_service("people:read").get(path)
    assert (response.status_code, response.json()["code"]) == (403, "scope_required")
