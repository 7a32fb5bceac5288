"""The reference of problem codes: what each service refuses, and with which status."""

import importlib
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from babyowl_chassis.http.problems import STATUS, STATUS_OF_CODE
from babyowl_kernel import Refusal
from babyowl_local.catalogue import CATALOGUE

_INTRODUCTION = """\
# Problem codes

Generated from the code by `make openapi`. Every error is `application/problem+json` (RFC 9457); its `code` is stable,
and `detail` is a sentence for a person. What a refusal is about stands beside the code, under the names in the last
column.

Whatever the route: `malformed_json` (400), `authentication_required` and `invalid_token` (401), `role_required`
(403), `not_found` (404), `method_not_allowed` (405), `body_too_large` (413), `invalid_input` (422, with `errors[]` by
field), `rate_limited` (429, with `Retry-After`), `internal_error` (500), `busy` and `unavailable` (503, nothing
was changed; try again).
"""


def problems_page() -> str:
    """The refusals of each service, as Markdown."""
    sections = [_INTRODUCTION]
    for service in CATALOGUE:
        importlib.import_module(f"{service.package}.bootstrap")
        rows = sorted(_row(refusal) for refusal in _refusals(f"{service.package}."))
        if rows:
            title = service.name[:1].upper() + service.name[1:]
            sections.append(f"\n## {title}\n\n| Code | Status | When | Facts |\n|---|---|---|---|\n" + "".join(rows))
    return "".join(sections)


def _refusals(module: str) -> set[type[Refusal]]:
    return {
        refusal
        for refusal in _subclasses(Refusal)
        if is_dataclass(refusal)
        and refusal.__module__.startswith(module)
        # A dataclass with slots is a second class of its name; the first one lingers on, and is none of ours.
        and getattr(sys.modules[refusal.__module__], refusal.__name__) is refusal
    }


def _subclasses(of: type[Refusal]) -> Iterator[type[Refusal]]:
    for refusal in of.__subclasses__():
        yield refusal
        yield from _subclasses(refusal)


def _row(refusal: type[Refusal]) -> str:
    status = STATUS_OF_CODE.get(refusal.code, STATUS[refusal.kind])
    names = [field.name for field in fields(refusal)]
    return f"| `{refusal.code}` | {status} | {_when(refusal, names)} | {', '.join(f'`{name}`' for name in names)} |\n"


def _when(refusal: type[Refusal], names: list[str]) -> str:
    """What the class says of itself; else what the problem document would, with names in place of its facts."""
    own = refusal.__doc__ or ""
    if own and not own.startswith(f"{refusal.__name__}("):  # that is how dataclasses describe who says nothing
        return " ".join(own.split("\n\n")[0].split())
    sample = refusal(**{name: _Named(name) for name in names})
    return sample.reason


class _Named:
    """Stands for a fact, however a sentence would show it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __format__(self, spec: str) -> str:
        return f"‹{self._name}›"

    def __str__(self) -> str:
        return format(self)
