"""The JSON Schema (2020-12) of every payload, derived from its dataclass, and the golden copies of it.

A golden schema is what integrators have built on. It is rewritten only by an additive change; see
`compatibility`.
"""

import json
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from inspect import getdoc
from pathlib import Path
from types import NoneType
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints
from uuid import UUID

from babyowl_contracts.codec import converter_of, has_default
from babyowl_contracts.envelope import schema_id
from babyowl_contracts.event import REGISTRY, Event

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
GOLDEN = Path(__file__).parent / "schemas"

_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def schema_of(event_class: type[Event]) -> Schema:
    """The schema of one payload. It stays open: what is not declared may still be there."""
    definitions: dict[str, Schema] = {}
    body = _object(event_class, definitions)
    schema = {"$schema": DIALECT, "$id": schema_id(event_class.type), "title": event_class.__name__, **body}
    if definitions:
        schema["$defs"] = dict(sorted(definitions.items()))
    return schema


def current_schemas() -> dict[str, Schema]:
    """The schema of every published type, by type."""
    return {type_: schema_of(event_class) for type_, event_class in sorted(REGISTRY.items())}


def golden_schemas(folder: Path = GOLDEN) -> dict[str, Schema]:
    """The schemas as they were last agreed on, by type."""
    return {path.stem: json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def write_golden(schemas: dict[str, Schema], folder: Path = GOLDEN) -> None:
    """Keep these schemas as the agreed ones. The caller has seen that nothing breaks."""
    folder.mkdir(parents=True, exist_ok=True)
    for type_, schema in schemas.items():
        (folder / f"{type_}.json").write_text(rendered(schema), encoding="utf-8")


def rendered(document: Schema) -> str:
    """JSON as it is kept in files: indented, in declaration order, one newline at the end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _object(declared: type, definitions: dict[str, Schema]) -> Schema:
    hints = get_type_hints(declared)
    members = fields(declared)
    return {
        "description": getdoc(declared) or "",
        "type": "object",
        "properties": {field.name: _property(field, hints[field.name], definitions) for field in members},
        "required": [field.name for field in members if not has_default(field)],
    }


def _property(field: Field[Any], declared: Any, definitions: dict[str, Schema]) -> Schema:
    schema = _value(declared, definitions)
    if not has_default(field):
        return schema
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return {**schema, "default": converter_of(declared).write(default, field.name)}


def _value(declared: Any, definitions: dict[str, Schema]) -> Schema:
    if declared in _SCALARS:
        return dict(_SCALARS[declared])
    if is_dataclass(declared) and isinstance(declared, type):
        definitions.setdefault(declared.__name__, _object(declared, definitions))
        return {"$ref": f"#/$defs/{declared.__name__}"}
    arguments = get_args(declared)
    if get_origin(declared) is Literal:
        return {"type": "string", "enum": list(arguments)}
    if get_origin(declared) is tuple:
        return {"type": "array", "items": _value(arguments[0], definitions)}
    if NoneType in arguments:
        present = next(one for one in arguments if one is not NoneType)
        return {"anyOf": [_value(present, definitions), {"type": "null"}]}
    raise TypeError(f"contracts cannot carry {declared!r}")
