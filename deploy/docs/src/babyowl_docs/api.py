"""The API reference: the merged OpenAPI document, and a page of it that can be read without a tool."""

import importlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from babyowl_local.catalogue import CATALOGUE
from gateway.openapi import merge
from gateway.routes import RouteTable
from gateway.routes import Service as Upstream

_METHODS = ("get", "post", "put", "patch", "delete")
_INTRODUCTION = """\
# API

Generated from the code by `make openapi`; the machine-readable form is [openapi.json](openapi.json), and a running
platform shows both at `/docs` and `/openapi.json` of its gateway.

- Ids are UUIDs, times are RFC 3339 in UTC.
- Sign in with `POST /api/v1/auth/login` and send `Authorization: Bearer <access_token>`.
- Lists come in pages: `?limit=&cursor=`; the answer is `{"items": […], "next_cursor": …}`.
- Errors are `application/problem+json` with a stable [`code`](problems.md), and `errors[]` for fields.
- `Idempotency-Key` makes a repeat of a POST harmless, `If-Match` guards edits: each where its operation lists it.
"""


def openapi() -> dict[str, Any]:
    """The merged document of all services."""
    documents = {
        Upstream(entry.name): importlib.import_module(f"{entry.package}.bootstrap").service.app().openapi()
        for entry in CATALOGUE
    }
    return merge(documents, RouteTable())


def openapi_json() -> str:
    """The document as it is kept in the repository."""
    return json.dumps(openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def page() -> str:
    """The document as Markdown: a table of operations for each tag."""
    by_tag: dict[str, list[str]] = {}
    for method, path, operation in _operations(openapi()):
        by_tag.setdefault(operation["tags"][0], []).append(_row(method, path, operation))
    tables = [
        f"\n## {tag[:1].upper()}{tag[1:]}\n\n| | | |\n|---|---|---|\n" + "\n".join(rows) + "\n"
        for tag, rows in sorted(by_tag.items(), key=lambda entry: entry[0].lower())
    ]
    return _INTRODUCTION + "".join(tables)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def _row(method: str, path: str, operation: Mapping[str, Any]) -> str:
    public = "" if operation.get("security") else " (public)"
    sentence = " ".join(operation.get("description", operation.get("summary", "")).split())
    return f"| {method} | `{path}` | {sentence}{public} |"
