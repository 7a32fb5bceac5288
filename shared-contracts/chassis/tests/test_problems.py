"""Whatever is asked, the answer is clear: a problem document with a stable code, and never a 500 for bad input."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Query
from pydantic import Field
from redis.exceptions import ConnectionError as RedisAway
from structlog.testing import capture_logs

from babyowl_chassis.auth import KeysUnavailable
from babyowl_chassis.database import DatabaseAway
from babyowl_chassis.http import Body, Text, refused
from babyowl_chassis.http.app import create_app
from babyowl_chassis.http.middleware import RequestContext
from babyowl_chassis.testing import Serving
from babyowl_chassis.unit_of_work import ConstraintViolated, VersionConflict
from babyowl_kernel import Conflict, Forbidden, Invalid, NotFound, Refusal, TooMany, Unauthenticated

JARS = "/api/v1/jars"
LIMIT = 2048


@dataclass(frozen=True, slots=True)
class ClassFull(Conflict):
    capacity: int


@dataclass(frozen=True, slots=True)
class ClassNotFound(NotFound):
    pass


@dataclass(frozen=True, slots=True)
class NotYourClass(Forbidden):
    pass


@dataclass(frozen=True, slots=True)
class EndsBeforeItBegins(Invalid):
    pass


@dataclass(frozen=True, slots=True)
class WrongPassword(Unauthenticated):
    pass


@dataclass(frozen=True, slots=True)
class TooManyAttempts(TooMany):
    retry_after: int


class Letter(Body):
    title: str
    stamps: int = Field(default=0, ge=0, le=100)
    tags: tuple[str, ...] = ()
    more: dict[str, str] | None = None


RAISED: dict[str, Exception] = {}
"""What the route raises when asked for by name."""

router = APIRouter()


@router.get("/raise/{name}")
async def raise_(name: str) -> None:
    raise RAISED[name]


@router.post("/letters")
async def post(letter: Letter) -> Letter:
    return letter


@router.get("/letters")
async def letters(about: Annotated[Text, Query(max_length=5)]) -> str:
    return about


@router.get("/wrong")
async def wrong() -> Letter:
    return {"stamps": "none"}  # type: ignore[return-value]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(name="letters", title="Letters", routers=[router])
    web = RequestContext(app, service="letters", max_body_bytes=LIMIT)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://letters") as client:
        yield client


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["status"], document["code"]) == (status, status, code), document
    assert document["type"] == f"urn:babyowl:problem:{code}"
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["X-Request-ID"]
    return document


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (ClassNotFound(), 404, "class_not_found"),
        (ClassFull(6), 409, "class_full"),
        (NotYourClass(), 403, "not_your_class"),
        (EndsBeforeItBegins(), 422, "ends_before_it_begins"),
        (WrongPassword(), 401, "wrong_password"),
        (TooManyAttempts(30), 429, "too_many_attempts"),
    ],
)
async def test_every_kind_of_refusal_has_its_status_and_the_refusal_its_code(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, refusal: Refusal, status: int, code: str
) -> None:
    monkeypatch.setitem(RAISED, "refusal", refused(refusal))
    answer = await client.get("/raise/refusal")
    document = is_problem(answer, status, code)
    assert document["instance"] == "/raise/refusal"
    assert {name: document[name] for name in refusal.facts} == refusal.facts
    assert answer.headers.get("Retry-After") == ("30" if status == 429 else None)
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.parametrize(
    "fault",
    [
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
        asyncpg.AdminShutdownError("terminating connection"),
        DatabaseAway("no connection came free"),
        ConnectionRefusedError(),
        TimeoutError(),
        RedisAway("refused"),
        KeysUnavailable("http://identity"),
        httpx.ConnectTimeout("identity does not answer"),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_dependency_that_is_away_is_503_and_worth_another_try(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    monkeypatch.setitem(RAISED, "away", fault)
    answer = await client.get("/raise/away")
    is_problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "2"


async def test_too_much_contention_is_503(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RAISED, "contention", VersionConflict("again"))
    is_problem(await client.get("/raise/contention"), 503, "busy")


@pytest.mark.parametrize(
    "fault",
    [ZeroDivisionError("secret"), ConstraintViolated("fk_secret"), asyncpg.DataError("invalid input: secret")],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_fault_of_ours_is_a_problem_document_that_tells_nothing(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    monkeypatch.setitem(RAISED, "fault", fault)
    answer = await client.get("/raise/fault")
    is_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text


async def test_a_fault_is_logged_by_its_route_for_a_path_may_be_a_secret(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RAISED, "fault", ZeroDivisionError())
    with capture_logs() as lines:
        await client.get("/raise/fault")
    [line] = [line for line in lines if line["event"] == "unhandled"]
    assert line["route"] == "/raise/{name}"
    assert "/raise/fault" not in str(lines)


async def test_an_answer_of_the_wrong_shape_is_a_fault_of_ours(client: httpx.AsyncClient) -> None:
    is_problem(await client.get("/wrong"), 500, "internal_error")


def nested(depth: int) -> list[object]:
    """A list in a list in a list."""
    lists: list[object] = []
    for _ in range(depth):
        lists = [lists]
    return lists


MALFORMED = {
    "nothing that ends": b'{"title": "a',
    "no JSON": b"title=a",
    "two documents": b'{"title": "a"} {}',
    "half of UTF-8": b'{"title": "\xff"}',
    "nested without end": b"[" * 1500,
    "nested deeper than a stack": b"[" * 1000 + b"]" * 1000,
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_body_that_is_no_json_is_400(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/letters", content=body, headers={"Content-Type": "application/json"})
    is_problem(answer, 400, "malformed_json")


UNFIT = {
    "an unknown field": ({"title": "a", "color": "red"}, "body.color", "extra_forbidden"),
    "a missing field": ({"stamps": 1}, "body.title", "missing"),
    "a wrong type": ({"title": 5}, "body.title", "string_type"),
    "a fraction for a number": ({"title": "a", "stamps": 1.5}, "body.stamps", "int_from_float"),
    "a number too large": ({"title": "a", "stamps": 10**1000}, "body.stamps", "less_than_equal"),
    "nested as deep as may be": ({"title": nested(800)}, "body.title", "string_type"),
    "a list for an object": ([1], "body", "model_attributes_type"),
    "null for an object": (None, "body", "missing"),
    "NUL": ({"title": "a\0b"}, "body", "value_error"),
    "NUL deep down": ({"title": "a", "tags": ["b", "\0"]}, "body", "value_error"),
    "NUL in a name": ({"title": "a", "more": {"\0": "b"}}, "body", "value_error"),
}


@pytest.mark.parametrize(("body", "path", "code"), UNFIT.values(), ids=UNFIT.keys())
async def test_a_body_that_does_not_fit_is_422_and_leads_to_the_field(
    client: httpx.AsyncClient, body: object, path: str, code: str
) -> None:
    document = is_problem(await client.post("/letters", json=body), 422, "invalid_input")
    [error] = document["errors"]
    assert (error["path"], error["code"]) == (path, code)
    assert error["message"]


@pytest.mark.parametrize("text", [rb"\ud800", rb"a\udfff"])
async def test_half_of_a_surrogate_pair_is_422(client: httpx.AsyncClient, text: bytes) -> None:
    body = b'{"title": "' + text + b'"}'
    answer = await client.post("/letters", content=body, headers={"Content-Type": "application/json"})
    is_problem(answer, 422, "invalid_input")


async def test_text_is_stripped(client: httpx.AsyncClient) -> None:
    assert (await client.post("/letters", json={"title": "  a \n"})).json()["title"] == "a"


@pytest.mark.parametrize("query", ["", "?about=toolong", "?about=%00"])
async def test_a_query_that_does_not_fit_is_422(client: httpx.AsyncClient, query: str) -> None:
    document = is_problem(await client.get(f"/letters{query}"), 422, "invalid_input")
    assert document["errors"][0]["path"] == "query.about"


async def test_what_is_not_json_by_its_type_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/letters", content=b'{"title": "a"}', headers={"Content-Type": "text/plain"})
    is_problem(answer, 422, "invalid_input")


async def test_an_unknown_path_is_404(client: httpx.AsyncClient) -> None:
    is_problem(await client.get("/nowhere"), 404, "not_found")


async def test_a_wrong_method_is_405_and_names_the_right_ones(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/letters")
    is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"]


async def test_a_body_declared_too_large_is_413_unread(client: httpx.AsyncClient) -> None:
    is_problem(await client.post("/letters", content=b"x" * (LIMIT + 1)), 413, "body_too_large")


async def test_a_body_that_turns_out_too_large_is_413_too(client: httpx.AsyncClient) -> None:
    sent = 0

    async def without_end() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * LIMIT:
            sent += 512
            yield b"x" * 512
            await asyncio.sleep(0)

    answer = await client.post("/letters", content=without_end(), headers={"Content-Type": "application/json"})
    assert "content-length" not in answer.request.headers
    is_problem(answer, 413, "body_too_large")


async def test_a_body_of_just_the_limit_is_read(client: httpx.AsyncClient) -> None:
    start, end = b'{"title": "', b'"}'
    body = start + b"x" * (LIMIT - len(start) - len(end)) + end
    answer = await client.post("/letters", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


async def test_ids_of_another_kind_are_not_found_and_no_ids_at_all_are_422(served: Serving) -> None:
    staff = served.as_("staff")
    jar = (await staff.post(JARS, json={"label": "blue", "capacity": 1})).json()["id"]
    marble = f"{JARS}/{jar}/marbles/{jar}"
    assert (await staff.put(marble)).status_code == 204
    is_problem(await staff.get(f"{JARS}/{jar[:-1]}{'0' if jar[-1] != '0' else '1'}"), 404, "jar_not_found")
    for bad in ("5", "null", "%00", "' OR 1=1", "0" * 1000):
        is_problem(await staff.get(f"{JARS}/{bad}"), 422, "invalid_input")


async def test_every_status_is_documented_for_every_route(served: Serving) -> None:
    document = served.running.service.app().openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            documented = set(operation["responses"])
            assert {"400", "401", "403", "404", "405", "409", "413", "422", "429", "500", "503"} <= documented, (
                method,
                path,
            )
            refusals = [answer for status, answer in operation["responses"].items() if status >= "400"]
            assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals)
    assert "HTTPValidationError" not in document["components"]["schemas"]


async def test_an_idempotency_key_is_documented_for_posts_and_says_what_it_does(served: Serving) -> None:
    document = served.running.service.app().openapi()
    documented = {
        (method, path): header["description"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for header in operation.get("parameters", [])
        if header["name"] == "idempotency-key"
    }
    assert documented.keys() == {("post", JARS)}
    assert documented["post", JARS].endswith("is answered like the first.")
    assert all(
        operation.get("parameters") != [] for item in document["paths"].values() for operation in item.values()
    )
