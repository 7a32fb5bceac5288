"""What integrators were promised: the golden schemas, kept in both directions."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from babyowl_contracts import REGISTRY, decode, encode
from babyowl_contracts.__main__ import main
from babyowl_contracts.compatibility import violations
from babyowl_contracts.schema import Schema, current_schemas, golden_schemas, rendered, write_golden

CREATED = "class.ClassCreated.v1"
MARKED = "class.AttendanceMarked.v1"

st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(str, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))


def test_every_event_has_its_golden_schema_and_it_is_current() -> None:
    assert golden_schemas() == current_schemas()


@pytest.mark.parametrize("type_", sorted(REGISTRY))
def test_every_schema_is_valid_json_schema(type_: str) -> None:
    Draft202012Validator.check_schema(golden_schemas()[type_])


@pytest.mark.parametrize("type_", sorted(REGISTRY))
@given(data=st.data())
def test_what_is_published_now_fits_the_golden_schema(type_: str, data: st.DataObject) -> None:
    event = data.draw(st.builds(REGISTRY[type_]))
    Draft202012Validator(golden_schemas()[type_]).validate(encode(event))


@pytest.mark.parametrize("type_", sorted(golden_schemas()))
@given(data=st.data())
def test_what_fits_the_golden_schema_is_understood_now(type_: str, data: st.DataObject) -> None:
    golden = golden_schemas()[type_]
    payload = data.draw(payloads(golden, golden))
    assert encode(decode(type_, payload)) == payload


def payloads(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    """Any value that fits the schema; objects with all they declare."""
    match schema:
        case {"$ref": str(reference)}:
            return payloads(root["$defs"][reference.rpartition("/")[2]], root)
        case {"anyOf": list(choices)}:
            return st.one_of([payloads(choice, root) for choice in choices])
        case {"enum": list(choices)}:
            return st.sampled_from(choices)
        case {"properties": dict(properties)}:
            return st.fixed_dictionaries({name: payloads(one, root) for name, one in properties.items()})
        case {"items": dict(items)}:
            return st.lists(payloads(items, root), max_size=3)
        case {"format": "uuid"}:
            return st.uuids().map(str)
        case {"format": "date"}:
            return st.dates().map(str)
        case {"format": "date-time"}:
            return st.datetimes().map(lambda moment: moment.isoformat() + "Z")
        case {"type": "integer"}:
            return st.integers()
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "null"}:
            return st.none()
        case {"type": "string"}:
            return st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
    raise AssertionError(f"no such schema is ever made: {schema}")


Change = Callable[[dict[str, Schema]], Any]


def changed(change: Change) -> dict[str, Schema]:
    schemas = deepcopy(current_schemas())
    change(schemas)
    return schemas


def properties(schemas: dict[str, Schema], type_: str = MARKED) -> dict[str, Schema]:
    found: dict[str, Schema] = schemas[type_]["properties"]
    return found


def meeting(schemas: dict[str, Schema]) -> Schema:
    part: Schema = schemas[CREATED]["$defs"]["PlannedMeeting"]
    return part


def add_field(schema: Schema, **extra: Any) -> None:
    schema["properties"]["room"] = {"type": "string", **extra}
    if not extra:
        schema["required"].append("room")


def take_field(schema: Schema, name: str) -> None:
    del schema["properties"][name]
    schema["required"].remove(name)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(lambda now: now.pop(MARKED), f"{MARKED}: the event was removed", id="event removed"),
        pytest.param(
            lambda now: take_field(now[MARKED], "revision"),
            f"{MARKED}.revision: the field was removed",
            id="field removed",
        ),
        pytest.param(
            lambda now: take_field(meeting(now), "number"),
            f"{CREATED}.meetings[].number: the field was removed",
            id="nested field removed",
        ),
        pytest.param(
            lambda now: add_field(now[MARKED]),
            f"{MARKED}.room: the new field has no default",
            id="new required field",
        ),
        pytest.param(
            lambda now: add_field(meeting(now)),
            f"{CREATED}.meetings[].room: the new field has no default",
            id="new required nested field",
        ),
        pytest.param(
            lambda now: properties(now)["revision"].update(type="string"),
            f"{MARKED}.revision: was",
            id="type changed",
        ),
        pytest.param(
            lambda now: properties(now)["class_id"].pop("format"),
            f"{MARKED}.class_id: was",
            id="format given up",
        ),
        pytest.param(
            lambda now: properties(now).update(previous_status=properties(now)["status"]),
            f"{MARKED}.previous_status: was",
            id="type narrowed: no longer null",
        ),
        pytest.param(
            lambda now: properties(now).update(status=properties(now)["previous_status"]),
            f"{MARKED}.status: was",
            id="type widened: null now",
        ),
        pytest.param(
            lambda now: properties(now, CREATED)["meetings"].update(items={"type": "string"}),
            f"{CREATED}.meetings[]: was",
            id="items changed",
        ),
        pytest.param(
            lambda now: properties(now)["status"]["enum"].remove("late"),
            f"{MARKED}.status: late was removed",
            id="choice removed",
        ),
        pytest.param(
            lambda now: properties(now)["status"]["enum"].append("asleep"),
            f"{MARKED}.status: asleep was added",
            id="choice added",
        ),
        pytest.param(
            lambda now: properties(now)["previous_status"]["anyOf"][0]["enum"].remove("late"),
            f"{MARKED}.previous_status: late was removed",
            id="choice removed where null is allowed",
        ),
        pytest.param(
            lambda now: (
                now[MARKED]["required"].remove("revision"),
                properties(now)["revision"].update(default=1),
            ),
            f"{MARKED}.revision: the field became optional",
            id="became optional",
        ),
    ],
)
def test_a_broken_promise_is_caught(change: Change, sentence: str) -> None:
    found = violations(current_schemas(), changed(change))
    assert len(found) == 1
    assert found[0].startswith(sentence)


def test_a_default_that_is_lost_or_means_something_else_is_caught() -> None:
    golden = changed(lambda then: add_field(then[MARKED], default="blue"))
    other = changed(lambda now: add_field(now[MARKED], default="red"))
    lost = changed(lambda now: add_field(now[MARKED]))
    assert violations(golden, other) == [f"{MARKED}.room: another default gives older payloads another meaning"]
    assert violations(golden, lost) == [f"{MARKED}.room: the field lost its default, and older payloads lack it"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda now: add_field(now[MARKED], default="blue"), id="new field with default"),
        pytest.param(lambda now: add_field(meeting(now), default="blue"), id="new nested field with default"),
        pytest.param(lambda now: now[MARKED].update(description="In other words."), id="words"),
        pytest.param(lambda now: now.update({"class.New.v1": now[MARKED]}), id="new event"),
    ],
)
def test_growing_breaks_no_promise(change: Change) -> None:
    assert violations(current_schemas(), changed(change)) == []


def test_the_command_keeps_the_golden_schemas_and_refuses_to_break_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check, write = (["schemas", action, "--folder", str(tmp_path)] for action in ("--check", "--write"))
    assert main(check) == 1
    assert main(write) == 0
    assert main(check) == 0

    promised = changed(lambda then: add_field(then[MARKED]))
    write_golden(promised, tmp_path)
    capsys.readouterr()
    assert main(check) == 1
    assert main(write) == 1
    assert f"{MARKED}.room: the field was removed" in capsys.readouterr().err
    assert json.loads((tmp_path / f"{MARKED}.json").read_text()) == promised[MARKED]


def test_the_golden_files_are_written_as_the_command_writes_them(tmp_path: Path) -> None:
    write_golden(current_schemas(), tmp_path)
    assert (tmp_path / f"{MARKED}.json").read_text(encoding="utf-8") == rendered(current_schemas()[MARKED])
