"""One document for all services, and a page that shows it without asking anybody else."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import web

from gateway.openapi import merge
from gateway.routes import OPERATIONS, RouteTable, Service

from .house import House, Opens

TABLE = RouteTable()


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def answering(schema: dict[str, Any], operation_id: str = "list", **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"operationId": operation_id, "responses": {"200": {"description": "OK", "content": content}}, **more}


LEARNING = {
    "openapi": "3.1.0",
    "paths": {
        "/api/v1/courses": {"get": answering(ref("Page")), "post": answering(ref("Course"), "create")},
        "/internal/v1/courses/{id}": {"get": answering(ref("Secret"), "outline")},
        "/healthz": {"get": answering({})},
        "/api/v1/classes": {"get": answering({}, "not_its_own")},
    },
    "components": {
        "schemas": {
            "Page": {"properties": {"items": {"type": "array", "items": ref("Item")}}},
            "Item": {"properties": {"title": {"type": "string"}}},
            "Course": {"properties": {"problem": ref("Problem")}},
            "Problem": {"properties": {"code": {"type": "string"}}},
            "Secret": {"properties": {"answers": {"type": "string"}}},
        },
        "securitySchemes": {"HTTPBearer": {"type": "http", "scheme": "bearer"}},
    },
}
CLASS = {
    "openapi": "3.1.0",
    "paths": {"/api/v1/classes": {"get": answering(ref("Page"), tags=["Classes"], security=[{"HTTPBearer": []}])}},
    "components": {
        "schemas": {
            "Page": {"properties": {"items": {"type": "array", "items": ref("Item")}}},
            "Item": {"properties": {"capacity": {"type": "integer"}, "problem": ref("Problem")}},
            "Problem": {"properties": {"code": {"type": "string"}}},
        }
    },
}


@pytest.fixture
def merged() -> dict[str, Any]:
    return merge({Service.LEARNING: LEARNING, Service.CLASS: CLASS}, TABLE)


def test_only_what_the_gateway_routes_to_a_service_is_documented(merged: dict[str, Any]) -> None:
    assert set(merged["paths"]) == {"/api/v1/classes", "/api/v1/courses"}
    assert merged["paths"]["/api/v1/classes"]["get"]["operationId"] == "class_list"
    assert "Secret" not in json.dumps(merged)


def test_components_of_one_name_and_two_meanings_are_told_apart(merged: dict[str, Any]) -> None:
    schemas = merged["components"]["schemas"]
    assert schemas["LearningItem"]["properties"].keys() == {"title"}
    assert schemas["ClassItem"]["properties"].keys() == {"capacity", "problem"}
    assert schemas["ClassPage"]["properties"]["items"]["items"] == ref("ClassItem")
    courses = merged["paths"]["/api/v1/courses"]["get"]["responses"]["200"]
    assert courses["content"]["application/json"]["schema"] == ref("LearningPage")


def test_what_means_the_same_everywhere_is_there_once(merged: dict[str, Any]) -> None:
    assert "Problem" in merged["components"]["schemas"]
    assert not {"ClassProblem", "LearningProblem"} & set(merged["components"]["schemas"])


def test_every_reference_leads_somewhere(merged: dict[str, Any]) -> None:
    for target in re.findall(r'"#/components/([^"]+)"', json.dumps(merged)):
        kind, name = target.split("/")
        assert name in merged["components"][kind]


def test_security_says_what_the_table_says() -> None:
    document = {"paths": {route.path: {str(route.method).lower(): answering({})} for route in OPERATIONS}}
    document["paths"]["/api/v1/me"] = {"get": answering({})}
    merged = merge({Service.IDENTITY: document}, TABLE)
    assert merged["paths"]["/api/v1/auth/login"]["post"]["security"] == []
    assert merged["paths"]["/api/v1/me"]["get"]["security"] == [{"accessToken": []}]
    assert set(merged["components"]["securitySchemes"]) == {"accessToken"}


def test_operation_ids_are_unique_and_answers_of_the_gateway_are_documented(merged: dict[str, Any]) -> None:
    operations = [operation for item in merged["paths"].values() for operation in item.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    assert all({"429", "502", "503", "504"} <= set(operation["responses"]) for operation in operations)


async def test_the_document_is_merged_from_the_services_that_answer(house_with: Opens) -> None:
    async with house_with() as house:
        served = {Service.LEARNING: LEARNING, Service.CLASS: CLASS}

        async def own(request: web.Request) -> web.StreamResponse:
            assert request.transport is not None
            port = request.transport.get_extra_info("sockname")[1]
            service = next(service for service, known in house.services.ports.items() if known == port)
            if service not in served:
                raise web.HTTPServiceUnavailable
            return web.json_response(served[service])

        house.services.handlers["/openapi.json"] = own
        assert set((await house.client.get("/openapi.json")).json()["paths"]) == {
            "/api/v1/classes",
            "/api/v1/courses",
        }
        # A service that goes away stays documented; one that comes later is added.
        del served[Service.CLASS]
        served[Service.IDENTITY] = {"paths": {"/api/v1/me": {"get": answering({})}}}
        assert set((await house.client.get("/openapi.json")).json()["paths"]) == {
            "/api/v1/classes",
            "/api/v1/courses",
            "/api/v1/me",
        }


class References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [value for name in ("src", "href") if (value := named.get(name))]
        self.inline |= (
            tag == "style" or (tag == "script" and "src" not in named) or any(name.startswith("on") for name in named)
        )


async def test_the_docs_page_loads_everything_from_the_gateway(house: House) -> None:
    page = await house.client.get("/docs")
    references = References()
    references.feed(page.text)
    assert len(references.found) >= 3
    assert not references.inline
    for url in references.found:
        if not url.startswith("data:"):
            assert re.match(r"/(?!/)", url), f"{url} leads away from here"
            loaded = await house.client.get(url)
            assert loaded.status_code == 200
            assert len(loaded.content) > 50
    start = (await house.client.get("/docs/start.js")).text
    assert '"/openapi.json"' in start
    assert "validatorUrl: null" in start
    style = (await house.client.get("/docs/assets/swagger-ui.css")).text
    assert not re.findall(r"@import|url\(\s*[\"']?(?:https?:)?//", style)


async def test_the_docs_page_may_run_scripts_of_its_own_only(house: House) -> None:
    policy = (await house.client.get("/docs")).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize("path", ["/docs/assets/../pages.py", "/docs/assets/%2e%2e/pages.py", "/docs/nothing"])
async def test_the_docs_page_leads_to_no_other_file(house: House, path: str) -> None:
    answer = await house.raw(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/docs/nothing", 404, "not_found"),
        ("GET", "/docs/assets/nothing", 404, "not_found"),
        ("POST", "/docs", 405, "method_not_allowed"),
    ],
)
async def test_what_the_gateways_own_pages_refuse_is_a_problem_too(
    house: House, method: str, path: str, status: int, code: str
) -> None:
    answer = await house.client.request(method, path)
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["code"], told["instance"]) == (status, code, path)
    assert told["request_id"] == answer.headers["x-request-id"]


async def test_the_front_page_leads_to_the_docs(house: House) -> None:
    answer = await house.client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


async def test_health_readiness_and_metrics_are_there(house: House) -> None:
    await house.client.get("/api/v1/courses", headers=house.someone())
    assert (await house.client.get("/healthz")).json() == {"status": "alive"}
    ready = (await house.client.get("/readyz")).json()
    assert (ready["status"], ready["failing"]) == ("ready", [])
    assert ready["services"] == dict.fromkeys(Service, "closed")
    metrics = (await house.client.get("/metrics")).text
    counted = 'babyowl_gateway_requests_total{method="GET",route="/api/v1/courses",service="learning",status="200"}'
    assert counted in metrics
    assert "babyowl_gateway_request_seconds_bucket" in metrics


async def test_metrics_are_for_the_house_only(house: House) -> None:
    answer = await house.client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 404


async def test_what_a_client_makes_up_never_becomes_a_label(house: House) -> None:
    await house.client.get("/made/up-by-a-client")
    await house.client.get("/api/v1/courses/made-up", headers=house.someone())
    assert "made" not in (await house.client.get("/metrics")).text
