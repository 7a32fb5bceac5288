"""A matrix of access that is not whole fails, and so does a caller who meets another answer than it says."""

import httpx
import pytest

from babyowl_chassis.testing.access import ALLOWED, Answer, assert_covered, assert_met, cells, only

JARS, JAR = ("GET", "/api/v1/jars"), ("DELETE", "/api/v1/jars/{jar_id}")
CALLERS = ("anonymous", "staff", "student")
MATRIX = {JARS: only(CALLERS, "staff", "student"), JAR: only(CALLERS, "staff")}


def test_a_route_is_for_those_it_names_and_for_nobody_else() -> None:
    assert MATRIX[JAR] == {"anonymous": 401, "staff": ALLOWED, "student": 403}


def test_each_caller_at_each_route_is_a_case() -> None:
    assert len(cells(MATRIX)) == len(CALLERS) * len(MATRIX)


def test_a_matrix_of_just_the_routes_there_are_is_whole() -> None:
    assert_covered([JARS, JAR], MATRIX)


@pytest.mark.parametrize("routes", [[JARS, JAR, ("POST", "/api/v1/jars")], [JARS]], ids=["forgotten", "gone"])
def test_a_route_that_nobody_thought_of_or_that_is_gone_is_noticed(routes: list[tuple[str, str]]) -> None:
    with pytest.raises(AssertionError, match="/api/v1/jars"):
        assert_covered(routes, MATRIX)


def test_a_caller_who_is_missing_at_one_route_is_noticed() -> None:
    with pytest.raises(AssertionError, match="student"):
        assert_covered([JARS, JAR], MATRIX | {JAR: only(("anonymous", "staff"), "staff")})


PROBLEM = {"content-type": "application/problem+json"}


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (httpx.Response(201), ALLOWED),
        (httpx.Response(409, headers=PROBLEM), ALLOWED),
        (httpx.Response(403, headers=PROBLEM), 403),
    ],
    ids=["success", "let in all the same", "refused"],
)
def test_an_answer_as_the_matrix_says(response: httpx.Response, answer: Answer) -> None:
    assert_met(response, answer, let_in=(409,))


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (httpx.Response(200), 403),
        (httpx.Response(404, headers=PROBLEM), 403),
        (httpx.Response(403), 403),
        (httpx.Response(403, headers=PROBLEM), ALLOWED),
        (httpx.Response(422, headers=PROBLEM), ALLOWED),
        (httpx.Response(500, headers=PROBLEM), ALLOWED),
    ],
    ids=["let in", "refused otherwise", "no problem document", "refused", "no proof", "fault"],
)
def test_another_answer_than_the_matrix_says_fails(response: httpx.Response, answer: Answer) -> None:
    with pytest.raises(AssertionError):
        assert_met(response, answer)
