"""Problem documents (RFC 9457): the one form in which a service says no, or that it failed."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import httpx
import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from babyowl_chassis import database, telemetry
from babyowl_chassis.auth import KeysUnavailable
from babyowl_chassis.refused import Refused
from babyowl_chassis.unit_of_work import VersionConflict
from babyowl_kernel import RefusalKind

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

STATUS = {
    RefusalKind.NOT_FOUND: 404,
    RefusalKind.CONFLICT: 409,
    RefusalKind.FORBIDDEN: 403,
    RefusalKind.INVALID: 422,
    RefusalKind.UNAUTHENTICATED: 401,
    RefusalKind.TOO_MANY: 429,
}

STATUS_OF_CODE = {"stale_version": 412}
"""Refusals whose status HTTP itself prescribes: an If-Match that does not match."""

_CODES = {
    400: "malformed_json",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    415: "unsupported_media_type",
}

RETRY_SOON = {"Retry-After": "2"}


class FieldError(BaseModel):
    """What is wrong with one field; `path` leads to it from the root of the request."""

    path: str
    message: str
    code: str


class Problem(BaseModel):
    """An RFC 9457 problem document. `code` is stable; the facts of a refusal stand beside it."""

    model_config = {"extra": "allow"}

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    request_id: str | None = None
    errors: list[FieldError] | None = None


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    instance: str | None = None,
    errors: Sequence[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
    facts: Mapping[str, object] | None = None,
) -> JSONResponse:
    """A response that says what went wrong."""
    document = {
        **jsonable_encoder(dict(facts or {})),
        "type": f"urn:babyowl:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": instance,
        "request_id": telemetry.current().request_id,
    }
    if errors is not None:
        document["errors"] = [error.model_dump() for error in errors]
    return JSONResponse(document, status, dict(headers or {}), MEDIA_TYPE)


async def _on_refused(request: Request, raised: Exception) -> Response:
    assert isinstance(raised, Refused)  # noqa: S101
    refusal = raised.refusal
    facts, headers = refusal.facts, {}
    if refusal.kind is RefusalKind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if (seconds := facts.get("retry_after")) is not None:
        headers["Retry-After"] = str(seconds)
    return problem(
        STATUS_OF_CODE.get(refusal.code, STATUS[refusal.kind]),
        refusal.code,
        refusal.reason,
        instance=request.url.path,
        headers=headers,
        facts=facts,
    )


async def _on_invalid_input(request: Request, raised: Exception) -> Response:
    assert isinstance(raised, RequestValidationError)  # noqa: S101
    found = raised.errors()
    if any(error["type"] == "json_invalid" for error in found):
        return problem(400, "malformed_json", "The body is not valid JSON.", instance=request.url.path)
    errors = [
        FieldError(path=".".join(str(part) for part in error["loc"]), message=error["msg"], code=error["type"])
        for error in found
    ]
    return problem(422, "invalid_input", "Some of the input is not valid.", instance=request.url.path, errors=errors)


async def _on_http_exception(request: Request, raised: Exception) -> Response:
    assert isinstance(raised, HTTPException)  # noqa: S101
    code = _CODES.get(raised.status_code, HTTPStatus(raised.status_code).name.lower())
    return problem(raised.status_code, code, str(raised.detail), instance=request.url.path, headers=raised.headers)


async def _on_contention(request: Request, raised: Exception) -> Response:
    log.warning("contention", error=repr(raised))
    return problem(
        503,
        "busy",
        "Too many are changing this at once; nothing was changed. Try again.",
        instance=request.url.path,
        headers=RETRY_SOON,
    )


async def _on_dependency_away(request: Request, raised: Exception) -> Response:
    log.error("dependency_unavailable", error=repr(raised))
    return problem(
        503,
        "unavailable",
        "Something this service needs is away for a moment; try again.",
        instance=request.url.path,
        headers=RETRY_SOON,
    )


async def _on_interface_error(request: Request, raised: Exception) -> Response:
    if database.is_away(raised):
        return await _on_dependency_away(request, raised)
    return await _on_fault(request, raised)


async def _on_fault(request: Request, raised: Exception) -> Response:
    detail = "Something went wrong on our side; it has been noted."
    return problem(500, "internal_error", detail, instance=request.url.path)


AWAY: tuple[type[Exception], ...] = (
    *database.AWAY,
    database.DatabaseAway,
    asyncpg.QueryCanceledError,
    ConnectionError,
    TimeoutError,
    RedisError,
    KeysUnavailable,
    httpx.HTTPError,
)
"""What a dependency that is away raises: answered 503, and nothing was changed."""


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every refusal, bad request and fault with a problem document."""
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(RequestValidationError, _on_invalid_input)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(VersionConflict, _on_contention)
    app.add_exception_handler(asyncpg.InterfaceError, _on_interface_error)
    app.add_exception_handler(Exception, _on_fault)
    for fault in AWAY:
        app.add_exception_handler(fault, _on_dependency_away)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for problem answers with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


EVERY_ROUTE = documented(400, 401, 403, 404, 405, 409, 412, 413, 422, 429, 500, 503)
