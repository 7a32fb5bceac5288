"""Payloads to JSON values and back, strictly: what does not fit its declared type is refused by its path.

The converter of a class is built once, on first use. Fields that a payload has beyond the declared ones are
ignored, and missing ones that have a default get it: within a version contracts grow, and nobody breaks.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, TypeAlias, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from babyowl_contracts.errors import MalformedPayload, UnknownEventType
from babyowl_contracts.event import REGISTRY, Event

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

Convert = Callable[[Any, str], Any]
"""(value, path) → converted value, or `MalformedPayload` with the path."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")
_LONGEST_SHOWN = 80


class Converter(NamedTuple):
    """How values of one type are written, and how they are read."""

    write: Convert
    read: Convert


def encode(event: Event) -> dict[str, JSON]:
    """The event's payload as JSON values. Raises `MalformedPayload` if a field holds what it must not."""
    event_class: Any = type(event)
    document: dict[str, JSON] = converter_of(event_class).write(event, "")
    return document


def decode(type: str, data: Mapping[str, JSON]) -> Event:  # noqa: A002
    """The payload of a type. Raises `UnknownEventType`, or `MalformedPayload` if the data does not fit."""
    event_class: Any = REGISTRY.get(type)
    if event_class is None:
        raise UnknownEventType(type)
    event: Event = converter_of(event_class).read(data, "")
    return event


@cache
def converter_of(declared: Any) -> Converter:
    """The converter of a declared type; `TypeError` for a type that contracts may not use."""
    if declared in _SCALARS:
        return _SCALARS[declared]
    if is_dataclass(declared) and isinstance(declared, type):
        return _dataclass(declared)
    origin, arguments = get_origin(declared), get_args(declared)
    if origin is Literal:
        return _literal(arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
        return _array(converter_of(arguments[0]))
    if origin in (Union, UnionType) and len(arguments) == 2 and NoneType in arguments:  # noqa: PLR2004
        return _optional(converter_of(next(one for one in arguments if one is not NoneType)))
    raise TypeError(f"contracts cannot carry {declared!r}")


def parse_date_time(value: Any, path: str) -> datetime:
    """An RFC 3339 time with its offset, as UTC."""
    if not isinstance(value, str) or _DATE_TIME.fullmatch(value) is None:
        raise _unfit(path, "an RFC 3339 time with offset", value)
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _unfit(path, "a time that exists", value) from None


def format_date_time(value: Any, path: str) -> str:
    """An aware time in RFC 3339, in UTC with a `Z`."""
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise _unfit(path, "a datetime with a time zone", value)
    return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def parse_uuid(value: Any, path: str) -> UUID:
    """A UUID in its canonical form with four hyphens."""
    if isinstance(value, str):
        try:
            parsed = UUID(value)
        except ValueError:
            raise _unfit(path, "a UUID", value) from None
        if str(parsed) == value.lower():
            return parsed
    raise _unfit(path, "a UUID", value)


def parse_text(value: Any, path: str) -> str:
    """Text that every store can hold: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        raise _unfit(path, "a string", value)
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise MalformedPayload(path, "text holds NUL or a lone surrogate")
    return value


def parse_integer(value: Any, path: str) -> int:
    """A whole number; `true` and `1.0` are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unfit(path, "an integer", value)
    return value


def _format_uuid(value: Any, path: str) -> str:
    if not isinstance(value, UUID):
        raise _unfit(path, "a UUID", value)
    return str(value)


def _parse_date(value: Any, path: str) -> date:
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        raise _unfit(path, "a date (YYYY-MM-DD)", value)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _unfit(path, "a date that exists", value) from None


def _format_date(value: Any, path: str) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _unfit(path, "a date", value)
    return value.isoformat()


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _unfit(path, "true or false", value)
    return value


def _literal(allowed: tuple[Any, ...]) -> Converter:
    if not all(isinstance(one, str) for one in allowed):
        raise TypeError(f"contracts carry only Literals of text, not {allowed!r}")
    exact = {one: one for one in allowed}

    def convert(value: Any, path: str) -> Any:
        if not isinstance(value, str) or value not in exact:
            raise _unfit(path, "one of " + ", ".join(allowed), value)
        return exact[value]

    return Converter(convert, convert)


def _optional(inner: Converter) -> Converter:
    def write(value: Any, path: str) -> Any:
        return None if value is None else inner.write(value, path)

    def read(value: Any, path: str) -> Any:
        return None if value is None else inner.read(value, path)

    return Converter(write, read)


def _array(inner: Converter) -> Converter:
    def write(value: Any, path: str) -> list[Any]:
        if not isinstance(value, tuple):
            raise _unfit(path, "a tuple", value)
        return [inner.write(one, f"{path}[{index}]") for index, one in enumerate(value)]

    def read(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _unfit(path, "an array", value)
        return tuple(inner.read(one, f"{path}[{index}]") for index, one in enumerate(value))

    return Converter(write, read)


def _dataclass(declared: type) -> Converter:
    hints = get_type_hints(declared)
    members = [(field, converter_of(hints[field.name])) for field in fields(declared)]

    def write(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, declared):
            raise _unfit(path, f"a {declared.__name__}", value)
        prefix = f"{path}." if path else ""
        return {
            field.name: convert.write(getattr(value, field.name), prefix + field.name) for field, convert in members
        }

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, Mapping):
            raise _unfit(path, "an object", value)
        prefix = f"{path}." if path else ""
        known: dict[str, Any] = {}
        for field, convert in members:
            if field.name in value:
                known[field.name] = convert.read(value[field.name], prefix + field.name)
            elif not has_default(field):
                raise MalformedPayload(prefix + field.name, "is missing")
        return declared(**known)

    return Converter(write, read)


def has_default(field: Field[Any]) -> bool:
    """Whether a payload may lack the field."""
    return field.default is not MISSING or field.default_factory is not MISSING


def _unfit(path: str, expected: str, value: Any) -> MalformedPayload:
    shown = repr(value)
    if len(shown) > _LONGEST_SHOWN:
        shown = shown[:_LONGEST_SHOWN] + "…"
    return MalformedPayload(path, f"expected {expected}, got {shown}")


_SCALARS: dict[Any, Converter] = {
    str: Converter(parse_text, parse_text),
    int: Converter(parse_integer, parse_integer),
    bool: Converter(_boolean, _boolean),
    UUID: Converter(_format_uuid, parse_uuid),
    datetime: Converter(format_date_time, parse_date_time),
    date: Converter(_format_date, _parse_date),
}
