"""Unit of work and repositories over asyncpg.

Aggregates are plain objects. Pure functions map them to rows and back; at the end of a command the rows as they
were loaded are compared with the rows as they are, and the difference is written. Nothing is tracked inside the
aggregate, nothing is flushed by surprise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from json import dumps
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import column as sql_column
from sqlmodel import SQLModel

from babyowl_chassis.sql import Connection, Statement
from babyowl_kernel import AggregateRoot, DomainEvent, Refusal

A = TypeVar("A", bound=AggregateRoot)

RowType: TypeAlias = type[SQLModel]
Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = dict[RowType, list[Row]]


class VersionConflict(Exception):
    """Somebody else changed the aggregate since it was loaded; the bus runs the command again."""


class ConstraintViolated(Exception):
    """A database constraint said no; `name` is the constraint's."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Raised:
    """A domain event together with the aggregate that recorded it."""

    aggregate_id: UUID
    event: DomainEvent


class UnitOfWork(Protocol):
    """One command's view of the store."""

    constraints: ClassVar[Mapping[str, Refusal]]

    async def flush(self) -> list[Raised]:
        """Write what changed; the events of all aggregates, in the order they were loaded or added."""
        ...


@dataclass(frozen=True)
class AggregateMapping(Generic[A]):
    """How an aggregate is spread over tables: the root's row, and children by the column that points at it."""

    root: RowType
    to_rows: Callable[[A], Rows]
    from_rows: Callable[[Rows], A]
    children: Mapping[RowType, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Tracked:
    aggregate: AggregateRoot
    mapping: AggregateMapping[Any]
    loaded: Rows | None
    removed: bool = False


class SqlUnitOfWork:
    """The aggregates of one transaction. Services subclass it and add their repositories."""

    constraints: ClassVar[Mapping[str, Refusal]] = {}

    def __init__(self, connection: Connection, *, locking: bool = False) -> None:
        self.connection = connection
        self.locking = locking
        self._tracked: dict[tuple[RowType, UUID], _Tracked] = {}
        self._appended: dict[RowType, list[Row]] = {}

    def append(self, table: RowType, row: Row) -> None:
        """Queue a row for an insert-only table; written with the rest, after the aggregates."""
        self._appended.setdefault(table, []).append(row)

    async def flush(self) -> list[Raised]:
        """Write the difference. Raises VersionConflict or ConstraintViolated; the transaction is then lost."""
        raised: list[Raised] = []
        roots = _Roots(self.connection)
        try:
            for tracked in self._tracked.values():
                events = tracked.aggregate.collect_events()
                raised += [Raised(tracked.aggregate.id, event) for event in events]
                await self._write(tracked, roots, touched=bool(events))
            await roots.write()
            for table, rows in self._appended.items():
                await _insert(self.connection, table, rows)
        except asyncpg.IntegrityConstraintViolationError as violation:
            raise ConstraintViolated(violation.constraint_name or "") from violation
        self._appended.clear()
        return raised

    async def _write(self, tracked: _Tracked, roots: "_Roots", *, touched: bool) -> None:
        mapping, before = tracked.mapping, tracked.loaded
        if tracked.removed:
            if before is not None:
                await roots.write()
                await _swap_version(self.connection, mapping.root, before[mapping.root][0], {})
                await _delete(self.connection, mapping.root, before[mapping.root])
            return
        after = mapping.to_rows(tracked.aggregate)
        if before is None:
            [root] = after[mapping.root]
            await roots.insert(mapping.root, root | {"version": 1})
            children = {table: rows for table in mapping.children if (rows := after.get(table))}
            if children:
                await roots.write()
            for table, rows in children.items():
                await _insert(self.connection, table, rows)
            tracked.aggregate.version = 1
        else:
            differences = {
                table: _difference(table, before.get(table, []), after.get(table, [])) for table in mapping.children
            }
            [old], [new] = before[mapping.root], after[mapping.root]
            changed = {name: value for name, value in new.items() if old[name] != value and name != "version"}
            if not (changed or touched or any(differences.values())):
                return
            await roots.swap(mapping.root, old, changed)
            if any(differences.values()):
                await roots.write()
            for table, difference in differences.items():
                await difference.write(self.connection, table)
            tracked.aggregate.version = old["version"] + 1
        after[mapping.root][0]["version"] = tracked.aggregate.version
        tracked.loaded = _as_they_are(after)


class SqlRepository(Generic[A]):
    """The aggregates of one type. Subclasses say how they are mapped, and add finders made of `_find`."""

    mapping: AggregateMapping[A]

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow = uow
        self.connection = uow.connection

    def add(self, aggregate: A) -> None:
        """A new aggregate; inserted at the end of the command."""
        self._uow._tracked[self.mapping.root, aggregate.id] = _Tracked(aggregate, self.mapping, None)

    def remove(self, aggregate: A) -> None:
        """Delete it at the end of the command; children go by `ON DELETE CASCADE`."""
        self._uow._tracked[self.mapping.root, aggregate.id].removed = True

    async def get(self, id: UUID) -> A | None:  # noqa: A002
        """The aggregate with this id; the same object when asked twice in one command."""
        known = self._uow._tracked.get((self.mapping.root, id))
        if known is not None:
            return None if known.removed else known.aggregate  # type: ignore[return-value]
        return await self._load(await self._root(id))

    async def _find(self, *where: ColumnElement[bool], **binds: Any) -> A | None:
        """The one aggregate whose root row fits; a condition binds its values by name."""
        table = _table(self.mapping.root)
        statement = select(table).where(*where)
        if self._uow.locking:
            statement = statement.with_for_update(key_share=True)
        return await self._load(await Statement(statement).fetchrow(self.connection, **binds))

    async def _load(self, record: asyncpg.Record | None, **binds: Any) -> A | None:
        if record is None:
            return None
        root = dict(record)
        known = self._uow._tracked.get((self.mapping.root, root["id"]))
        if known is not None:
            return None if known.removed else known.aggregate  # type: ignore[return-value]
        return self._track({self.mapping.root: [root]} | await self._children(root["id"], **binds))

    async def _children(self, id: UUID) -> Rows:  # noqa: A002
        """The rows below a root: all there are, unless a repository knows which of them a command needs."""
        rows: Rows = {}
        for table, column in self.mapping.children.items():
            children = await _select(table, column).fetch(self.connection, key=id)
            rows[table] = [dict(child) for child in children]
        return rows

    async def _root(self, id: UUID) -> asyncpg.Record | None:  # noqa: A002
        """The root's row; on a second try it is held, but not against who only points at it with a foreign key."""
        statement = _select(self.mapping.root, "id", locking=self._uow.locking)
        return await statement.fetchrow(self.connection, key=id)

    def _track(self, rows: Rows) -> A:
        """The aggregate that these rows make. They may be a part of its children, those a command needs:
        what was not loaded is not compared, and stays as it is."""
        [root] = rows[self.mapping.root]
        loaded = _as_they_are(rows)
        aggregate = self.mapping.from_rows(rows)
        aggregate.version = root["version"]
        self._uow._tracked[self.mapping.root, aggregate.id] = _Tracked(aggregate, self.mapping, loaded)
        return aggregate


class _Roots:
    """Root rows on their way: those of one table that follow each other are written at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._table: RowType | None = None
        self._inserted: list[Row] = []
        self._swapped: list[tuple[Row, Row]] = []

    async def insert(self, table: RowType, row: Row) -> None:
        if table is not self._table or self._swapped:
            await self.write()
        self._table = table
        self._inserted.append(row)

    async def swap(self, table: RowType, old: Row, changed: Row) -> None:
        if table is not self._table or self._inserted:
            await self.write()
        self._table = table
        self._swapped.append((old, changed))

    async def write(self) -> None:
        """Write what is waiting. Raises VersionConflict if a row is no longer at its version."""
        inserted, swapped, self._inserted, self._swapped = self._inserted, self._swapped, [], []
        if self._table is not None and inserted:
            await _insert_roots(self._connection, self._table, inserted)
        if self._table is not None and swapped:
            await _swap_versions(self._connection, self._table, swapped)


@dataclass(slots=True)
class _Difference:
    inserted: list[Row]
    updated: list[tuple[Row, Row]]
    deleted: list[Row]

    def __bool__(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)

    async def write(self, connection: Connection, table: RowType) -> None:
        await _delete(connection, table, self.deleted)
        await _update_all(connection, table, self.updated)
        await _insert(connection, table, self.inserted)


def _difference(table: RowType, before: Sequence[Row], after: Sequence[Row]) -> _Difference:
    key = _key_of(table)
    old = {key(row): row for row in before}
    new = {key(row): row for row in after}
    updated = []
    for identity, row in new.items():
        if identity in old:
            changed = {name: value for name, value in row.items() if old[identity][name] != value}
            if changed:
                updated.append((old[identity], changed))
    return _Difference(
        inserted=[row for identity, row in new.items() if identity not in old],
        updated=updated,
        deleted=[row for identity, row in old.items() if identity not in new],
    )


def _as_they_are(rows: Rows) -> Rows:
    """The rows, safe from an aggregate that goes on to change a list or dict which came out of them."""
    return {
        table: [row | {name: _copied(row[name]) for name in mutable if name in row} for row in found]
        if (mutable := _mutable_columns(table))
        else found
        for table, found in rows.items()
    }


def _copied(value: Any) -> Any:
    """What JSON and arrays are made of, without what makes `deepcopy` slow: nothing in them points back."""
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value


@cache
def _mutable_columns(row_type: RowType) -> tuple[str, ...]:
    return tuple(column.name for column in _table(row_type).columns if isinstance(column.type, JSON | ARRAY))


def _key_of(table: RowType) -> Callable[[Row], tuple[Any, ...]]:
    names = _primary_key(table)
    return lambda row: tuple(row[name] for name in names)


def _table(row_type: RowType) -> Table:
    table: Table = row_type.__table__  # type: ignore[attr-defined]
    return table


@cache
def _primary_key(row_type: RowType) -> tuple[str, ...]:
    return tuple(column.name for column in _table(row_type).primary_key)


@cache
def _select(row_type: RowType, column: str, *, locking: bool = False) -> Statement:
    table = _table(row_type)
    statement = select(table).where(table.c[column] == bindparam("key"))
    return Statement(statement.with_for_update(key_share=True) if locking else statement.order_by(*table.primary_key))


@cache
def _insert_statement(row_type: RowType, columns: tuple[str, ...]) -> Statement:
    return Statement(insert(_table(row_type)).values({name: bindparam(name) for name in columns}))


@cache
def _update_statement(row_type: RowType, columns: tuple[str, ...], *, root: bool) -> Statement:
    table = _table(row_type)
    statement = update(table).where(*(table.c[name] == bindparam(f"old_{name}") for name in _primary_key(row_type)))
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    if root:
        statement = statement.where(table.c.version == bindparam("old_version"))
        values["version"] = table.c.version + 1
    return Statement(statement.values(values))


@cache
def _delete_statement(row_type: RowType) -> Statement:
    table = _table(row_type)
    return Statement(delete(table).where(*(table.c[name] == bindparam(name) for name in _primary_key(row_type))))


async def _insert(connection: Connection, row_type: RowType, rows: Sequence[Row]) -> None:
    if len(rows) == 1:
        await _insert_statement(row_type, tuple(rows[0])).execute(connection, **rows[0])
    elif rows:
        await _insert_statement(row_type, tuple(rows[0])).executemany(connection, rows)


async def _insert_roots(connection: Connection, row_type: RowType, roots: Sequence[Row]) -> None:
    try:
        await _insert(connection, row_type, roots)
    except asyncpg.UniqueViolationError as violation:
        table = _table(row_type)
        if violation.constraint_name in (table.primary_key.name, f"{table.name}_pkey"):
            ids = ", ".join(str(root["id"]) for root in roots)
            raise VersionConflict(f"of {table.name}, one was created in the meantime: {ids}") from violation
        raise


async def _update(connection: Connection, row_type: RowType, old: Row, changed: Row, *, root: bool = False) -> int:
    statement = _update_statement(row_type, tuple(changed), root=root)
    return await statement.execute(connection, **_binds(row_type, old, changed, root=root))


async def _update_all(connection: Connection, row_type: RowType, updated: Sequence[tuple[Row, Row]]) -> None:
    """Update children in one round trip: each in every column in which any of them has changed."""
    if len(updated) == 1:
        await _update(connection, row_type, *updated[0])
    elif updated:
        columns = tuple(sorted({name for _, changed in updated for name in changed}))
        rows = [_binds(row_type, old, {name: (old | changed)[name] for name in columns}) for old, changed in updated]
        await _update_statement(row_type, columns, root=False).executemany(connection, rows)


def _binds(row_type: RowType, old: Row, changed: Row, *, root: bool = False) -> Row:
    known = (*_primary_key(row_type), *(("version",) if root else ()))
    return {f"old_{name}": old[name] for name in known} | {f"new_{name}": value for name, value in changed.items()}


async def _delete(connection: Connection, row_type: RowType, rows: Sequence[Row]) -> None:
    if rows:
        await _delete_statement(row_type).executemany(connection, rows)


@cache
def _swap_many_statement(row_type: RowType, columns: tuple[str, ...]) -> Statement:
    """The rows come as one array per column; JSON as text, since an array of lists would be taken for a matrix."""
    table = _table(row_type)
    types = {name: Text() if isinstance(table.c[name].type, JSON) else table.c[name].type for name in columns}
    types = {"id": table.c.id.type, "version": table.c.version.type, **types}
    given = func.unnest(*(bindparam(name, type_=ARRAY(type_)) for name, type_ in types.items()))
    rows = given.table_valued(
        *(sql_column(name, type_) for name, type_ in types.items()), name="given"
    ).render_derived()
    # Locked in the order of their ids first: a join updates in any order, and two of them would deadlock.
    held = (
        select(table.c.id, *(cast(rows.c[name], table.c[name].type).label(f"new_{name}") for name in columns))
        .join_from(table, rows, (table.c.id == rows.c.id) & (table.c.version == rows.c.version))
        .order_by(table.c.id)
        .with_for_update(of=table, key_share=True)
        .cte("held")
    )
    values: dict[str, Any] = {name: held.c[f"new_{name}"] for name in columns} | {"version": table.c.version + 1}
    return Statement(update(table).where(table.c.id == held.c.id).values(values))


async def _swap_versions(connection: Connection, row_type: RowType, swapped: Sequence[tuple[Row, Row]]) -> None:
    table = _table(row_type)
    columns = tuple(sorted({name for _, changed in swapped for name in changed}))
    if len(swapped) == 1 or any(isinstance(table.c[name].type, ARRAY) for name in columns):
        for old, changed in swapped:
            await _swap_version(connection, row_type, old, changed)
        return
    new = [old | changed for old, changed in swapped]
    arrays: dict[str, list[Any]] = {name: [row[name] for row in new] for name in columns}
    for name in columns:
        if isinstance(table.c[name].type, JSON):
            arrays[name] = [None if value is None else dumps(value) for value in arrays[name]]
    arrays |= {name: [old[name] for old, _ in swapped] for name in ("id", "version")}
    if await _swap_many_statement(row_type, columns).execute(connection, **arrays) != len(swapped):
        ids = ", ".join(str(old["id"]) for old, _ in swapped)
        raise VersionConflict(f"of {table.name}, one is no longer at its version: {ids}")


async def _swap_version(connection: Connection, row_type: RowType, old: Row, changed: Row) -> None:
    if await _update(connection, row_type, old, changed, root=True) == 0:
        raise VersionConflict(f"{_table(row_type).name} {old['id']} is no longer at version {old['version']}")
