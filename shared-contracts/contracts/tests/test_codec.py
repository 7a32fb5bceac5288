"""The codec: every event survives the way to JSON and back; what does not fit is refused by its path."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from babyowl_contracts import REGISTRY, Event, MalformedPayload, UnknownEventType, decode, encode
from babyowl_contracts.class_ import AttendanceMarked
from babyowl_contracts.codec import converter_of
from babyowl_contracts.gamification import StreakUpdated
from babyowl_contracts.identity import UserVerified

MARKED = AttendanceMarked(
    class_id=UUID(int=1),
    course_id=UUID(int=2),
    meeting_id=UUID(int=3),
    student_id=UUID(int=4),
    status="late",
    previous_status=None,
    revision=1,
    meeting_date=date(2026, 3, 2),
    meeting_starts_at=datetime(2026, 3, 2, 15, tzinfo=UTC),
    marked_by=UUID(int=5),
)
STREAK = StreakUpdated(student_id=UUID(int=1), current_days=1, longest_days=1, last_active_on=None)

st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(str, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))


@pytest.mark.parametrize("type_", sorted(REGISTRY))
@given(data=st.data())
def test_every_event_survives_the_way_there_and_back(type_: str, data: st.DataObject) -> None:
    event = data.draw(st.builds(REGISTRY[type_]))
    assert decode(type_, json.loads(json.dumps(encode(event)))) == event


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("class_id", "x", "a UUID"),
        ("class_id", 1, "a UUID"),
        ("class_id", "urn:uuid:00000000-0000-0000-0000-000000000001", "a UUID"),
        ("status", "asleep", "one of present, late, absent, excused"),
        ("status", None, "one of"),
        ("status", ["late"], "one of"),
        ("revision", "1", "an integer"),
        ("revision", 1.0, "an integer"),
        ("revision", True, "an integer"),
        ("meeting_date", "02.03.2026", "a date"),
        ("meeting_date", "20260302", "a date"),
        ("meeting_date", "2026-02-30", "a date that exists"),
        ("meeting_date", "２０２６-03-02", "a date"),
        ("meeting_starts_at", "2026-03-02 15:00:00Z", "an RFC 3339 time"),
        ("meeting_starts_at", "2026-03-02T15:00:00", "an RFC 3339 time"),
        ("meeting_starts_at", "2026-03-02T25:00:00Z", "a time that exists"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_path(field: str, value: Any, complaint: str) -> None:
    with pytest.raises(MalformedPayload, match=complaint) as refused:
        decode(MARKED.type, {**encode(MARKED), field: value})
    assert refused.value.path == field


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_no_store_can_hold_is_refused(text: str) -> None:
    with pytest.raises(MalformedPayload, match="NUL or a lone surrogate"):
        converter_of(str).read(text, "name")


def test_a_missing_field_is_named() -> None:
    data = encode(MARKED)
    del data["marked_by"]
    with pytest.raises(MalformedPayload, match="marked_by: is missing"):
        decode(MARKED.type, data)


def test_an_optional_field_may_be_null_and_a_plain_one_may_not() -> None:
    assert decode(MARKED.type, {**encode(MARKED), "previous_status": "absent"}) == replace(
        MARKED, previous_status="absent"
    )
    with pytest.raises(MalformedPayload, match="marked_by"):
        decode(MARKED.type, {**encode(MARKED), "marked_by": None})


def test_times_of_any_offset_mean_the_same_moment() -> None:
    assert decode(MARKED.type, {**encode(MARKED), "meeting_starts_at": "2026-03-02T22:00:00.000+07:00"}) == MARKED


def test_an_unknown_type_is_refused_by_its_name() -> None:
    with pytest.raises(UnknownEventType, match=r"class\.Forgotten\.v1"):
        decode("class.Forgotten.v1", {})


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (replace(MARKED, meeting_starts_at=datetime(2026, 3, 2, 15)), "meeting_starts_at"),  # noqa: DTZ001
        (replace(MARKED, meeting_date=datetime(2026, 3, 2, tzinfo=UTC)), "meeting_date"),
        (replace(MARKED, status="asleep"), "status"),  # type: ignore[arg-type]
        (replace(MARKED, revision=True), "revision"),
        (UserVerified(user_id="x"), "user_id"),  # type: ignore[arg-type]
        (replace(STREAK, longest_days=None), "longest_days"),  # type: ignore[arg-type]
    ],
)
def test_an_event_that_nobody_could_read_is_not_written(wrong: Event, path: str) -> None:
    with pytest.raises(MalformedPayload) as refused:
        encode(wrong)
    assert refused.value.path == path


@pytest.mark.parametrize("declared", [float, dict[str, str], int | str, tuple[int, int], list[int]])
def test_contracts_refuse_types_that_do_not_travel_well(declared: Any) -> None:
    with pytest.raises(TypeError, match="contracts cannot carry"):
        converter_of(declared)


def test_two_events_cannot_share_a_type() -> None:
    with pytest.raises(TypeError, match="is taken by UserVerified"):

        class Impostor(Event, type="identity.UserVerified.v1"):
            pass

    assert REGISTRY["identity.UserVerified.v1"] is UserVerified
