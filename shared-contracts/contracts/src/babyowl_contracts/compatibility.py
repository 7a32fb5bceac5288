"""What one version of a payload may change without a `v2`: nothing but new fields that have a default.

Both directions are kept. A consumer built on the old schema must understand what is published now, and a
consumer built now must understand what was published then, out of a queue, a log or a replay.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from babyowl_contracts.schema import Schema

_DESCRIPTIVE = frozenset({"title", "description", "$schema", "$id", "$defs", "default"})


def violations(golden: Mapping[str, Schema], current: Mapping[str, Schema]) -> list[str]:
    """Every break of a promise, as sentences that name the type and the place; empty if there is none."""
    found: list[str] = []
    for type_, old in sorted(golden.items()):
        new = current.get(type_)
        if new is None:
            found.append(f"{type_}: the event was removed")
        else:
            found.extend(f"{type_}{text}" for text in _compare(old, new, old, new, ""))
    return found


def _compare(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    if "properties" in old and "properties" in new:
        yield from _compare_objects(old, new, old_root, new_root, path)
    elif "items" in old and "items" in new:
        yield from _compare(old["items"], new["items"], old_root, new_root, f"{path}[]")
    elif "anyOf" in old and "anyOf" in new:
        yield from _compare(old["anyOf"][0], new["anyOf"][0], old_root, new_root, path)
    elif "enum" in old and "enum" in new:
        yield from _compare_choices(old["enum"], new["enum"], path)
    elif _shape(old) != _shape(new):
        yield f"{path}: was {_shape(old)}, is {_shape(new)}"


def _compare_objects(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    for name, old_property in old["properties"].items():
        place = f"{path}.{name}"
        new_property = new["properties"].get(name)
        if new_property is None:
            yield f"{place}: the field was removed, and consumers read it"
            continue
        was_required, is_required = name in old["required"], name in new["required"]
        if was_required and not is_required:
            yield f"{place}: the field became optional, and consumers rely on it"
        if is_required and not was_required:
            yield f"{place}: the field lost its default, and older payloads lack it"
        if not was_required and not is_required and old_property["default"] != new_property["default"]:
            yield f"{place}: another default gives older payloads another meaning"
        yield from _compare(old_property, new_property, old_root, new_root, place)
    for name in new["properties"]:
        if name not in old["properties"] and name in new["required"]:
            yield f"{path}.{name}: the new field has no default, and older payloads lack it"


def _compare_choices(old: list[str], new: list[str], path: str) -> Iterator[str]:
    if removed := sorted(set(old) - set(new)):
        yield f"{path}: {', '.join(removed)} was removed, and older payloads hold it"
    if added := sorted(set(new) - set(old)):
        yield f"{path}: {', '.join(added)} was added, and consumers refuse it"


def _resolved(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    definition: Schema = root["$defs"][reference.rpartition("/")[2]]
    return definition


def _shape(schema: Schema) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in _DESCRIPTIVE}
