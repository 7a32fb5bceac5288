"""The access matrix: every route against everyone who might call it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Who: TypeAlias = Literal[
    "anonymous", "super_admin", "staff", "instructor", "student", "owner", "not_owner", "service"
]

ALLOWED = "allowed"
"""Any answer that is not 401 or 403."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a caller must meet: ALLOWED, or the refusal's status."""

    status: int | Literal["allowed"]

    def holds(self, actual: int) -> bool:
        """Whether the answer fits."""
        return actual not in (401, 403) and actual < 500 if self.status == ALLOWED else actual == self.status  # noqa: PLR2004


def missing_routes(
    routes: Sequence[tuple[str, str]], matrix: Mapping[tuple[str, str], object]
) -> list[tuple[str, str]]:
    """Routes the matrix says nothing about, and rows about routes that are gone. A test asserts it is empty."""
    return sorted(set(routes) ^ set(matrix))
