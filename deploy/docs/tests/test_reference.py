from babyowl_docs.api import openapi, openapi_json, page
from babyowl_local.catalogue import CHECKOUT

REFERENCE = CHECKOUT / "docs" / "reference"


def test_the_committed_reference_is_what_the_code_says() -> None:
    assert (REFERENCE / "openapi.json").read_text(encoding="utf-8") == openapi_json(), "run `make openapi`"
    assert (REFERENCE / "api.md").read_text(encoding="utf-8") == page(), "run `make openapi`"


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
