"""Statements: declared with SQLAlchemy once, compiled at import, run by asyncpg.

No session and no per-call compilation on the hot path; `docs/decisions` has the measurements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from asyncpg import Record
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]

Values: TypeAlias = Mapping[str, Any]


class Connection(Protocol):
    """What a statement needs of asyncpg: a connection or a pool."""

    async def fetch(self, query: str, *args: Any) -> list[Record]: ...
    async def fetchrow(self, query: str, *args: Any) -> Record | None: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...
    async def executemany(self, command: str, args: Iterable[Sequence[Any]]) -> None: ...


@dataclass(frozen=True, slots=True)
class Select:
    """A query that is to be read by a cursor: its text with `$1`, `$2`, and what stands for them."""

    text: str
    arguments: tuple[Any, ...] = ()


class Statement:
    """One SQLAlchemy Core statement, ready for asyncpg. Values are bound by name.

    Unbound names raise KeyError before anything is sent.
    """

    __slots__ = ("_literals", "_names", "sql")

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)  # noqa: S101
        self.sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._literals = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}

    def _arguments(self, values: Values) -> list[Any]:
        literals = self._literals
        return [values[name] if name in values else literals[name] for name in self._names]

    async def fetch(self, connection: Connection, **values: Any) -> list[Record]:
        """All rows."""
        return await connection.fetch(self.sql, *self._arguments(values))

    async def fetchrow(self, connection: Connection, **values: Any) -> Record | None:
        """The first row, or None."""
        return await connection.fetchrow(self.sql, *self._arguments(values))

    async def fetchval(self, connection: Connection, **values: Any) -> Any:
        """The first column of the first row, or None."""
        return await connection.fetchval(self.sql, *self._arguments(values))

    async def execute(self, connection: Connection, **values: Any) -> int:
        """Run it; the number of rows it touched."""
        return rows_touched(await connection.execute(self.sql, *self._arguments(values)))

    async def executemany(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Run it once per row, in one round trip."""
        await connection.executemany(self.sql, [self._arguments(row) for row in rows])


def rows_touched(status: str) -> int:
    """The count at the end of a command tag such as `UPDATE 1`."""
    return int(status.rpartition(" ")[2])
