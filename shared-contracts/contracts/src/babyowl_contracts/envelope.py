"""The envelope of every event: CloudEvents 1.0, structured JSON, with our four extensions."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

from babyowl_contracts.codec import (
    JSON,
    decode,
    encode,
    format_date_time,
    parse_date_time,
    parse_integer,
    parse_text,
    parse_uuid,
)
from babyowl_contracts.errors import MalformedEnvelope, MalformedPayload
from babyowl_contracts.event import Event

CONTENT_TYPE = "application/cloudevents+json"
SPEC_VERSION = "1.0"
_JSON_MEDIA_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json\s*(;.*)?", re.IGNORECASE | re.ASCII)


def source_of(type: str) -> str:  # noqa: A002
    """The CloudEvents `source` of a type: `/babyowl/class` for `class.AttendanceMarked.v1`."""
    return "/babyowl/" + type.partition(".")[0]


def schema_id(type: str) -> str:  # noqa: A002
    """The `dataschema` of a type, which is also the `$id` of its JSON Schema."""
    return f"urn:babyowl:schema:{type}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An event on its way.

    `id` is minted when the event is raised, and never again: redelivery, redrive and replay keep it.
    `subject` is the id of the aggregate that changed, and `aggregateseq` counts that aggregate's events
    from 1. `time` is in UTC. `correlationid` is what the whole story began with, `causationid` the event
    that this one reacted to.
    """

    id: UUID
    subject: UUID
    time: datetime
    aggregateseq: int
    data: Event
    traceparent: str | None = None
    correlationid: UUID | None = None
    causationid: UUID | None = None

    def __post_init__(self) -> None:
        if self.time.utcoffset() is None:
            raise MalformedEnvelope("time: a time without its zone")
        if self.aggregateseq < 1:
            raise MalformedEnvelope("aggregateseq: counts from 1")
        object.__setattr__(self, "time", self.time.astimezone(UTC))

    @property
    def type(self) -> str:
        """The type of the payload, which is the routing key too."""
        return self.data.type

    @property
    def source(self) -> str:
        """The context that published it, e.g. `/babyowl/class`."""
        return source_of(self.type)

    @property
    def dataschema(self) -> str:
        """The name of the payload's JSON Schema; a URN, so it moves with nobody's host."""
        return schema_id(self.type)

    def to_json(self) -> bytes:
        """The CloudEvents document, UTF-8. Raises `MalformedPayload` if the payload cannot be written."""
        return json.dumps(self.document(), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    def document(self) -> dict[str, JSON]:
        """The CloudEvents document as JSON values, for where several stand in one body."""
        document: dict[str, JSON] = {
            "specversion": SPEC_VERSION,
            "id": str(self.id),
            "source": self.source,
            "type": self.type,
            "subject": str(self.subject),
            "time": format_date_time(self.time, "time"),
            "datacontenttype": "application/json",
            "dataschema": self.dataschema,
            "aggregateseq": self.aggregateseq,
        }
        if self.traceparent is not None:
            document["traceparent"] = self.traceparent
        if self.correlationid is not None:
            document["correlationid"] = str(self.correlationid)
        if self.causationid is not None:
            document["causationid"] = str(self.causationid)
        document["data"] = dict(encode(self.data))
        return document

    @classmethod
    def from_json(cls, document: bytes | str) -> "Envelope":
        """Read a CloudEvents document; attributes we do not know are ignored.

        Raises `UnknownEventType` for a type of a newer version, `MalformedEnvelope` for all else that is
        wrong; its text names the place.
        """
        try:
            attributes: Any = json.loads(document, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise MalformedEnvelope(f"not JSON: {error}") from error
        return cls.from_document(attributes)

    @classmethod
    def from_document(cls, attributes: Any) -> "Envelope":
        """Read a CloudEvents document that is parsed already; raises like `from_json`."""
        if not isinstance(attributes, Mapping):
            raise MalformedEnvelope("not a JSON object")
        try:
            return cls._read(attributes)
        except MalformedPayload as error:
            raise MalformedEnvelope(str(error)) from error

    @classmethod
    def _read(cls, attributes: Mapping[str, Any]) -> "Envelope":
        if attributes.get("specversion") != SPEC_VERSION:
            raise MalformedPayload("specversion", f"only {SPEC_VERSION} is understood")
        media_type = attributes.get("datacontenttype")
        if media_type is not None and not _JSON_MEDIA_TYPE.fullmatch(str(media_type)):
            raise MalformedPayload("datacontenttype", "only JSON is understood")
        type_ = parse_text(attributes.get("type"), "type")
        data = attributes.get("data")
        try:
            event = decode(type_, data)  # type: ignore[arg-type]  # whatever it is, decode refuses it by name
        except MalformedPayload as error:
            raise MalformedPayload(f"data.{error.path}" if error.path else "data", error.reason) from error
        if attributes.get("source") != source_of(type_):
            raise MalformedPayload("source", f"expected {source_of(type_)}")
        return cls(
            id=parse_uuid(attributes.get("id"), "id"),
            subject=parse_uuid(attributes.get("subject"), "subject"),
            time=parse_date_time(attributes.get("time"), "time"),
            aggregateseq=parse_integer(attributes.get("aggregateseq"), "aggregateseq"),
            data=event,
            traceparent=_optional_text(attributes, "traceparent"),
            correlationid=_optional_uuid(attributes, "correlationid"),
            causationid=_optional_uuid(attributes, "causationid"),
        )


def _optional_text(attributes: Mapping[str, Any], name: str) -> str | None:
    value = attributes.get(name)
    return None if value is None else parse_text(value, name)


def _optional_uuid(attributes: Mapping[str, Any], name: str) -> UUID | None:
    value = attributes.get(name)
    return None if value is None else parse_uuid(value, name)


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
