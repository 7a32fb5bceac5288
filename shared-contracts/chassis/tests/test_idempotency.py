"""A request sent twice under one Idempotency-Key is carried out once, and answered twice."""

import asyncio

import httpx
import pytest

from babyowl_chassis import idempotency
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving
from babyowl_contracts.learning import CourseCreated

JARS = "/api/v1/jars"
BLUE = {"label": "blue", "capacity": 2}


async def make(client: httpx.AsyncClient, key: str, body: object = None) -> httpx.Response:
    return await client.post(JARS, json=body or BLUE, headers={"Idempotency-Key": key})


async def test_a_repeat_gets_the_first_answer_and_changes_nothing(served: Serving) -> None:
    staff = served.as_("staff")
    first, second = await make(staff, "k-1"), await make(staff, "k-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(await served.events(CourseCreated)) == 1


async def test_another_body_under_the_same_key_is_refused(served: Serving) -> None:
    staff = served.as_("staff")
    await make(staff, "k-1")
    answer = await make(staff, "k-1", {"label": "red", "capacity": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert len(await served.events(CourseCreated)) == 1


async def test_twenty_twins_at_once_have_one_effect_and_one_answer(served: Serving) -> None:
    staff = served.as_("staff")
    answers = await asyncio.gather(*(make(staff, "k-1") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 19
    assert len(await served.events(CourseCreated)) == 1


async def test_a_refusal_is_not_kept_so_the_same_request_may_succeed_later(served: Serving) -> None:
    staff = served.as_("staff")
    taken = (await make(staff, "k-1")).json()["id"]
    assert (await make(staff, "k-2")).json()["code"] == "label_taken"
    await staff.delete(f"{JARS}/{taken}")
    assert (await make(staff, "k-2")).status_code == 201


async def test_a_crash_leaves_no_claim_on_the_key(served: Serving) -> None:
    staff = served.as_("staff")
    database = served.resources.database
    async with database.acquire() as crashing:
        transaction = crashing.transaction()
        await transaction.start()
        await crashing.execute("LOCK TABLE jars IN ACCESS EXCLUSIVE MODE")
        under_way = asyncio.create_task(make(staff, "k-1"))
        await asyncio.wait([under_way], timeout=0.2)
        await crashing.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
        )
        answer = await under_way
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        await transaction.rollback()
    repeated = await make(staff, "k-1")
    assert repeated.status_code == 201
    assert "Idempotent-Replayed" not in repeated.headers


async def test_a_key_belongs_to_its_sender(served: Serving) -> None:
    mine = await make(served.as_("staff", new_id()), "k-1")
    theirs = await make(served.as_("staff", new_id()), "k-1", {"label": "red", "capacity": 2})
    assert (mine.status_code, theirs.status_code) == (201, 201)


@pytest.mark.parametrize("key", ["", "é", "k" * 256, "tab\there"], ids=repr)
async def test_a_key_is_short_and_printable(served: Serving, key: str) -> None:
    answer = await served.as_("staff").post(JARS, json=BLUE, headers=[(b"Idempotency-Key", key.encode("latin-1"))])
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_idempotency_key")
    assert await served.events() == []


async def test_keys_are_forgotten_after_a_week(served: Serving) -> None:
    await make(served.as_("staff"), "k-1")
    database = served.resources.database
    assert await idempotency.forget_old(database) == 0
    await database.execute("UPDATE idempotency_keys SET created_at = now() - interval '7 days 1 minute'")
    assert await idempotency.forget_old(database) == 1
