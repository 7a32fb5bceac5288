"""Every route against everyone who might call it."""

import pytest

from babyowl_chassis.testing import Serving
from babyowl_chassis.testing.access import Answer, Route, assert_covered, assert_met, caller, cells, only
from notification.bootstrap import service

from .stand_ins import StandInIdentity, send

CALLERS = ("anonymous", "super_admin", "staff", "instructor", "student", "recipient", "service")
OFFICE = only(CALLERS, "super_admin", "staff")
OPERATORS = only(CALLERS, "super_admin")

MATRIX: dict[Route, dict[str, Answer]] = {
    # A letter belongs to nobody but the office: whom it was for may not look either.
    ("GET", "/api/v1/notifications/deliveries"): OFFICE,
    ("GET", "/api/v1/operations/notification/events"): OPERATORS,
    ("GET", "/internal/v1/events"): only(CALLERS, "service"),
}


def test_no_route_is_missing_in_the_matrix() -> None:
    assert_covered(service.routes(), MATRIX)


@pytest.mark.infra
@pytest.mark.parametrize(("route", "who", "answer"), cells(MATRIX))
async def test_who_may_call_what(
    served: Serving, identity: StandInIdentity, route: Route, who: str, answer: Answer
) -> None:
    recipient = served.as_("student", await send(served, identity))
    client = caller(served, who, scopes=["contacts:read", "events:read"], known={"recipient": recipient})
    assert_met(await client.request(*route), answer)
