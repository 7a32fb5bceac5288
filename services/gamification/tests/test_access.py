"""Every route against everyone who might call it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import ALLOWED, missing_routes, serving
from gamification.bootstrap import service

from .academies import Academy

Answer: TypeAlias = int | str
"""The status of the refusal, or ALLOWED."""

STUDENTS_ONLY: dict[str, Answer] = {
    "anonymous": 401,
    "super_admin": 403,
    "staff": 403,
    "instructor": 403,
    "class's instructor": 403,
    "student": ALLOWED,
    "owner": ALLOWED,
    "service": 403,
}
THE_LEARNERS_OWN: dict[str, Answer] = {
    "anonymous": 401,
    "super_admin": ALLOWED,
    "staff": ALLOWED,
    "instructor": 403,
    "class's instructor": ALLOWED,
    "student": 403,
    "owner": ALLOWED,
    "service": 403,
}
OPERATORS: dict[str, Answer] = {**dict.fromkeys(STUDENTS_ONLY, 403), "anonymous": 401, "super_admin": ALLOWED}
EVERYBODY: dict[str, Answer] = {
    **dict.fromkeys(THE_LEARNERS_OWN, ALLOWED),
    "anonymous": 401,
    "service": 403,
}

MATRIX: dict[tuple[str, str], dict[str, Answer]] = {
    ("GET", "/api/v1/players/me"): STUDENTS_ONLY,
    ("PATCH", "/api/v1/players/me"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/me/history"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/{player_id}"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/leaderboards/{period}"): EVERYBODY,
    ("GET", "/api/v1/leaderboards/{period}/me"): STUDENTS_ONLY,
    ("GET", "/api/v1/operations/gamification/events"): OPERATORS,
}
"""`student` is another student than the `owner`, in no class of theirs; so is `instructor`."""

OF_A_CLASS: dict[tuple[str, str], dict[str, Answer]] = {
    ("GET", "/api/v1/leaderboards/{period}"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/leaderboards/{period}/me"): {**STUDENTS_ONLY, "student": 403},
}
"""The same routes, asked for the owner's class."""

CELLS = [
    pytest.param(route, who, answer, of_class, id=f"{route[0]} {route[1]} {of_class} {who}")
    for matrix, of_class in ((MATRIX, "academy"), (OF_A_CLASS, "class"))
    for route, row in matrix.items()
    for who, answer in row.items()
]


def test_no_route_is_missing_in_the_matrix() -> None:
    assert missing_routes(service.routes(), MATRIX) == []


def test_a_route_that_nobody_thought_of_is_noticed() -> None:
    assert missing_routes([*service.routes(), ("DELETE", "/api/v1/players/me")], MATRIX)


@dataclass(frozen=True)
class World:
    """The owner of everything here, and their class."""

    academy: Academy
    owner: UUID
    teacher: UUID
    class_id: UUID

    def client(self, who: str) -> httpx.AsyncClient:
        match who:
            case "anonymous":
                return self.academy.served.client
            case "owner":
                return self.academy.student(self.owner)
            case "class's instructor":
                return self.academy.served.as_("instructor", self.teacher)
            case "service":
                return self.academy.served.as_service("people:read")
            case role:
                return self.academy.served.as_(role)


@pytest.fixture(scope="module")
async def world(postgres_admin_url: str) -> AsyncIterator[World]:
    async with serving(service, admin_url=postgres_admin_url) as served:
        academy, teacher = Academy(served), new_id()
        owner = await academy.learner("Ada", 1)
        yield World(academy, owner, teacher, await academy.class_of(owner, instructor_id=teacher))


@pytest.mark.infra
@pytest.mark.parametrize(("route", "who", "answer", "of_class"), CELLS)
async def test_who_may_call_what(
    world: World, route: tuple[str, str], who: str, answer: Answer, of_class: str
) -> None:
    method, path = route
    response = await world.client(who).request(
        method,
        path.format(player_id=world.owner, period="weekly"),
        params={"class_id": str(world.class_id)} if of_class == "class" else None,
        json={"leaderboard": "shown"} if method == "PATCH" else None,
    )
    if answer == ALLOWED:
        assert response.is_success, response.text
    else:
        assert response.status_code == answer, response.text
