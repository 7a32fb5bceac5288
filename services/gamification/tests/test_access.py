"""Every route against everyone who might call it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import serving
from babyowl_chassis.testing.access import (
    Answer,
    Route,
    assert_covered,
    assert_met,
    caller,
    cells,
    only,
)
from gamification.bootstrap import service
from gamification.domain.periods import ClosingPeriod, Cycle

from .academy import Academy

CALLERS = (
    "anonymous",
    "super_admin",
    "staff",
    "instructor",
    "class's instructor",
    "student",
    "owner",
    "service",
)
STUDENTS_ONLY = only(CALLERS, "student", "owner")
THE_LEARNERS_OWN = only(CALLERS, "super_admin", "staff", "class's instructor", "owner")
ANYBODY = only(CALLERS, *CALLERS)
WHOEVER_SIGNED_IN = only(CALLERS, "super_admin", "staff", "instructor", "class's instructor", "student", "owner")
STAFF = only(CALLERS, "super_admin", "staff")
OPERATORS = only(CALLERS, "super_admin")
WHOEVER_BELONGS_HERE = only(CALLERS, "super_admin", "staff", "instructor", "class's instructor", "owner")

MATRIX: dict[Route, dict[str, Answer]] = {
    ("GET", "/api/v1/players/me"): STUDENTS_ONLY,
    ("PATCH", "/api/v1/players/me"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/me/appearance"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/me/alias-suggestions"): STUDENTS_ONLY,
    ("GET", "/api/v1/aliases"): STAFF,
    ("GET", "/api/v1/players/me/history"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/{player_id}"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/players/me/quests"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/me/quests/completed"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/{player_id}/quests"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/players/{player_id}/quests/completed"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/players/me/feed"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/{player_id}/feed"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/players/me/xp-by-day"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/{player_id}/xp-by-day"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/players/me/goals"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/{player_id}/goals"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/rulebook"): WHOEVER_SIGNED_IN,
    ("GET", "/api/v1/leaderboards/{period}"): WHOEVER_BELONGS_HERE,
    ("GET", "/api/v1/leaderboards/{period}/me"): only(CALLERS, "owner"),
    ("GET", "/api/v1/leaderboards/{period}/me/points"): only(CALLERS, "owner"),
    ("GET", "/api/v1/leaderboards/{period}/closed"): WHOEVER_BELONGS_HERE,
    ("GET", "/api/v1/leaderboards/{period}/closed/{starts_on}"): WHOEVER_BELONGS_HERE,
    ("GET", "/api/v1/leaderboards/{period}/closed/{starts_on}/me"): only(CALLERS, "owner"),
    ("GET", "/api/v1/leagues/me"): only(CALLERS, "owner"),
    ("GET", "/api/v1/leagues/me/history"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/{player_id}/leagues"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/players/me/badges"): STUDENTS_ONLY,
    ("GET", "/api/v1/players/{player_id}/badges"): THE_LEARNERS_OWN,
    ("POST", "/api/v1/players/{player_id}/badges/{badge}/revocation"): STAFF,
    ("DELETE", "/api/v1/players/{player_id}/badges/{badge}/revocation"): STAFF,
    ("GET", "/api/v1/badges"): ANYBODY,
    ("GET", "/api/v1/badges/{badge}/picture"): ANYBODY,
    ("GET", "/api/v1/operations/gamification/events"): OPERATORS,
    ("GET", "/internal/v1/events"): only(CALLERS, "service"),
}
"""`student` is another student than the `owner`, and has no seat at all; `instructor` teaches no class of theirs."""

OF_A_CLASS: dict[Route, dict[str, Answer]] = {
    ("GET", "/api/v1/leaderboards/{period}"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/leaderboards/{period}/me"): only(CALLERS, "owner"),
    ("GET", "/api/v1/leaderboards/{period}/me/points"): only(CALLERS, "owner"),
    ("GET", "/api/v1/leaderboards/{period}/closed"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/leaderboards/{period}/closed/{starts_on}"): THE_LEARNERS_OWN,
    ("GET", "/api/v1/leaderboards/{period}/closed/{starts_on}/me"): only(CALLERS, "owner"),
}
"""The same routes, asked for the owner's class."""


BODIES: dict[Route, dict[str, str]] = {
    ("PATCH", "/api/v1/players/me"): {"leaderboard": "shown"},
    ("POST", "/api/v1/players/{player_id}/badges/{badge}/revocation"): {"reason": "It was somebody else."},
}

DONE_ALREADY: dict[Route, tuple[int, ...]] = {
    ("POST", "/api/v1/players/{player_id}/badges/{badge}/revocation"): (409,),
    ("DELETE", "/api/v1/players/{player_id}/badges/{badge}/revocation"): (404,),
}
"""Who comes second is let in, and told that it is done."""


A_WEEK = ClosingPeriod(Cycle.WEEK, date(2026, 3, 2))


def test_no_route_is_missing_in_the_matrix() -> None:
    assert_covered(service.routes(), MATRIX)


@dataclass(frozen=True)
class World:
    """The owner of everything here, and their class."""

    academy: Academy
    owner: UUID
    teacher: UUID
    class_id: UUID

    def client(self, who: str) -> httpx.AsyncClient:
        served = self.academy.served
        known = {
            "owner": self.academy.student(self.owner),
            "class's instructor": served.as_("instructor", self.teacher),
        }
        return caller(served, who, scopes=["people:read", "events:read"], known=known)

    async def request(self, route: Route, who: str, *, class_id: UUID | None = None) -> httpx.Response:
        method, path = route
        return await self.client(who).request(
            method,
            path.format(player_id=self.owner, period="weekly", starts_on=A_WEEK.starts_on, badge="first_exercise"),
            params={"class_id": str(class_id)} if class_id else None,
            json=BODIES.get(route),
        )


@pytest.fixture(scope="module")
async def world(postgres_admin_url: str) -> AsyncIterator[World]:
    async with serving(service, admin_url=postgres_admin_url) as served:
        academy, teacher = Academy(served), new_id()
        owner = await academy.learner("Ada", 1)
        await academy.close(A_WEEK)
        yield World(academy, owner, teacher, await academy.class_of(owner, instructor_id=teacher))


@pytest.mark.infra
@pytest.mark.parametrize(("route", "who", "answer"), cells(MATRIX))
async def test_who_may_call_what(world: World, route: Route, who: str, answer: Answer) -> None:
    assert_met(await world.request(route, who), answer, let_in=DONE_ALREADY.get(route, ()))


@pytest.mark.infra
@pytest.mark.parametrize(("route", "who", "answer"), cells(OF_A_CLASS))
async def test_who_may_ask_for_a_class(world: World, route: Route, who: str, answer: Answer) -> None:
    assert_met(await world.request(route, who, class_id=world.class_id), answer)
