"""What browsers are told: which pages may call, and what they must not do with an answer."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from .house import House, Opens

PAGE = "https://app.babyowl.academy"
STRANGER = "https://evil.example"
PATH = "/api/v1/courses"


@pytest.fixture(scope="session")
async def _shared_open_house(house_with: Opens) -> AsyncIterator[House]:
    async with house_with(cors_origins=[PAGE, "https://staff.babyowl.academy/"]) as opened_house:
        yield opened_house


@pytest.fixture
def open_house(_shared_open_house: House) -> House:
    _shared_open_house.services.seen.clear()
    _shared_open_house.services.handlers.clear()
    return _shared_open_house


def preflight(origin: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type,if-match",
    }


async def test_a_preflight_of_a_listed_page_is_answered_here(open_house: House) -> None:
    answer = await open_house.client.options(PATH, headers=preflight(PAGE))
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "PUT" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert {"authorization", "content-type", "if-match", "idempotency-key"} <= set(allowed.split(", "))
    assert "Origin" in answer.headers.get_list("vary")
    assert open_house.services.seen == []


@pytest.mark.parametrize("origin", [STRANGER, "null", PAGE + ".evil.example", "http://app.babyowl.academy", "*"])
async def test_a_preflight_of_a_stranger_is_refused(open_house: House, origin: str) -> None:
    answer = await open_house.client.options(PATH, headers=preflight(origin))
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in answer.headers


async def test_a_listed_page_may_read_answers_and_refusals(open_house: House) -> None:
    for headers, status in ((open_house.someone(), 200), ({}, 401)):
        answer = await open_house.client.get(PATH, headers=headers | {"Origin": PAGE})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert "RateLimit" in answer.headers["access-control-expose-headers"]


async def test_a_stranger_cannot_read_answers_whatever_the_service_says(open_house: House) -> None:
    async def generous(_: web.Request) -> web.StreamResponse:
        return web.json_response({}, headers={"Access-Control-Allow-Origin": "*", "Vary": "Accept"})

    open_house.services.handlers[PATH] = generous
    answer = await open_house.client.get(PATH, headers=open_house.someone() | {"Origin": STRANGER})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers.get_list("vary") == ["Accept", "Origin"]


async def test_an_options_request_that_is_no_preflight_goes_to_the_service(open_house: House) -> None:
    await open_house.client.options(PATH, headers=open_house.someone())
    assert open_house.services.last.method == "OPTIONS"


async def test_without_a_list_no_page_may_call(house: House) -> None:
    answer = await house.client.get(PATH, headers=house.someone() | {"Origin": PAGE})
    assert not [name for name in answer.headers if name.startswith("access-control")]


HELMET = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "x-download-options": "noopen",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
    "x-xss-protection": "0",
}


@pytest.mark.parametrize(
    "path",
    ["/api/v1/courses", "/nothing", "/docs", "/docs/assets/swagger-ui.css", "/openapi.json", "/healthz", "/api/%2f"],
)
@pytest.mark.parametrize("signed_in", [True, False])
async def test_every_answer_wears_its_helmet(house: House, path: str, *, signed_in: bool) -> None:
    answer = await house.client.get(path, headers=house.someone() if signed_in else {})
    assert {name: answer.headers.get(name) for name in HELMET} == HELMET
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers
    assert answer.headers["x-request-id"]


async def test_what_is_not_http_is_refused_with_a_helmet_too(house: House) -> None:
    head = (await house.raw(b"nonsense\r\n\r\n")).partition(b"\r\n\r\n")[0].decode().lower()
    assert all(f"{name}: {value}".lower() in head for name, value in HELMET.items())
