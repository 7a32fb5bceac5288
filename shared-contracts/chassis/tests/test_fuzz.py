"""The fuzzing finds nothing wrong with the sample service, and what is planted."""

import dataclasses

import jars
import pytest
from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from babyowl_chassis.testing import serving
from babyowl_chassis.testing.fuzz import fuzz, fuzzing

test_no_input_breaks_the_service = fuzzing(jars.service)

planted = APIRouter()


@planted.get("/divide/{by}")
async def divide(by: int) -> int:
    return 1 // (by % 2)


@planted.get("/brew")
async def brew() -> Response:
    return JSONResponse({}, 418)


@planted.get("/shout")
async def shout() -> Response:
    return PlainTextResponse("AHOY")


@planted.get("/lie", response_model=int)
async def lie() -> Response:
    return JSONResponse({"a": "lie"})


@pytest.mark.parametrize(
    ("path", "fault"),
    [("/divide", "fault"), ("/brew", "status"), ("/shout", "Content-Type"), ("/lie", "schema")],
)
async def test_what_is_wrong_is_found(postgres_admin_url: str, redis_url: str, path: str, fault: str) -> None:
    service = dataclasses.replace(jars.service, routers=(planted,))
    async with serving(service, admin_url=postgres_admin_url, redis_url=redis_url) as served:
        findings = await fuzz(served, "staff", examples=20)
    [found] = [finding for finding in findings if finding.startswith(f"GET {path}")]
    assert fault.lower() in found.lower()
