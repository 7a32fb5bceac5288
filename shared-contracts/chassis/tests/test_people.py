"""The copy of people: Identity is the source, the newest revision wins, a burst is one question."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import jars
import pytest
from wire import wire

from babyowl_chassis import people as people_module
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.internal import InternalApi, ServiceTokens
from babyowl_chassis.messaging.topology import dead_letter_queue
from babyowl_chassis.people import People
from babyowl_chassis.testing import Serving, eventually, serving
from babyowl_contracts import Envelope
from babyowl_contracts.identity import ProfileUpdated, UserRegistered

QUEUE = "jars.people"


class Identity:
    """Identity's internal API, as far as it is asked; `people` by id."""

    def __init__(self) -> None:
        self.people: dict[UUID, dict[str, Any]] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[list[UUID]] = []
        self.tokens_given = 0
        self.failures: list[int | Exception] = []
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        tokens = ServiceTokens("http://identity", "learning", "secret", http)
        self.api = InternalApi("http://identity", http, tokens)

    def knows(self, person: UUID, name: str, revision: int) -> None:
        self.people[person] = {
            "id": str(person),
            "revision": revision,
            "display_name": name,
            "avatar_url": None,
            "role": "student",
            "status": "active",
            "time_zone": "Europe/Vienna",
            "locale": "en",
        }

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/service-tokens"):
            assert json.loads(request.content) == {"client_id": "learning", "client_secret": "secret"}
            self.tokens_given += 1
            return httpx.Response(200, json={"access_token": f"token-{self.tokens_given}", "expires_in": 300})
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return httpx.Response(failure)
        assert request.headers["Authorization"] == f"Bearer token-{self.tokens_given}"
        ids = [UUID(one) for one in request.url.params["ids"].split(",")]
        self.asked.append(ids)
        answer = {"items": [dict(self.people[one]) for one in ids if one in self.people]}
        await self.gate.wait()
        return httpx.Response(200, json=answer)


@pytest.fixture
def identity() -> Identity:
    return Identity()


@pytest.fixture
async def people(served: Serving, identity: Identity) -> People:
    return People(served.resources.database, identity.api)


async def known(served: Serving) -> dict[str, int]:
    rows = await served.resources.database.fetch("SELECT display_name, revision FROM people")
    return {row["display_name"]: row["revision"] for row in rows}


async def tell(people: People, person: UUID) -> None:
    """Let an event about the person take its effect."""
    subscription = people.subscription(QUEUE)
    await subscription.consume[ProfileUpdated](ProfileUpdated(user_id=person))


async def test_an_event_brings_the_person_and_later_ones_the_changes(
    served: Serving, people: People, identity: Identity
) -> None:
    person = new_id()
    identity.knows(person, "Ada", 1)
    await tell(people, person)
    assert await known(served) == {"Ada": 1}
    identity.knows(person, "Ada L.", 2)
    await tell(people, person)
    assert await known(served) == {"Ada L.": 2}


async def test_an_answer_that_was_overtaken_does_not_bring_the_old_name_back(
    served: Serving, identity: Identity
) -> None:
    person = new_id()
    slow, quick = (People(served.resources.database, identity.api) for _ in range(2))
    identity.knows(person, "Ada", 1)
    identity.gate.clear()
    overtaken = asyncio.create_task(tell(slow, person))
    await eventually(lambda: identity.asked)
    identity.knows(person, "Ada L.", 2)
    newer = asyncio.create_task(tell(quick, person))
    await eventually(lambda: len(identity.asked) == 2)
    identity.gate.set()
    await asyncio.gather(newer)
    await asyncio.gather(overtaken)
    assert await known(served) == {"Ada L.": 2}


async def test_an_event_that_comes_during_a_fetch_causes_another(
    served: Serving, people: People, identity: Identity
) -> None:
    person = new_id()
    identity.knows(person, "Ada", 1)
    identity.gate.clear()
    first = asyncio.create_task(tell(people, person))
    await eventually(lambda: identity.asked)
    identity.knows(person, "Ada L.", 2)
    second = asyncio.create_task(tell(people, person))
    identity.gate.set()
    await asyncio.gather(first, second)
    assert len(identity.asked) == 2
    assert await known(served) == {"Ada L.": 2}


async def test_a_burst_is_asked_for_in_batches(served: Serving, people: People, identity: Identity) -> None:
    everybody = [new_id() for _ in range(250)]
    for number, person in enumerate(everybody):
        identity.knows(person, f"student {number}", 1)
    identity.gate.clear()
    telling = [asyncio.create_task(tell(people, person)) for person in everybody for _ in range(2)]
    await eventually(lambda: identity.asked)
    identity.gate.set()
    await asyncio.gather(*telling)
    assert len(await known(served)) == 250
    assert len(identity.asked) <= 5
    assert max(map(len, identity.asked)) <= people_module.MAX_BATCH
    assert identity.tokens_given == 1


async def test_when_identity_fails_every_waiting_event_learns_of_it_and_later_ones_go_well(
    served: Serving, people: People, identity: Identity
) -> None:
    everybody = [new_id() for _ in range(3)]
    for person in everybody:
        identity.knows(person, str(person), 1)
    identity.failures = [503] * 3
    outcomes = await asyncio.gather(*(tell(people, person) for person in everybody), return_exceptions=True)
    assert all(isinstance(outcome, httpx.HTTPStatusError) for outcome in outcomes)
    identity.failures = []
    await asyncio.gather(*(tell(people, person) for person in everybody))
    assert len(await known(served)) == 3


async def test_a_token_that_is_refused_is_renewed_once(served: Serving, people: People, identity: Identity) -> None:
    person = new_id()
    identity.knows(person, "Ada", 1)
    await tell(people, person)
    identity.failures = [401]
    identity.knows(person, "Ada L.", 2)
    await tell(people, person)
    assert (await known(served), identity.tokens_given) == ({"Ada L.": 2}, 2)


async def test_only_the_unknown_are_asked_for_and_whom_nobody_knows_stays_unknown(
    served: Serving, people: People, identity: Identity
) -> None:
    here, new, nobody = new_id(), new_id(), new_id()
    identity.knows(here, "Ada", 1)
    identity.knows(new, "Grace", 1)
    await tell(people, here)
    await people.ensure_known([here, new, nobody])
    assert set(identity.asked[-1]) == {new, nobody}
    assert await known(served) == {"Ada": 1, "Grace": 1}
    await people.ensure_known([here, new])
    assert len(identity.asked) == 2


async def test_two_who_keep_the_same_people_at_once_do_not_wait_for_each_other(
    served: Serving, identity: Identity
) -> None:
    everybody = [new_id() for _ in range(100)]
    copies = [People(served.resources.database, identity.api) for _ in range(8)]
    for revision in range(1, 6):
        for person in everybody:
            identity.knows(person, str(person), revision)
        await asyncio.gather(
            *(
                copy._fetch(everybody if number % 2 else list(reversed(everybody)))
                for number, copy in enumerate(copies)
            )
        )
    assert set((await known(served)).values()) == {5}


@pytest.fixture
async def working_with(
    identity: Identity, servers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Serving]:
    monkeypatch.setattr(jars, "People", lambda database, _: People(database, identity.api))
    async with serving(jars.service, **servers) as running:
        yield running


async def test_identity_away_for_a_moment_is_survived_on_the_retry_ladder(
    working_with: Serving, identity: Identity
) -> None:
    person = new_id()
    identity.knows(person, "Ada", 1)
    identity.failures = [httpx.ConnectError("away"), 503]
    async with wire(working_with.resources.settings.amqp_url.get_secret_value()) as own:
        await eventually(lambda: own.is_consumed(QUEUE))
        event = UserRegistered(user_id=person, role="student")
        await own.publish(Envelope(id=new_id(), subject=person, time=utc_now(), aggregateseq=1, data=event))

        async def arrived() -> bool:
            return await known(working_with) == {"Ada": 1}

        await eventually(arrived)
        assert identity.failures == []
        assert await own.depth(dead_letter_queue(QUEUE)) == 0


async def test_a_person_just_created_is_asked_for_before_a_route_refuses(
    working_with: Serving, identity: Identity
) -> None:
    person = new_id()
    identity.knows(person, "Ada", 1)
    answer = await working_with.as_("staff").get(f"/api/v1/jars/people/{person}")
    assert answer.json() == {"known": True}
    identity.failures = [httpx.ConnectTimeout("away")]
    answer = await working_with.as_("staff").get(f"/api/v1/jars/people/{new_id()}")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
