"""The Class context's internal API as this service calls it."""

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.internal import InternalApi, ServiceTokens
from learning.application.ports import ClassAnswer
from learning.domain.values import Access
from learning.infrastructure.class_context import HttpClassContext


class Wire:
    """Answers the service's calls; the token is Identity's, the rest is Class'."""

    def __init__(self, answer: httpx.Response | httpx.HTTPError) -> None:
        self._answer = answer
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/internal/v1/service-tokens":
            return httpx.Response(200, json={"access_token": "learnings-own", "expires_in": 300})
        self.requests.append(request)
        if isinstance(self._answer, httpx.HTTPError):
            raise self._answer
        return self._answer


def asked_through(wire: Wire) -> HttpClassContext:
    http = httpx.AsyncClient(transport=httpx.MockTransport(wire))
    tokens = ServiceTokens("http://identity", "learning", "secret", http)
    return HttpClassContext(InternalApi("http://class", http, tokens))


async def test_class_is_asked_with_the_services_own_account() -> None:
    student_id, lesson_id, class_id = new_id(), new_id(), new_id()
    wire = Wire(httpx.Response(200, json={"enrolled": True, "unlocked": False, "class_id": str(class_id)}))
    answer = await asked_through(wire).access(student_id, lesson_id)
    assert answer == ClassAnswer(Access(enrolled=True, unlocked=False), class_id)
    [request] = wire.requests
    assert request.url.path == "/internal/v1/access"
    assert dict(request.url.params) == {"student_id": str(student_id), "lesson_id": str(lesson_id)}
    assert request.headers["Authorization"] == "Bearer learnings-own"


async def test_class_says_whether_a_lesson_is_open_to_all_of_it() -> None:
    wire = Wire(
        httpx.Response(200, json={"enrolled": True, "unlocked": True, "class_id": str(new_id()), "for_class": True})
    )
    answer = await asked_through(wire).access(new_id(), new_id())
    assert answer is not None
    assert answer.for_class


async def test_a_student_without_a_seat_has_no_class() -> None:
    wire = Wire(httpx.Response(200, json={"enrolled": False, "unlocked": False, "class_id": None}))
    answer = await asked_through(wire).access(new_id(), new_id())
    assert answer == ClassAnswer(Access(enrolled=False, unlocked=False), None)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(500),
        httpx.Response(404),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"enrolled": "perhaps"}),
    ],
    ids=repr,
)
async def test_an_answer_that_cannot_be_had_is_none(answer: httpx.Response | httpx.HTTPError) -> None:
    assert await asked_through(Wire(answer)).access(new_id(), new_id()) is None
