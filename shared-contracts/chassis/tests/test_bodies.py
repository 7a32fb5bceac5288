"""A request's body means what JSON says, or it is refused."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, Field, ValidationError

from babyowl_chassis.http import Body


class Colour(StrEnum):
    RED = "red"


class Part(Body):
    size: Annotated[int, Field(ge=1)]


class Order(Body):
    number: Annotated[int, Field(ge=1, le=5)] | None = None
    share: float | None = None
    gift: bool = False
    id: UUID | None = None
    colour: Colour = Colour.RED
    at: AwareDatetime | None = None
    on: date | None = None
    by: time | None = None
    part: Part | None = None
    sizes: list[Annotated[int, Field(ge=0)]] = []  # noqa: RUF012


@pytest.mark.parametrize(
    "given",
    [
        {"number": "2"},
        {"number": True},
        {"number": 2.5},
        {"share": "0.5"},
        {"share": True},
        {"gift": "yes"},
        {"gift": 1},
        {"at": 1_700_000_000},
        {"on": 1_700_000_000},
        {"by": 3600},
        {"part": {"size": "1"}},
        {"sizes": [1, "2"]},
    ],
)
def test_a_value_of_another_json_type_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        Order.model_validate(given)
    assert [error["loc"][0] for error in refused.value.errors()] == list(given)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"number": 2}, 2),
        ({"number": 2.0}, 2),  # JSON knows no other number than this
        ({"share": 1}, 1.0),
        ({"gift": True}, True),
        ({"id": "0195d4e8-0000-7000-8000-000000000000"}, UUID("0195d4e8-0000-7000-8000-000000000000")),
        ({"colour": "red"}, Colour.RED),
        ({"on": "2026-03-04"}, date(2026, 3, 4)),
        ({"by": "16:00"}, time(16)),
        ({"part": {"size": 1}}, Part(size=1)),
        ({"sizes": [1, 2]}, [1, 2]),
    ],
)
def test_a_value_of_its_json_type_is_taken(given: dict[str, Any], meant: object) -> None:
    [name] = given
    assert getattr(Order.model_validate(given), name) == meant


def test_the_document_shows_the_same_types_as_ever() -> None:
    shown = Order.model_json_schema()["properties"]
    assert shown["number"]["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 5}
    assert shown["at"]["anyOf"][0] == {"type": "string", "format": "date-time"}
