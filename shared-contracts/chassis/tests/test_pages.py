"""Cursor pages: a walk sees each row once while others come and go, and no forged cursor breaks a query."""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from babyowl_chassis.http.pages import _decode, _encode
from babyowl_chassis.ids import new_id
from babyowl_chassis.refused import Refused
from babyowl_chassis.testing import Serving

JARS = "/api/v1/jars"


def cursor_of(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def make_jars(served: Serving, labels: list[str]) -> list[str]:
    staff = served.as_("staff")
    return [(await staff.post(JARS, json={"label": label, "capacity": 1})).json()["id"] for label in labels]


async def test_a_walk_sees_every_row_once_while_rows_come_and_go(served: Serving) -> None:
    made = await make_jars(served, [f"jar {number}" for number in range(7)])
    staff, seen, path = served.as_("staff"), [], f"{JARS}?limit=2"
    while path:
        answer = await staff.get(path)
        seen += [item["id"] for item in answer.json()["items"]]
        if len(seen) == 2:
            await staff.delete(f"{JARS}/{made[0]}")
            await make_jars(served, ["late"])
        link = answer.headers.get("Link", "")
        assert bool(link) == bool(answer.json()["next_cursor"])
        path = link.partition(">")[0].removeprefix("<")
    assert seen[:7] == made
    assert len(seen) == len(set(seen)) == 8


async def test_the_last_page_has_no_successor(served: Serving) -> None:
    await make_jars(served, ["a", "b"])
    answer = await served.as_("student").get(f"{JARS}?limit=2")
    assert (len(answer.json()["items"]), answer.json()["next_cursor"]) == (2, None)
    assert "Link" not in answer.headers


@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", "1.5", "9" * 30])
async def test_a_limit_is_one_to_a_hundred(served: Serving, limit: str) -> None:
    answer = await served.as_("student").get(JARS, params={"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


FORGED = {
    "empty": "",
    "not base64": "§",
    "base64 with a stranger in it": cursor_of([f"u{new_id()}"]) + "!",
    "not JSON": base64.urlsafe_b64encode(b"jar").decode(),
    "half of UTF-8": base64.urlsafe_b64encode(b'["s\xff"]').decode(),
    "a number": cursor_of(5),
    "null": cursor_of(None),
    "an object": cursor_of({"u": str(new_id())}),
    "a list of numbers": cursor_of([1]),
    "a list of lists": cursor_of([["u", str(new_id())]]),
    "no values": cursor_of([]),
    "an empty value": cursor_of([""]),
    "an unknown tag": cursor_of(["x1"]),
    "no UUID": cursor_of(["u1"]),
    "a key of another list": cursor_of(["t2026-01-01T00:00:00+00:00"]),
    "too many values": cursor_of([f"u{new_id()}", "i1"]),
    "a time without its zone": cursor_of(["t2026-01-01T00:00:00"]),
    "a time before time": cursor_of(["t0001-01-01T00:00:00+23:59"]),
    "no date": cursor_of(["d2026-02-30"]),
    "a number too large": cursor_of([f"i{2**63}"]),
    "a number of a thousand digits": cursor_of(["i" + "9" * 300]),
    "NUL": cursor_of(["s\x00"]),
    "half of a surrogate pair": base64.urlsafe_b64encode(rb'["s\ud800"]').decode(),
    "deeply nested": base64.urlsafe_b64encode(b"[" * 300).decode(),
}


@pytest.mark.parametrize("cursor", FORGED.values(), ids=FORGED.keys())
async def test_a_cursor_that_is_not_ours_is_refused_by_name(served: Serving, cursor: str) -> None:
    answer = await served.as_("student").get(JARS, params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


async def test_a_cursor_that_is_too_long_is_invalid_input(served: Serving) -> None:
    answer = await served.as_("student").get(JARS, params={"cursor": "A" * 501})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@given(
    st.lists(
        st.uuids()
        | st.datetimes(timezones=st.just(UTC))
        | st.dates()
        | st.integers(-(2**63), 2**63 - 1)
        | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
        min_size=1,
    )
)
def test_every_sort_key_comes_back_as_it_was(key: list[UUID | datetime | date | int | str]) -> None:
    assert _decode(_encode(tuple(key))) == tuple(key)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_no_cursor_at_all_is_a_fault(cursor: str) -> None:
    try:
        _decode(cursor)
    except Refused:
        return
