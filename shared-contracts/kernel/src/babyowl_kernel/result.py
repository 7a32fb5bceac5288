"""What a business operation answers: the value, or the refusal that stood in its way."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T_co = TypeVar("T_co", covariant=True)
E_co = TypeVar("E_co", covariant=True)
T = TypeVar("T")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Ok(Generic[T_co]):
    """The operation was carried out."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Err(Generic[E_co]):
    """The business refused; nothing was changed."""

    refusal: E_co


Result: TypeAlias = Ok[T] | Err[E]
