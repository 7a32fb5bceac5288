"""Every route against everyone who might call it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving
from babyowl_chassis.testing.access import ALLOWED, Answer, Route, assert_covered, assert_met, caller, only
from identity.bootstrap import service
from identity.domain.values import UserRole

from .world import PASSWORD, provision

ROLES = ("super_admin", "staff", "instructor", "student")
CALLERS = ("anonymous", *ROLES, "service")
EVERYBODY: dict[str, Answer] = dict.fromkeys(CALLERS, ALLOWED)
NOBODY: dict[str, Answer] = dict.fromkeys(CALLERS, 401)
PEOPLE = only(CALLERS, *ROLES)
STAFF = only(CALLERS, "super_admin", "staff")
SUPER_ADMIN = only(CALLERS, "super_admin")
SERVICES = only(CALLERS, "service")

MATRIX: dict[Route, dict[str, Answer]] = {
    ("GET", "/.well-known/jwks.json"): EVERYBODY,
    ("POST", "/api/v1/auth/register"): EVERYBODY,
    ("POST", "/api/v1/auth/verify-email"): EVERYBODY,
    ("POST", "/api/v1/auth/resend-verification"): EVERYBODY,
    ("POST", "/api/v1/auth/forgot-password"): EVERYBODY,
    ("POST", "/api/v1/auth/reset-password"): EVERYBODY,
    # These answer 401 to who shows no password, token or secret that is right, whoever they are.
    ("POST", "/api/v1/auth/login"): NOBODY,
    ("POST", "/api/v1/auth/refresh"): NOBODY,
    ("POST", "/internal/v1/service-tokens"): NOBODY,
    ("POST", "/api/v1/auth/logout"): PEOPLE,
    ("POST", "/api/v1/auth/logout-everywhere"): PEOPLE,
    ("POST", "/api/v1/auth/change-password"): PEOPLE,
    ("GET", "/api/v1/me"): PEOPLE,
    ("PATCH", "/api/v1/me"): PEOPLE,
    ("GET", "/api/v1/operations/identity/events"): SUPER_ADMIN,
    ("GET", "/api/v1/users"): STAFF,
    ("POST", "/api/v1/users"): STAFF,
    ("GET", "/api/v1/users/{user_id}"): STAFF,
    ("PUT", "/api/v1/users/{user_id}/role"): SUPER_ADMIN,
    ("POST", "/api/v1/users/{user_id}/deactivate"): STAFF,
    ("POST", "/api/v1/users/{user_id}/reactivate"): STAFF,
    ("GET", "/internal/v1/events"): SERVICES,
    ("GET", "/internal/v1/people"): SERVICES,
    ("GET", "/internal/v1/contacts/{user_id}"): SERVICES,
    ("POST", "/internal/v1/challenges/{challenge_id}/message"): SERVICES,
}

BODIES: dict[str, Any] = {
    "register": {"email": "new@example.org", "password": PASSWORD, "display_name": "New"},
    "verify-email": {"token": "x"},
    "resend-verification": {"email": "new@example.org"},
    "forgot-password": {"email": "new@example.org"},
    "reset-password": {"token": "x", "password": PASSWORD},
    "login": {"email": "new@example.org", "password": PASSWORD},
    "refresh": {"refresh_token": "x"},
    "change-password": {"current_password": PASSWORD, "new_password": "another decent one"},
    "me": {"display_name": "New"},
    "users": {"email": "new@example.org", "display_name": "New"},
    "role": {"role": "instructor"},
    "service-tokens": {"client_id": "class", "client_secret": "wrong"},
}
LET_IN_ALL_THE_SAME: dict[Route, tuple[int, ...]] = {
    ("POST", "/api/v1/auth/register"): (429,),  # the sixth message to one address
    ("POST", "/api/v1/auth/verify-email"): (422,),  # no such link
    ("POST", "/api/v1/auth/reset-password"): (422,),
    ("POST", "/api/v1/users"): (409,),  # the address is taken since the caller before
    ("POST", "/internal/v1/challenges/{challenge_id}/message"): (404,),
}
"""Other answers than success that show that a caller was let in; everywhere else only success does."""

SCOPES = ("events:read", "people:read", "contacts:read", "challenges:read")


def test_no_route_is_missing_in_the_matrix() -> None:
    assert_covered(service.routes(), MATRIX)


@dataclass
class Cast:
    """Everybody who might call, each with an account, and a student whom they might call about."""

    clients: dict[str, httpx.AsyncClient]
    student: UUID


@pytest.fixture
async def everybody(served: Serving) -> Cast:
    ids = {role: (await provision(served, UserRole(role), f"{role}@example.org")).id for role in ROLES}
    known = {role: served.as_(role, ids[role]) for role in ROLES}
    clients = {who: caller(served, who, scopes=SCOPES, known=known) for who in CALLERS}
    other = await provision(served, UserRole.STUDENT, "other@example.org")
    return Cast(clients, other.id)


@pytest.mark.parametrize("route", MATRIX, ids=" ".join)
async def test_who_may_call_what(everybody: Cast, route: Route) -> None:
    method, template = route
    path = template.format(user_id=everybody.student, challenge_id=new_id())
    body = None if method == "GET" else BODIES.get(template.rpartition("/")[2])
    query = {"ids": str(new_id())} if template.endswith("/people") else None
    for who, answer in MATRIX[route].items():
        response = await everybody.clients[who].request(method, path, json=body, params=query)
        assert_met(response, answer, let_in=LET_IN_ALL_THE_SAME.get(route, ()))


async def test_ones_own_profile_is_ones_own_alone(everybody: Cast, served: Serving) -> None:
    """Owner and not the owner: the only route to a profile's change has no id in it to be forged."""
    changed = await everybody.clients["student"].patch("/api/v1/me", json={"display_name": "Mine"})
    assert changed.status_code == 200
    other = served.as_("student", everybody.student)
    assert (await other.get("/api/v1/me")).json()["display_name"] == "Somebody"
    assert (await other.get(f"/api/v1/users/{changed.json()['id']}")).status_code == 403


async def test_nobody_closes_their_own_account_or_one_above_them(everybody: Cast, served: Serving) -> None:
    colleague = await provision(served, UserRole.STAFF, "colleague@example.org")
    staff = everybody.clients["staff"]
    me = (await staff.get("/api/v1/me")).json()["id"]
    for path in ("deactivate", "reactivate"):
        own = await staff.post(f"/api/v1/users/{me}/{path}")
        above = await staff.post(f"/api/v1/users/{colleague.id}/{path}")
        assert (own.status_code, own.json()["code"]) == (403, "own_account")
        assert (above.status_code, above.json()["code"]) == (403, "role_out_of_reach")
