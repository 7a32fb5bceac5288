"""The web application of a service: its routes, and what every service answers besides."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic.json_schema import models_json_schema

from babyowl_chassis.http.problems import EVERY_ROUTE, FieldError, Problem, install_problem_handlers

operations = APIRouter(include_in_schema=False)


@operations.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive: the event loop turns."""
    return {"status": "alive"}


@operations.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Ready: everything it needs answers. 503 names what does not."""
    failing = await request.app.state.readiness.failing()
    return JSONResponse({"status": "not ready" if failing else "ready", "failing": failing}, 503 if failing else 200)


@operations.get("/metrics")
async def metrics() -> Response:
    """Prometheus metrics."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def create_app(*, title: str, routers: Sequence[APIRouter]) -> FastAPI:
    """The application, complete but for its resources, so that its OpenAPI document needs no server."""
    app = FastAPI(
        title=f"Baby Owl · {title}",
        version="1",
        docs_url=None,
        redoc_url=None,
        responses=EVERY_ROUTE,
        generate_unique_id_function=lambda route: route.name,
        redirect_slashes=False,
    )
    install_problem_handlers(app)
    for router in (*routers, operations):
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
        app.openapi_schema = document
    return app.openapi_schema
