"""Refusals: what the business says no to, each with a stable code and a sentence for the person who asked."""

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import ClassVar

# `A` is a word too: NotAStudent is not_a_student.
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class RefusalKind(StrEnum):
    """How a refusal is meant; one place in the chassis turns the kind into an HTTP status."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Base of all refusals: subclass one of the kinds below, and say in `reason` which rule was broken.

    `code` is derived from the class name (`ClassFull` → `class_full`) and is a promise to client apps:
    renaming the class needs an explicit `code`.
    """

    kind: ClassVar[RefusalKind]
    code: ClassVar[str]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super(Refusal, cls).__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = _BETWEEN_WORDS.sub("_", cls.__name__).lower()

    @property
    def reason(self) -> str:
        """One sentence for the person who asked, without personal data."""
        return self.code.replace("_", " ").capitalize() + "."

    @property
    def facts(self) -> dict[str, object]:
        """The refusal's own fields, shown beside the code in the problem document."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class NotFound(Refusal):
    """The thing is not there, or not visible to who asks."""

    __slots__ = ()
    kind = RefusalKind.NOT_FOUND


class Conflict(Refusal):
    """The state of the thing does not allow it now."""

    __slots__ = ()
    kind = RefusalKind.CONFLICT


class Forbidden(Refusal):
    """Who asks may not."""

    __slots__ = ()
    kind = RefusalKind.FORBIDDEN


class Invalid(Refusal):
    """What was asked makes no sense by the rules of the domain."""

    __slots__ = ()
    kind = RefusalKind.INVALID


class Unauthenticated(Refusal):
    """Who asks has not proven who they are."""

    __slots__ = ()
    kind = RefusalKind.UNAUTHENTICATED


class TooMany(Refusal):
    """Asked too often; `retry_after` of the refusal, in seconds, says when to come back."""

    __slots__ = ()
    kind = RefusalKind.TOO_MANY
