"""What the office sees of the letters."""

from typing import Any

import httpx
import pytest

from babyowl_chassis.testing import Serving, assert_migrations_match
from notification.bootstrap import service

from .stand_ins import StandInIdentity, send

pytestmark = pytest.mark.infra

DELIVERIES = "/api/v1/notifications/deliveries"


async def get(client: httpx.AsyncClient, **params: Any) -> Any:
    response = await client.get(DELIVERIES, params=params)
    assert response.status_code == 200, response.text
    return response.json()


async def test_letters_are_listed_newest_first_page_by_page(served: Serving, identity: StandInIdentity) -> None:
    people = [str(await send(served, identity)) for _ in range(5)]
    staff = served.as_("staff")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    sizes = []
    while True:
        answer = await get(staff, limit=2, **cursor)
        sizes.append(len(answer["items"]))
        seen += [item["recipient_id"] for item in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert seen == people[::-1]
    assert sizes == [2, 2, 1]


async def test_a_letter_shows_its_fate_and_no_address(served: Serving, identity: StandInIdentity) -> None:
    person = await send(served, identity)
    (item,) = (await get(served.as_("staff")))["items"]
    assert {name: item[name] for name in ("recipient_id", "channel", "kind", "state", "reason", "attempts")} == {
        "recipient_id": str(person),
        "channel": "email",
        "kind": "verify_email",
        "state": "sent",
        "reason": None,
        "attempts": 1,
    }
    assert "ana@" not in str(item)


async def test_letters_are_filtered_by_state_and_person(served: Serving, identity: StandInIdentity) -> None:
    sent = await send(served, identity)
    failed = await send(served, identity, email="nobody")
    staff = served.as_("staff")

    async def found(**params: Any) -> list[str]:
        return [item["recipient_id"] for item in (await get(staff, **params))["items"]]

    assert await found(state="failed") == [str(failed)]
    assert await found(recipient_id=sent) == [str(sent)]
    assert await found(recipient_id=sent, state="failed") == []


@pytest.mark.parametrize(
    "params",
    [
        {"state": "lost"},
        {"recipient_id": "me"},
        {"limit": 0},
        {"limit": 101},
        {"cursor": "nonsense"},
        {"cursor": "WyJpMSJd"},
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(served: Serving, params: dict[str, Any]) -> None:
    response = await served.as_("staff").get(DELIVERIES, params=params)
    assert response.status_code == 422
    assert response.json()["code"] in ("invalid_input", "invalid_cursor")


async def test_it_says_that_it_is_alive(served: Serving) -> None:
    assert (await served.client.get("/healthz")).json() == {"status": "alive"}


async def test_the_migrations_make_what_the_tables_declare(postgres_admin_url: str) -> None:
    await assert_migrations_match(service, postgres_admin_url)
