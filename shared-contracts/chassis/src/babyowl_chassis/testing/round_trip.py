"""A guard for mappers: no field of an aggregate is ever dropped on its way to the rows and back."""

import dataclasses
from typing import Any, TypeVar

from babyowl_chassis.unit_of_work import AggregateMapping
from babyowl_kernel import AggregateRoot

A = TypeVar("A", bound=AggregateRoot)


def assert_rows_round_trip(mapping: AggregateMapping[A], aggregate: A) -> None:
    """The aggregate comes back whole, and none of its fields, nor of its parts, was left at a default.

    The second half is what makes the first one mean something: a default would come back without being stored.
    """
    unset = list(_defaults(aggregate, type(aggregate).__name__))
    assert not unset, f"give these a value of their own, so that the trip shows them: {unset}"
    rows = mapping.to_rows(aggregate)
    for table, found in rows.items():
        columns = set(table.__table__.columns.keys())  # type: ignore[attr-defined]
        for row in found:
            assert set(row) == columns, f"{table.__name__}: {set(row) ^ columns}"
    returned = mapping.from_rows(rows)
    returned.version = aggregate.version
    for field in dataclasses.fields(aggregate):
        if field.compare:
            assert getattr(returned, field.name) == getattr(aggregate, field.name), field.name


def _defaults(thing: Any, path: str) -> Any:
    for field in dataclasses.fields(thing):
        value = getattr(thing, field.name)
        if not field.compare:
            continue
        if (field.default is not dataclasses.MISSING and value == field.default) or (
            field.default_factory is not dataclasses.MISSING and value == field.default_factory()
        ):
            yield f"{path}.{field.name}"
        for index, part in enumerate(_parts(value)):
            yield from _defaults(part, f"{path}.{field.name}[{index}]")


def _parts(value: Any) -> list[Any]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [value]
    if isinstance(value, dict):
        return [part for member in value.values() for part in _parts(member)]
    if isinstance(value, list | tuple | set | frozenset):
        return [part for member in value for part in _parts(member)]
    return []
