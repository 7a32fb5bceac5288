"""The base of every payload: a dataclass that knows the type it travels under."""

from dataclasses import dataclass
from typing import ClassVar

REGISTRY: dict[str, type["Event"]] = {}
"""Every published event by its type, e.g. `class.AttendanceMarked.v1`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A payload. Ids and facts only: no name, no e-mail, nothing that erasure would have to find.

    Subclasses are declared with their type: `class UserVerified(Event, type="identity.UserVerified.v1")`.
    """

    type: ClassVar[str]

    def __init_subclass__(cls, type: str | None = None, **kwargs: object) -> None:  # noqa: A002
        super(Event, cls).__init_subclass__(**kwargs)
        # A dataclass with slots is made twice; the second time it brings its type along.
        if type is not None:
            cls.type = type
        known = REGISTRY.setdefault(cls.type, cls)
        if known.__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.type} is taken by {known.__qualname__}")
        REGISTRY[cls.type] = cls

    @classmethod
    def context(cls) -> str:
        """The bounded context that publishes it, which is also the first word of its exchange."""
        return cls.type.partition(".")[0]
