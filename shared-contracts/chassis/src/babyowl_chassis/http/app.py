"""The web application of a service: its routes, and what every service answers besides."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from babyowl_chassis.http.dependencies import KEY_HEADER
from babyowl_chassis.http.operations import event_log_of, probes, replay
from babyowl_chassis.http.problems import EVERY_ROUTE, FieldError, Problem, install_problem_handlers


def create_app(*, name: str, title: str, routers: Sequence[APIRouter]) -> FastAPI:
    """The application, complete but for its resources, so that its OpenAPI document needs no server."""
    app = FastAPI(
        title=f"Baby Owl · {title}",
        version="1",
        docs_url=None,
        redoc_url=None,
        responses=EVERY_ROUTE,
        generate_unique_id_function=lambda route: route.name,
        redirect_slashes=False,
        # Our own middleware sees to it, also for what never reaches FastAPI.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    install_problem_handlers(app)
    for router in (*routers, event_log_of(name), replay, probes):
        app.include_router(router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        _, problems = models_json_schema(
            [(Problem, "serialization"), (FieldError, "serialization")],
            ref_template="#/components/schemas/{model}",
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(problems["$defs"])
        # FastAPI documents its own form of a validation error; ours is a Problem.
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        _document_keys_of_posts_only(document)
        app.openapi_schema = document
    return app.openapi_schema


def _document_keys_of_posts_only(document: dict[str, Any]) -> None:
    # The bus asks for the header wherever it is used, but keeps answers of POSTs: to repeat a PUT is harmless.
    for item in document["paths"].values():
        for method, operation in item.items():
            if method == "post" or "parameters" not in operation:
                continue
            kept = [parameter for parameter in operation["parameters"] if parameter["name"] != KEY_HEADER]
            if kept:
                operation["parameters"] = kept
            else:
                del operation["parameters"]
