"""The access matrix: every route against everyone who might call it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import httpx
import pytest

from babyowl_chassis.http.problems import MEDIA_TYPE
from babyowl_chassis.testing.serving import Serving

Route: TypeAlias = tuple[str, str]
"""A method and the template of a path."""

Answer: TypeAlias = int | Literal["allowed"]
"""The status of the refusal, or ALLOWED."""

Row: TypeAlias = Mapping[str, Answer]
"""Who calls, and what they meet."""

ALLOWED: Final = "allowed"


def only(callers: Iterable[str], *allowed: str) -> dict[str, Answer]:
    """A route for these of the callers; the others are refused, and the anonymous asked who they are."""
    refused: dict[str, Answer] = {who: 401 if who == "anonymous" else 403 for who in callers}
    return refused | dict.fromkeys(allowed, ALLOWED)


def assert_covered(routes: Sequence[Route], matrix: Mapping[Route, Row]) -> None:
    """Each route has its row, no row speaks of a route that is gone, and each row names every caller."""
    lost = sorted(set(routes) ^ set(matrix))
    assert not lost, f"in the service or in the matrix alone: {lost}"
    callers = {who for row in matrix.values() for who in row}
    gaps = {route: callers - set(row) for route, row in matrix.items() if callers - set(row)}
    assert not gaps, f"nothing is said about: {gaps}"


def cells(*matrices: Mapping[Route, Row]) -> list[object]:
    """One case per route and caller: the values of the parameters `route`, `who` and `answer`."""
    return [
        pytest.param(route, who, answer, id=f"{' '.join(route)} {who}")
        for matrix in matrices
        for route, row in matrix.items()
        for who, answer in row.items()
    ]


def caller(
    served: Serving, who: str, *, scopes: Sequence[str], known: Mapping[str, httpx.AsyncClient]
) -> httpx.AsyncClient:
    """The client of somebody in the matrix: known to the test, or else anybody of the role."""
    if who in known:
        return known[who]
    match who:
        case "anonymous":
            return served.client
        case "service":
            return served.as_service(*scopes)
        case role:
            return served.as_(role)


def assert_met(response: httpx.Response, answer: Answer, *, let_in: Collection[int] = ()) -> None:
    """The caller was refused as the matrix says, or let in: a success, or another status that proves as much."""
    if answer == ALLOWED:
        assert response.is_success or response.status_code in let_in, response.text
    else:
        assert response.status_code == answer, response.text
        assert response.headers.get("content-type") == MEDIA_TYPE, response.headers
