"""Who may call what: every route of Identity against everybody who might."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from identity_world import PASSWORD, provision

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import ALLOWED, Serving, missing_routes
from babyowl_chassis.testing.access import Verdict
from identity.bootstrap import service
from identity.domain.values import UserRole

ROLES = ("super_admin", "staff", "instructor", "student")
EVERYBODY = dict.fromkeys(("anonymous", *ROLES, "service"), ALLOWED)
PEOPLE = {"anonymous": 401, **dict.fromkeys(ROLES, ALLOWED), "service": 403}
STAFF = PEOPLE | {"instructor": 403, "student": 403}
SUPER_ADMIN = STAFF | {"staff": 403}
SERVICE = {"anonymous": 401, **dict.fromkeys(ROLES, 403), "service": ALLOWED}

MATRIX: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "/.well-known/jwks.json"): EVERYBODY,
    ("POST", "/api/v1/auth/register"): EVERYBODY,
    ("POST", "/api/v1/auth/verify-email"): EVERYBODY,
    ("POST", "/api/v1/auth/resend-verification"): EVERYBODY,
    ("POST", "/api/v1/auth/forgot-password"): EVERYBODY,
    ("POST", "/api/v1/auth/reset-password"): EVERYBODY,
    # These two answer 401 to who shows no password or refresh token that is right, whoever they are.
    ("POST", "/api/v1/auth/login"): dict.fromkeys(EVERYBODY, 401),
    ("POST", "/api/v1/auth/refresh"): dict.fromkeys(EVERYBODY, 401),
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
    ("POST", "/internal/v1/service-tokens"): dict.fromkeys(EVERYBODY, 401),
    ("GET", "/internal/v1/people"): SERVICE,
    ("GET", "/internal/v1/contacts/{user_id}"): SERVICE,
    ("POST", "/internal/v1/challenges/{challenge_id}/message"): SERVICE,
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
SCOPES = ("people:read", "contacts:read", "challenges:read")


def test_every_route_stands_in_the_matrix() -> None:
    assert missing_routes(service.routes(), MATRIX) == []


@dataclass
class Cast:
    """Everybody who might call, each with an account, and a student whom they might call about."""

    clients: dict[str, httpx.AsyncClient]
    student: UUID


@pytest.fixture
async def everybody(served: Serving) -> Cast:
    ids = {role: (await provision(served, UserRole(role), f"{role}@example.org")).id for role in ROLES}
    clients = {role: served.as_(role, ids[role]) for role in ROLES}
    clients |= {"anonymous": served.client, "service": served.as_service(*SCOPES)}
    other = await provision(served, UserRole.STUDENT, "other@example.org")
    return Cast(clients, other.id)


@pytest.mark.parametrize(("method", "route"), MATRIX)
async def test_a_route_is_open_to_those_it_is_for_and_to_nobody_else(
    everybody: Cast, method: str, route: str
) -> None:
    path = route.format(user_id=everybody.student, challenge_id=new_id())
    body = None if method == "GET" else BODIES.get(route.rpartition("/")[2])
    query = {"ids": str(new_id())} if route.endswith("/people") else None
    met = {
        who: await client.request(method, path, json=body, params=query) for who, client in everybody.clients.items()
    }
    statuses = {who: answer.status_code for who, answer in met.items()}
    assert {who: _verdict(status, MATRIX[method, route][who]) for who, status in statuses.items()} == MATRIX[
        method, route
    ]


def _verdict(status: int, expected: object) -> object:
    return ALLOWED if expected == ALLOWED and Verdict("allowed").holds(status) else status


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
