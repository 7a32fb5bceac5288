"""The envelope: a CloudEvents document out, the same envelope in, and nothing half-understood."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from babyowl_contracts import Envelope, MalformedEnvelope, UnknownEventType
from babyowl_contracts.class_ import AttendanceMarked, ClassCreated, PlannedMeeting

CLASS, COURSE, PERSON, MEETING, EVENT = (UUID(int=number) for number in range(1, 6))
STARTS = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

PLANNED = ClassCreated(
    class_id=CLASS,
    course_id=COURSE,
    instructor_id=PERSON,
    class_type="group",
    capacity=6,
    total_meetings=1,
    time_zone="Asia/Jakarta",
    meetings=(PlannedMeeting(meeting_id=MEETING, number=1, starts_at=STARTS, ends_at=STARTS + timedelta(hours=1)),),
)
ENVELOPE = Envelope(
    id=EVENT,
    subject=CLASS,
    time=STARTS,
    aggregateseq=1,
    data=PLANNED,
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    correlationid=EVENT,
)


def document(**changes: Any) -> dict[str, Any]:
    """The envelope as JSON values, with some attributes changed; `...` takes one away."""
    attributes = {**json.loads(ENVELOPE.to_json()), **changes}
    return {name: value for name, value in attributes.items() if value is not ...}


def read(attributes: Any) -> Envelope:
    return Envelope.from_json(json.dumps(attributes))


def test_the_document_is_a_cloud_event_with_our_extensions() -> None:
    assert json.loads(ENVELOPE.to_json()) == {
        "specversion": "1.0",
        "id": "00000000-0000-0000-0000-000000000005",
        "source": "/babyowl/class",
        "type": "class.ClassCreated.v1",
        "subject": "00000000-0000-0000-0000-000000000001",
        "time": "2026-03-02T15:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:babyowl:schema:class.ClassCreated.v1",
        "aggregateseq": 1,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "correlationid": "00000000-0000-0000-0000-000000000005",
        "data": {
            "class_id": "00000000-0000-0000-0000-000000000001",
            "course_id": "00000000-0000-0000-0000-000000000002",
            "instructor_id": "00000000-0000-0000-0000-000000000003",
            "class_type": "group",
            "capacity": 6,
            "total_meetings": 1,
            "time_zone": "Asia/Jakarta",
            "meetings": [
                {
                    "meeting_id": "00000000-0000-0000-0000-000000000004",
                    "number": 1,
                    "starts_at": "2026-03-02T15:00:00Z",
                    "ends_at": "2026-03-02T16:00:00Z",
                }
            ],
        },
    }


def test_what_was_written_is_read_again() -> None:
    assert Envelope.from_json(ENVELOPE.to_json()) == ENVELOPE


def test_type_and_source_follow_from_the_payload() -> None:
    assert (ENVELOPE.type, ENVELOPE.source) == ("class.ClassCreated.v1", "/babyowl/class")


def test_times_are_kept_in_utc() -> None:
    jakarta = STARTS.astimezone(timezone(timedelta(hours=7)))
    envelope = Envelope(id=EVENT, subject=CLASS, time=jakarta, aggregateseq=1, data=PLANNED)
    assert envelope.time.tzinfo is UTC
    assert read(document(time="2026-03-02T22:00:00+07:00")).time == STARTS


@pytest.mark.parametrize(
    "unknown", [{"comexampleextra": "x"}, {"datacontenttype": "application/json; charset=utf-8"}]
)
def test_attributes_of_later_versions_are_ignored(unknown: dict[str, Any]) -> None:
    assert read(document(**unknown)) == ENVELOPE


def test_fields_of_later_payloads_are_ignored_at_every_depth() -> None:
    attributes = document()
    attributes["data"]["room"] = "blue"
    attributes["data"]["meetings"][0]["topic"] = {"nested": [1]}
    assert read(attributes) == ENVELOPE


@pytest.mark.parametrize("absent", [..., None])
def test_the_optional_attributes_may_be_absent_or_null(absent: object) -> None:
    envelope = read(document(traceparent=absent, correlationid=absent, causationid=absent))
    assert (envelope.traceparent, envelope.correlationid, envelope.causationid) == (None, None, None)


@pytest.mark.parametrize("type_", ["class.ClassCreated.v2", "billing.InvoiceIssued.v1", "nonsense", ""])
def test_a_type_of_a_newer_version_is_told_apart_from_a_broken_document(type_: str) -> None:
    with pytest.raises(UnknownEventType) as refused:
        read(document(type=type_))
    assert refused.value.type == type_


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"specversion": ...}, "specversion"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"type": ...}, "type"),
        ({"type": 7}, "type"),
        ({"id": ...}, "id"),
        ({"id": "7"}, "id"),
        ({"id": "{00000000-0000-0000-0000-000000000005}"}, "id"),
        ({"subject": None}, "subject"),
        ({"source": "/babyowl/identity"}, "source"),
        ({"time": "2026-03-02T15:00:00"}, "time"),
        ({"time": "2026-03-02"}, "time"),
        ({"time": "2026-02-30T15:00:00Z"}, "time"),
        ({"time": "0001-01-01T00:00:00+01:00"}, "time"),
        ({"time": 1_772_463_600}, "time"),
        ({"aggregateseq": 0}, "aggregateseq"),
        ({"aggregateseq": "1"}, "aggregateseq"),
        ({"aggregateseq": True}, "aggregateseq"),
        ({"correlationid": "x"}, "correlationid"),
        ({"traceparent": 1}, "traceparent"),
        ({"data": ...}, "data"),
        ({"data": []}, "data"),
    ],
)
def test_a_broken_attribute_is_named(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(MalformedEnvelope, match=rf"^{place}: "):
        read(document(**changes))


def test_a_broken_field_is_named_with_its_whole_path() -> None:
    attributes = document()
    attributes["data"]["meetings"][0]["starts_at"] = "soon"
    with pytest.raises(MalformedEnvelope, match=r"^data\.meetings\[0\]\.starts_at: .*got 'soon'"):
        read(attributes)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"\xff\xfe\xfa",
        b"[]",
        b"null",
        b'{"aggregateseq": NaN}',
        b"[" * 200_000,
        b"1" * 5_000,
    ],
    ids=["empty", "text", "bytes", "array", "null", "NaN", "deep", "long number"],
)
def test_what_is_no_document_is_refused_and_never_crashes(raw: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        Envelope.from_json(raw)


def test_an_envelope_cannot_be_made_with_a_naive_time_or_without_its_number() -> None:
    with pytest.raises(MalformedEnvelope, match="time"):
        Envelope(id=EVENT, subject=CLASS, time=STARTS.replace(tzinfo=None), aggregateseq=1, data=PLANNED)
    with pytest.raises(MalformedEnvelope, match="aggregateseq"):
        Envelope(id=EVENT, subject=CLASS, time=STARTS, aggregateseq=0, data=PLANNED)


def test_a_match_statement_reads_an_envelope() -> None:
    match ENVELOPE.data:
        case AttendanceMarked():
            pytest.fail("another type")
        case ClassCreated(capacity=capacity):
            assert capacity == 6
