from babyowl_docs.api import openapi, openapi_json, page
from babyowl_docs.problems import problems_page
from babyowl_local.catalogue import CHECKOUT

REFERENCE = CHECKOUT / "docs" / "reference"


def test_the_committed_reference_is_what_the_code_says() -> None:
    assert (REFERENCE / "openapi.json").read_text(encoding="utf-8") == openapi_json(), "run `make openapi`"
    assert (REFERENCE / "api.md").read_text(encoding="utf-8") == page(), "run `make openapi`"
    assert (REFERENCE / "problems.md").read_text(encoding="utf-8") == problems_page(), "run `make openapi`"


def test_every_problem_code_says_when_it_is_used() -> None:
    rows = [row.split(" | ") for row in problems_page().splitlines() if row.startswith("| `")]
    assert ["| `class_full`", "409"] in [row[:2] for row in rows]
    assert [code for code, _, when, *_ in rows if not when.strip()] == []


def test_nothing_internal_is_in_the_reference() -> None:
    assert not [path for path in openapi()["paths"] if path.startswith(("/internal", "/metrics", "/healthz"))]


def test_every_operation_says_what_it_is_for() -> None:
    silent = [
        (method, path)
        for path, item in openapi()["paths"].items()
        for method, operation in item.items()
        if not operation.get("description")
    ]
    assert silent == []


def test_an_idempotency_key_is_listed_where_it_does_something() -> None:
    listing = {
        (method, path)
        for path, item in openapi()["paths"].items()
        for method, operation in item.items()
        if any(parameter["name"] == "idempotency-key" for parameter in operation.get("parameters", ()))
    }
    assert {method for method, _ in listing} == {"post"}
    assert ("post", "/api/v1/classes/{class_id}/waiting-list/{student_id}/acceptance") in listing
    assert listing.isdisjoint(
        {
            ("post", "/api/v1/calendar-link"),
            ("post", "/api/v1/classes/{class_id}/calendar-link"),
            ("post", "/api/v1/holidays/{holiday_id}/observance"),
            ("post", "/api/v1/users/{user_id}/reactivate"),
        }
    )


def test_every_header_that_can_be_sent_says_what_it_does() -> None:
    silent = [
        (method, path, parameter["name"])
        for path, item in openapi()["paths"].items()
        for method, operation in item.items()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "header" and not parameter.get("description")
    ]
    assert silent == []
