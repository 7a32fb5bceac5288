"""What came of a command or a request: the value, or the refusal; whatever a test did not expect fails it."""

from typing import Any, TypeVar

import httpx

from babyowl_chassis.http.problems import MEDIA_TYPE
from babyowl_kernel import Err, Ok, Refusal, Result

T = TypeVar("T")


def granted(outcome: Result[T, Any]) -> T:
    """The value of a command that was carried out."""
    assert isinstance(outcome, Ok), outcome
    return outcome.value


def refusal(outcome: Result[Any, Refusal]) -> Refusal:
    """Why a command was not carried out."""
    assert isinstance(outcome, Err), outcome
    return outcome.refusal


def answered(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer with this status."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


def refused(response: httpx.Response) -> tuple[int, str]:
    """The status and the code of a problem document."""
    assert response.headers.get("content-type") == MEDIA_TYPE, response.text
    return response.status_code, response.json()["code"]
