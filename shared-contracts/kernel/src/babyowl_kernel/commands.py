"""Commands: what somebody asks a context to do, and what its handlers are given instead of reaching out."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Generic, TypeAlias, TypeVar
from uuid import UUID

R_co = TypeVar("R_co", covariant=True)

Clock: TypeAlias = Callable[[], datetime]
"""Tells the time: timezone-aware, UTC."""

NewId: TypeAlias = Callable[[], UUID]
"""Makes a new id: UUIDv7, so that ids sort by the time of their birth."""


class Command(Generic[R_co]):
    """Imperative, immutable, answered with an `R_co`; a frozen dataclass in the file of its handler.

    An `exclusive` one locks what it reads from its first try on: for a decision about rows that others only lock
    and never change, where comparing versions would notice nothing.
    """

    __slots__ = ()

    exclusive: ClassVar[bool] = False
