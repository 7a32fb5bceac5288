"""The reference for integrators, derived from the contracts: an AsyncAPI 3.0 document and a page to read."""

import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from babyowl_contracts.envelope import CONTENT_TYPE, SPEC_VERSION, schema_id, source_of
from babyowl_contracts.event import REGISTRY, Event
from babyowl_contracts.schema import Schema, current_schemas

_DEFINITIONS = "#/$defs/"
_SCHEMAS = "#/components/schemas/"
_PROMISE = (
    "At least once; in order per aggregate at first delivery, and no order across aggregates. "
    "Keep the ids you have seen, and let the greatest revision win. Within v1 payloads only grow; "
    "a v2 is published beside v1 for 90 days. Payloads hold ids and facts, never names or addresses."
)


def asyncapi_document() -> dict[str, Any]:
    """One channel per type: the context's durable topic exchange, with the type as routing key."""
    schemas = current_schemas()
    components: dict[str, Schema] = {"Envelope": _envelope_schema()}
    for type_, schema in schemas.items():
        components.update(_components_of(type_, schema))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Baby Owl domain events",
            "version": version("babyowl-contracts"),
            "description": _PROMISE,
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {type_: _channel(type_) for type_ in schemas},
        "operations": {f"publish.{type_}": _operation(type_) for type_ in schemas},
        "components": {
            "messages": {type_: _message(type_, schema) for type_, schema in schemas.items()},
            "schemas": components,
        },
    }


def exchange_of(type: str) -> str:  # noqa: A002
    """The exchange a type is published to: `class.events` for `class.AttendanceMarked.v1`."""
    return type.partition(".")[0] + ".events"


def _channel(type_: str) -> dict[str, Any]:
    return {
        "address": type_,
        "title": REGISTRY[type_].__name__,
        "messages": {type_: {"$ref": f"#/components/messages/{type_}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": exchange_of(type_),
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                },
                "bindingVersion": "0.3.0",
            }
        },
    }


def _operation(type_: str) -> dict[str, Any]:
    return {
        "action": "send",
        "title": f"{REGISTRY[type_].context()} publishes {REGISTRY[type_].__name__}",
        "channel": {"$ref": f"#/channels/{type_}"},
        "messages": [{"$ref": f"#/channels/{type_}/messages/{type_}"}],
        "bindings": {"amqp": {"deliveryMode": 2, "bindingVersion": "0.3.0"}},
    }


def _message(type_: str, schema: Schema) -> dict[str, Any]:
    return {
        "name": type_,
        "title": schema["title"],
        "summary": schema["description"].partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": f"{_SCHEMAS}Envelope"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": type_},
                        "source": {"const": source_of(type_)},
                        "dataschema": {"const": schema_id(type_)},
                        "data": {"$ref": f"{_SCHEMAS}{type_}"},
                    },
                },
            ]
        },
        "bindings": {"amqp": {"messageType": type_, "bindingVersion": "0.3.0"}},
    }


def _envelope_schema() -> Schema:
    uuid = {"type": "string", "format": "uuid"}
    return {
        "title": "Envelope",
        "description": "CloudEvents 1.0 in structured JSON; the same document wherever the event goes.",
        "type": "object",
        "properties": {
            "specversion": {"const": SPEC_VERSION},
            "id": {**uuid, "description": "Minted once; redelivery, redrive and replay keep it."},
            "source": {"type": "string", "description": "The context that published it."},
            "type": {"type": "string", "description": "The type, which is the routing key too."},
            "subject": {**uuid, "description": "The aggregate that changed."},
            "time": {"type": "string", "format": "date-time", "description": "When it happened, in UTC."},
            "datacontenttype": {"const": "application/json"},
            "dataschema": {"type": "string", "description": "The `$id` of the payload's JSON Schema."},
            "aggregateseq": {
                "type": "integer",
                "minimum": 1,
                "description": "Counts the events of this aggregate.",
            },
            "traceparent": {"type": "string", "description": "W3C trace context."},
            "correlationid": {**uuid, "description": "What the whole story began with."},
            "causationid": {**uuid, "description": "The event that this one reacted to."},
            "data": {"type": "object", "description": "The payload."},
        },
        "required": [
            *("specversion", "id", "source", "type", "subject", "time"),
            *("datacontenttype", "dataschema", "aggregateseq", "data"),
        ],
    }


def _components_of(type_: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The payload and its parts as components of the document, each part named after its event."""
    prefix = f"{_SCHEMAS}{type_}."
    for name, part in schema.get("$defs", {}).items():
        yield f"{type_}.{name}", _redirected(part, prefix)
    body = {key: value for key, value in schema.items() if key not in {"$schema", "$id", "$defs"}}
    yield type_, _redirected(body, prefix)


def _redirected(value: Any, prefix: str) -> Any:
    match value:
        case {"$ref": str(reference)}:
            return {"$ref": prefix + reference.removeprefix(_DEFINITIONS)}
        case dict():
            return {key: _redirected(one, prefix) for key, one in value.items()}
        case list():
            return [_redirected(one, prefix) for one in value]
        case _:
            return value


def events_page() -> str:
    """The same reference as Markdown: a table of all events, then each with its fields."""
    return "\n".join(_page_lines()) + "\n"


def _page_lines() -> Iterator[str]:
    yield from (
        "# Events",
        "",
        "Generated from the contracts by `python -m babyowl_contracts asyncapi --write`; "
        "the same for programs: [events.asyncapi.json](events.asyncapi.json).",
        "",
        _PROMISE,
        "",
        "Every message is a CloudEvents 1.0 document in structured JSON "
        f"(`{CONTENT_TYPE}`), published to the durable topic exchange of its context with its type as "
        "routing key: bind `class.*.v1`, `*.AttendanceMarked.*` or `#`.",
        "",
        "| Attribute | Meaning |",
        "|---|---|",
    )
    envelope = _envelope_schema()
    for name, attribute in envelope["properties"].items():
        optional = "" if name in envelope["required"] else " Optional."
        meaning = attribute.get("description") or f"Always `{attribute['const']}`."
        yield f"| `{name}` | {meaning}{optional} |"
    schemas = current_schemas()
    for context in sorted({event.context() for event in REGISTRY.values()}):
        yield from ("", f"## {context}", "", f"Exchange `{context}.events`.")
        for type_, schema in schemas.items():
            if REGISTRY[type_].context() == context:
                yield from _event_lines(REGISTRY[type_], schema)


def _event_lines(event_class: type[Event], schema: Schema) -> Iterator[str]:
    yield from ("", f"### {event_class.type}", "", schema["description"])
    yield from _field_lines(schema)
    for name, part in schema.get("$defs", {}).items():
        yield from ("", f"**{name}**: {part['description']}")
        yield from _field_lines(part)


def _field_lines(schema: Schema) -> Iterator[str]:
    yield from ("", "| Field | Type |", "|---|---|")
    for name, value in schema["properties"].items():
        yield f"| `{name}` | {_in_words(value)} |"


def _in_words(schema: Schema) -> str:
    if "default" in schema:
        bare = {key: value for key, value in schema.items() if key != "default"}
        return f"{_in_words(bare)}, `{json.dumps(schema['default'])}` if absent"
    match schema:
        case {"$ref": str(reference)}:
            return reference.rpartition("/")[2]
        case {"enum": list(choices)}:
            return " · ".join(f"`{choice}`" for choice in choices)
        case {"items": dict(items)}:
            return f"list of {_in_words(items)}"
        case {"anyOf": [dict(present), _]}:
            return f"{_in_words(present)} or null"
        case {"format": str(format_)}:
            return format_
        case _:
            return str(schema["type"])
