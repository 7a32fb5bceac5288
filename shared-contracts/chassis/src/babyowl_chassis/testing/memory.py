"""Repositories in memory that keep the promises of the real ones: copies, versions, constraints, all or nothing."""

import copy
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from babyowl_chassis.bus import Transaction
from babyowl_chassis.idempotency import IdempotencyKeyReused, Once
from babyowl_chassis.outbox import Outgoing
from babyowl_chassis.refused import Refused
from babyowl_chassis.unit_of_work import Raised, VersionConflict
from babyowl_contracts import Event
from babyowl_kernel import AggregateRoot, Refusal

A = TypeVar("A", bound=AggregateRoot)


@dataclass
class MemoryStore:
    """What is committed: aggregates by type and id, facts by table name, and the events in their order."""

    aggregates: dict[type[AggregateRoot], dict[UUID, AggregateRoot]] = field(default_factory=dict)
    facts: dict[str, list[Any]] = field(default_factory=dict)
    published: list[tuple[UUID, Event]] = field(default_factory=list)
    inbox: set[tuple[str, UUID]] = field(default_factory=set)
    answers: dict[tuple[UUID, str], tuple[bytes, str]] = field(default_factory=dict)


class MemoryUnitOfWork:
    """One command's view of the store. Services subclass it and add their repositories."""

    constraints: ClassVar[Mapping[str, Refusal]] = {}

    def __init__(self, store: MemoryStore, *, locking: bool = False) -> None:
        self.store = store
        self.locking = locking
        self.loaded: dict[tuple[type[AggregateRoot], UUID], AggregateRoot] = {}
        self.before: dict[tuple[type[AggregateRoot], UUID], AggregateRoot] = {}
        self.removed: set[tuple[type[AggregateRoot], UUID]] = set()
        self.appended: list[tuple[str, Any]] = []
        self._kept: dict[tuple[type[AggregateRoot], UUID], AggregateRoot | None] = {}

    def append(self, table: str, fact: Any) -> None:
        """Queue a fact for an insert-only list of the store."""
        self.appended.append((table, fact))

    async def flush(self) -> list[Raised]:
        """Check versions and prepare the commit; the events of all aggregates in their order."""
        raised = []
        for key, aggregate in self.loaded.items():
            events = aggregate.collect_events()
            raised += [Raised(aggregate.id, event) for event in events]
            removed = key in self.removed
            if (removed and key not in self.before) or not (removed or events or aggregate != self.before.get(key)):
                continue
            stored = self.store.aggregates.get(key[0], {}).get(key[1])
            if (stored.version if stored else 0) != aggregate.version:
                raise VersionConflict(str(key))
            aggregate.version += 1
            self._kept[key] = None if removed else copy.deepcopy(aggregate)
        return raised

    def commit(self) -> None:
        """Make it so; cannot fail."""
        for (kind, key), aggregate in self._kept.items():
            if aggregate is None:
                self.store.aggregates[kind].pop(key, None)
            else:
                self.store.aggregates.setdefault(kind, {})[key] = aggregate
        for table, fact in self.appended:
            self.store.facts.setdefault(table, []).append(fact)


class MemoryRepository(Generic[A]):
    """The aggregates of one type. Subclasses add finders made of `_all`, and their constraints in `add`."""

    aggregate: type[A]

    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    def add(self, aggregate: A) -> None:
        """A new aggregate; stored at the end of the command."""
        self._uow.loaded[self.aggregate, aggregate.id] = aggregate

    def remove(self, aggregate: A) -> None:
        """Delete it at the end of the command."""
        self._uow.removed.add((self.aggregate, aggregate.id))

    async def get(self, id: UUID) -> A | None:  # noqa: A002
        """The aggregate with this id; the same object when asked twice in one command."""
        key = (self.aggregate, id)
        if key in self._uow.removed:
            return None
        if key not in self._uow.loaded:
            stored = self._uow.store.aggregates.get(self.aggregate, {}).get(id)
            if stored is None:
                return None
            self._uow.before[key] = copy.deepcopy(stored)
            self._uow.loaded[key] = copy.deepcopy(stored)
        return self._uow.loaded[key]  # type: ignore[return-value]

    async def _all(self) -> list[A]:
        """Every aggregate of the type, with what this command changed, oldest first."""
        stored = self._uow.store.aggregates.get(self.aggregate, {})
        added = [key for kind, key in self._uow.loaded if kind is self.aggregate and key not in stored]
        found = [await self.get(key) for key in (*stored, *added)]
        return [aggregate for aggregate in found if aggregate is not None]


@dataclass(frozen=True, slots=True)
class MemoryTransaction:
    """A transaction on the store."""

    uow: MemoryUnitOfWork
    posted: list[Outgoing] = field(default_factory=list)
    noted: list[tuple[str, UUID]] = field(default_factory=list)
    answers: dict[tuple[UUID, str], tuple[bytes, str]] = field(default_factory=dict)

    async def post(self, outgoing: list[Outgoing]) -> None:
        """Keep events for the commit."""
        self.posted.extend(outgoing)

    async def note(self, queue: str, event_id: UUID) -> bool:
        """Note an incoming event; False if it is noted already."""
        self.noted.append((queue, event_id))
        return (queue, event_id) not in self.uow.store.inbox

    async def remember(self, once: Once) -> str | None:
        """The answer kept for this key. Refuses a key that came with another request."""
        fingerprint, answer = self.uow.store.answers.get((once.owner_id, once.key), (once.fingerprint, None))
        if fingerprint != once.fingerprint:
            raise Refused(IdempotencyKeyReused())
        return answer

    async def keep(self, once: Once, answer: str) -> None:
        """Keep the answer with the commit."""
        self.answers[once.owner_id, once.key] = once.fingerprint, answer


@dataclass(frozen=True, slots=True)
class MemoryTransactions:
    """Transactions on a store, each with a fresh unit of work."""

    store: MemoryStore
    unit_of_work: Callable[..., MemoryUnitOfWork]

    @asynccontextmanager
    async def begin(self, *, locking: bool) -> AsyncIterator[Transaction]:
        """A transaction; nothing of it stays when the block raises."""
        transaction = MemoryTransaction(self.unit_of_work(self.store, locking=locking))
        yield transaction
        transaction.uow.commit()
        self.store.published += [(event.aggregate_id, event.data) for event in transaction.posted]
        self.store.inbox.update(transaction.noted)
        self.store.answers.update(transaction.answers)
