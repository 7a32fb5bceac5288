"""The reference for integrators is current, whole and in the form that AsyncAPI 3 asks for."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from babyowl_contracts import REGISTRY, Envelope
from babyowl_contracts.__main__ import main
from babyowl_contracts.asyncapi import asyncapi_document, events_page
from babyowl_contracts.identity import UserVerified

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
DOCUMENT = asyncapi_document()


def references(value: Any) -> list[str]:
    """Every `$ref` in a document."""
    if isinstance(value, list):
        return [found for one in value for found in references(one)]
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for one in value.values() for found in references(one)]
    return []


def resolve(reference: str) -> Any:
    value: Any = DOCUMENT
    for key in reference.removeprefix("#/").split("/"):
        value = value[key]
    return value


def test_the_committed_reference_is_current() -> None:
    assert main(["asyncapi", "--check", "--folder", str(REFERENCE)]) == 0


def test_a_stale_or_missing_reference_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--folder", str(tmp_path)]
    assert main(["asyncapi", "--check", *folder]) == 1
    assert main(["asyncapi", "--write", *folder]) == 0
    assert main(["asyncapi", "--check", *folder]) == 0
    (tmp_path / "events.md").write_text("# Old\n")
    assert main(["asyncapi", "--check", *folder]) == 1
    assert "events.md: not current" in capsys.readouterr().err


def test_the_document_has_the_form_of_asyncapi_3() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["info"].keys() >= {"title", "version"}
    assert set(DOCUMENT) <= {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
    for part in ("channels", "operations"):
        assert DOCUMENT[part]
    for part in ("messages", "schemas"):
        assert all(re.fullmatch(r"[\w.\-]+", name) for name in DOCUMENT["components"][part])
    for channel in DOCUMENT["channels"].values():
        assert set(channel) <= {"address", "title", "messages", "bindings"}
    for operation in DOCUMENT["operations"].values():
        assert set(operation) <= {"action", "title", "channel", "messages", "bindings"}
        assert operation["action"] == "send"
        channel = operation["channel"]["$ref"]
        assert all(one["$ref"].startswith(f"{channel}/messages/") for one in operation["messages"])


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert len(found) > len(REGISTRY)
    for reference in found:
        assert resolve(reference) is not None


@pytest.mark.parametrize("type_", sorted(REGISTRY))
def test_every_event_has_a_channel_of_its_exchange(type_: str) -> None:
    channel = DOCUMENT["channels"][type_]
    assert channel["address"] == type_
    assert channel["bindings"]["amqp"]["exchange"]["name"] == f"{REGISTRY[type_].context()}.events"
    assert f"publish.{type_}" in DOCUMENT["operations"]
    assert f"\n### {type_}\n" in events_page()


def test_a_message_fits_the_schema_that_the_document_gives_it() -> None:
    envelope = Envelope(
        id=UUID(int=1),
        subject=UUID(int=2),
        time=datetime(2026, 3, 2, tzinfo=UTC),
        aggregateseq=2,
        data=UserVerified(user_id=UUID(int=2)),
    )
    payload = DOCUMENT["components"]["messages"][UserVerified.type]["payload"]
    validator = Draft202012Validator({**payload, "components": DOCUMENT["components"]})
    message = json.loads(envelope.to_json())
    validator.validate(message)
    assert not validator.is_valid({**message, "source": "/babyowl/class"})
    assert not validator.is_valid({**message, "data": {}})
