"""What the other services ask Identity."""

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving
from babyowl_contracts import identity as contract
from identity.application.service_accounts import SCOPES
from identity.domain.values import UserRole

from .world import AUTH, PASSWORD, provision

INTERNAL = "/internal/v1"
SECRET = "local-service-client-secret"
STUDENT = {"email": "ana@example.org", "password": PASSWORD, "display_name": "Ana", "locale": "id"}


async def service_headers(real: Serving, client_id: str) -> dict[str, str]:
    body = {"client_id": client_id, "client_secret": SECRET}
    answer = await real.client.post(f"{INTERNAL}/service-tokens", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_in"] == 300
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize("client_id", sorted(SCOPES))
async def test_each_service_signs_in_and_may_do_what_its_scopes_say(real: Serving, client_id: str) -> None:
    headers = await service_headers(real, client_id)
    routes = {
        "people:read": ("GET", f"{INTERNAL}/people?ids={new_id()}"),
        "events:read": ("GET", f"{INTERNAL}/events"),
        "contacts:read": ("GET", f"{INTERNAL}/contacts/{new_id()}"),
        "challenges:read": ("POST", f"{INTERNAL}/challenges/{new_id()}/message"),
    }
    for scope, (method, path) in routes.items():
        answer = await real.client.request(method, path, headers=headers)
        assert (answer.status_code == 403) is (scope not in SCOPES[client_id]), answer.text
    assert (await real.client.get("/api/v1/me", headers=headers)).json()["code"] == "role_required"


@pytest.mark.parametrize(
    ("client_id", "secret"), [("class", "wrong"), ("nobody", SECRET), ("nobody", ""), ("class", " ")]
)
async def test_a_wrong_secret_gets_no_token(real: Serving, client_id: str, secret: str) -> None:
    body = {"client_id": client_id, "client_secret": secret}
    answer = await real.client.post(f"{INTERNAL}/service-tokens", json=body)
    assert answer.status_code == (401 if secret.strip() else 422)


async def test_people_are_shown_by_their_ids_and_unknown_ones_left_out(served: Serving) -> None:
    known = [await provision(served, UserRole.STUDENT, f"{n}@example.org") for n in range(3)]
    asked = ",".join(str(user_id) for user_id in [known[2].id, new_id(), known[0].id])
    answer = await served.as_service("people:read").get(f"{INTERNAL}/people", params={"ids": asked})
    assert [person["id"] for person in answer.json()["items"]] == [str(known[0].id), str(known[2].id)]
    assert answer.json()["items"][0] == {
        "id": str(known[0].id),
        "display_name": "Somebody",
        "avatar_url": None,
        "role": "student",
        "status": "active",
        "time_zone": "UTC",
        "locale": "en",
        "revision": 1,
    }


async def test_a_hundred_people_at_once_and_no_more(served: Serving) -> None:
    service = served.as_service("people:read")
    hundred = ",".join(str(new_id()) for _ in range(100))
    assert (await service.get(f"{INTERNAL}/people", params={"ids": hundred})).json() == {"items": []}
    for wrong in (f"{hundred},{new_id()}", "", "x", f"{new_id()},"):
        assert (await service.get(f"{INTERNAL}/people", params={"ids": wrong})).status_code == 422


async def test_notification_is_told_the_message_and_the_link_in_it_works_once(real: Serving) -> None:
    await real.client.post(f"{AUTH}/register", json=STUDENT)
    [asked] = await real.events(contract.EmailVerificationRequested)
    assert isinstance(asked.data, contract.EmailVerificationRequested)
    path = f"{INTERNAL}/challenges/{asked.data.challenge_id}/message"
    headers = await service_headers(real, "notification")
    message = (await real.client.post(path, headers=headers)).json()
    assert (message["purpose"], message["invited"], message["email"], message["locale"]) == (
        "verify_email",
        False,
        "ana@example.org",
        "id",
    )
    assert message == (await real.client.post(path, headers=headers)).json()
    verified = await real.client.post(f"{AUTH}/verify-email", json={"token": message["token"]})
    assert verified.status_code == 204
    over = await real.client.post(path, headers=headers)
    assert (over.status_code, over.json()["code"]) == (404, "challenge_not_open")


async def test_no_token_of_a_challenge_is_kept(real: Serving) -> None:
    await real.client.post(f"{AUTH}/register", json=STUDENT)
    [asked] = await real.events(contract.EmailVerificationRequested)
    assert isinstance(asked.data, contract.EmailVerificationRequested)
    headers = await service_headers(real, "notification")
    path = f"{INTERNAL}/challenges/{asked.data.challenge_id}/message"
    token: str = (await real.client.post(path, headers=headers)).json()["token"]
    for table in ("challenges", "event_log", "users"):
        rows = await real.resources.database.fetch(f"SELECT row_to_json(t)::text AS kept FROM {table} t")
        assert rows
        assert not [row for row in rows if token in row["kept"]]


async def test_who_is_invited_is_said_so(served: Serving) -> None:
    body = {"email": "ana@example.org", "display_name": "Ana"}
    await served.as_("staff").post("/api/v1/users", json=body)
    [asked] = await served.events(contract.EmailVerificationRequested)
    assert isinstance(asked.data, contract.EmailVerificationRequested)
    path = f"{INTERNAL}/challenges/{asked.data.challenge_id}/message"
    message = (await served.as_service("challenges:read").post(path)).json()
    assert (message["purpose"], message["invited"]) == ("verify_email", True)


async def test_a_contact_is_an_address_and_a_name(served: Serving) -> None:
    user = await provision(served, UserRole.STUDENT, "ana@example.org")
    answer = await served.as_service("contacts:read").get(f"{INTERNAL}/contacts/{user.id}")
    assert (answer.json()["email"], answer.json()["display_name"]) == ("ana@example.org", "Somebody")
    assert (await served.as_service("contacts:read").get(f"{INTERNAL}/contacts/{new_id()}")).status_code == 404
