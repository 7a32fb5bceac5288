"""The command bus: it owns the transaction, so that handlers only decide."""

import inspect
import random
from asyncio import sleep
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, TypeVar
from uuid import UUID

import asyncpg

from babyowl_chassis import idempotency, inbox, outbox, telemetry
from babyowl_chassis.database import Pool, lent
from babyowl_chassis.idempotency import Answered, Once
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.outbox import Outgoing
from babyowl_chassis.unit_of_work import ConstraintViolated, SqlUnitOfWork, UnitOfWork, VersionConflict
from babyowl_contracts import Envelope, Event
from babyowl_kernel import Command, DomainEvent, Err

R = TypeVar("R")
T = TypeVar("T")

Publish: TypeAlias = Callable[[DomainEvent], Event | None]
"""Says which contract a domain event becomes; None for what stays at home."""

Function: TypeAlias = Callable[..., Awaitable[Any]]

Isolation: TypeAlias = Literal["read_committed", "repeatable_read"]

MAX_ATTEMPTS = 10


class Transaction(Protocol):
    """A unit of work inside an open transaction, and what the bus writes beside it."""

    @property
    def uow(self) -> UnitOfWork:
        """The aggregates of this transaction."""
        ...

    async def post(self, outgoing: list[Outgoing]) -> None:
        """Put events into the outbox."""
        ...

    async def note(self, queue: str, event_id: UUID) -> bool:
        """Note an incoming event in the inbox; False if it is there already."""
        ...

    async def remember(self, once: Once) -> str | None:
        """The answer kept for this idempotency key; None if the key is new, and now claimed."""
        ...

    async def keep(self, once: Once, answer: str) -> None:
        """Keep the answer of a claimed key."""
        ...


class Transactions(Protocol):
    """Opens transactions that commit when the block ends and roll back when it raises."""

    def begin(self, *, locking: bool) -> AbstractAsyncContextManager[Transaction]:
        """A transaction; `locking` holds the root rows it reads, as after a conflict, or for an exclusive command."""
        ...


@dataclass(frozen=True, slots=True)
class SqlTransaction:
    """A transaction on one asyncpg connection."""

    uow: SqlUnitOfWork

    async def post(self, outgoing: list[Outgoing]) -> None:
        """Put events into the outbox and the event log."""
        try:
            await outbox.post(self.uow.connection, outgoing)
        except asyncpg.UniqueViolationError as violation:
            # Two aggregates may share an id (a person's); then no root's version guards their common sequence.
            raise VersionConflict("another event took this place in the sequence") from violation

    async def note(self, queue: str, event_id: UUID) -> bool:
        """Note an incoming event in the inbox; False if it is there already."""
        return await inbox.note(self.uow.connection, queue, event_id)

    async def remember(self, once: Once) -> str | None:
        """The answer kept for this key; waits for a twin request that is still under way."""
        return await idempotency.remember(self.uow.connection, once)

    async def keep(self, once: Once, answer: str) -> None:
        """Keep the answer, in the same transaction as what it tells of."""
        await idempotency.keep(self.uow.connection, once, answer)


@dataclass(frozen=True, slots=True)
class SqlTransactions:
    """Transactions on a pool, each with a fresh unit of work."""

    pool: Pool
    unit_of_work: Callable[..., SqlUnitOfWork]

    @asynccontextmanager
    async def begin(self, *, locking: bool) -> AsyncIterator[Transaction]:
        """A transaction on a connection of the pool; a deadlock or a lost race counts as a conflict.

        Without locks everything is read as of one moment, so that no rule is asked about a state that never was:
        a refusal is not compared with any version. Raises DatabaseAway, and ConstraintViolated also for what only
        the commit finds out.
        """
        isolation: Isolation = "read_committed" if locking else "repeatable_read"
        try:
            async with lent(self.pool) as connection, connection.transaction(isolation=isolation):
                yield SqlTransaction(self.unit_of_work(connection, locking=locking))
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as lost:
            raise VersionConflict(repr(lost)) from lost
        except asyncpg.IntegrityConstraintViolationError as violation:
            raise ConstraintViolated(violation.constraint_name or "") from violation


class _Refused(Exception):
    """Carries an Err out of its transaction, so that nothing of it stays."""

    def __init__(self, outcome: Err[Any]) -> None:
        self.outcome = outcome


class Bus:
    """Runs commands and reactions, each in one transaction together with its events."""

    def __init__(
        self,
        transactions: Transactions,
        *,
        publish: Publish,
        handlers: Mapping[type[Command[Any]], Function],
        dependencies: Mapping[str, object] | None = None,
    ) -> None:
        self._transactions = transactions
        self._publish = publish
        self._dependencies = {"clock": utc_now, "new_id": new_id, **(dependencies or {})}
        self._handlers = {command: self.bind(handler) for command, handler in handlers.items()}

    def bind(self, function: Function, *given: str, positional: int = 2) -> Function:
        """Give a function, by name, what it needs beyond its positional parameters.

        `given` names what the caller will pass by keyword. TypeError, at start, if nobody provides a name.
        """
        names = list(inspect.signature(function).parameters)[positional:]
        unknown = [name for name in names if name not in self._dependencies and name not in given]
        if unknown:
            raise TypeError(f"{function.__qualname__} asks for {unknown}, which bootstrap does not provide")
        injected = {name: self._dependencies[name] for name in names if name not in given}
        wanted = [name for name in names if name in given]

        async def bound(*args: Any, **kwargs: Any) -> Any:
            return await function(*args, **injected, **{name: kwargs[name] for name in wanted})

        return bound

    async def execute(self, command: Command[R], *, once: Once | None = None) -> R:
        """Carry the command out, and commit unless the outcome is an Err.

        Another writer was first: the handler runs again, on fresh aggregates. A constraint that the unit of work
        knows becomes its refusal. With `once`, a key seen before raises Answered.
        """
        handler = self._handlers[type(command)]

        async def work(transaction: Transaction) -> R:
            if once is not None and (answer := await transaction.remember(once)) is not None:
                raise Answered(answer)
            outcome: R = await handler(command, transaction.uow)
            if isinstance(outcome, Err):
                raise _Refused(outcome)
            await self._settle(transaction)
            if once is not None:
                await transaction.keep(once, once.render(outcome))
            return outcome

        with telemetry.span(type(command).__name__):
            try:
                return await self._run(work, locking=command.exclusive)
            except _Refused as refused:
                return refused.outcome  # type: ignore[return-value]

    async def react(self, envelope: Envelope, reaction: Function, *, queue: str) -> bool:
        """Let an event take its effect, once per queue; False if it already had.

        A reaction must not refuse: what happened has happened. One that returns an Err is a fault.
        """

        async def work(transaction: Transaction) -> bool:
            if not await transaction.note(queue, envelope.id):
                return False
            outcome = await reaction(envelope.data, transaction.uow, envelope=envelope)
            if isinstance(outcome, Err):
                raise _Refused(outcome)
            await self._settle(transaction, cause=envelope.id)
            return True

        with telemetry.span(f"{queue} {envelope.data.type}"):
            try:
                return await self._run(work)
            except _Refused as refused:
                refusal = refused.outcome.refusal
                raise TypeError(f"a reaction to {envelope.data.type} refused: {refusal}") from refused

    async def _settle(self, transaction: Transaction, *, cause: UUID | None = None) -> None:
        """Write the aggregates, and their events behind them."""
        now, context = utc_now(), telemetry.current()
        outgoing = []
        for raised in await transaction.uow.flush():
            payload = self._publish(raised.event)
            if payload is not None:
                outgoing.append(
                    Outgoing(
                        id=new_id(),
                        aggregate_id=raised.aggregate_id,
                        time=now,
                        data=payload,
                        correlation_id=context.correlation_id,
                        causation_id=cause,
                        traceparent=context.traceparent,
                    )
                )
        if outgoing:
            await transaction.post(outgoing)

    async def _run(self, work: Callable[[Transaction], Awaitable[T]], *, locking: bool = False) -> T:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                async with self._transactions.begin(locking=locking or attempt > 1) as transaction:
                    return await work(transaction)
            except ConstraintViolated as violated:
                refusal = transaction.uow.constraints.get(violated.name)
                if refusal is None:
                    raise
                raise _Refused(Err(refusal)) from violated
            except VersionConflict:
                if attempt == MAX_ATTEMPTS:
                    raise
                await sleep(random.uniform(0, 0.005 * attempt))  # noqa: S311
        raise AssertionError("the last attempt returns or raises")
