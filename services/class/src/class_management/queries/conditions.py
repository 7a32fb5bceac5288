"""What a list or report is narrowed down to: the conditions that somebody named, and no others.

A statement holds only what was asked for, so that the planner sees what it can use an index for.
"""

from typing import Any


class Conditions:
    """Conditions and their arguments, numbered as they come."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments: list[Any] = list(arguments)
        self._texts: list[str] = []

    def add(self, text: str, *values: Any) -> None:
        """Narrow down by a condition with a `{}` for each value; a value of None narrows nothing."""
        if None in values:
            return
        self._texts.append(text.format(*map(self.bind, values)))

    def bind(self, value: Any) -> str:
        """Take an argument; its placeholder."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def __str__(self) -> str:
        return " AND ".join(self._texts) or "true"
