"""Aggregates: the consistency boundary that a command changes as a whole, and the events it leaves behind."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """Something that happened, in the words of one context; private to it."""


@dataclass(kw_only=True)
class AggregateRoot:
    """The root of an aggregate.

    `version` is what the row held when it was loaded (0: never stored); the bus compares and swaps it.
    """

    id: UUID
    version: int = 0
    _events: list[DomainEvent] = field(default_factory=list, init=False, repr=False, compare=False)

    def record(self, event: DomainEvent) -> None:
        """Note what just happened; the bus publishes it if the transaction commits."""
        self._events.append(event)

    def collect_events(self) -> list[DomainEvent]:
        """Hand over the recorded events, oldest first, and forget them."""
        events, self._events = self._events, []
        return events
