"""What the Class service sends Postgres for a command, and pgbench sending the very same statements.

A command is carried out once with somebody listening; its statements become pgbench's script. Ids are small numbers
that a script can count; those that a command draws are drawn again; what it sends in one go goes in a pipeline.
"""

import asyncio
import json
import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as wall_time
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.database import Pool, open_pool
from babyowl_kernel import Command, Ok
from babyowl_local import servers
from class_management.application.handlers import HANDLERS
from class_management.application.publishing import published
from class_management.infrastructure.unit_of_work import ClassUnitOfWork

PER_CLASS = 1_000
"""Students, accounts and meetings are numbered within their class: the third student of class 7 is 3,007,003."""

CLASS, MEETING, STUDENT, ACCOUNT = 1_000_000, 2_000_000, 3_000_000, 4_000_000
KINDS = {CLASS: "class", MEETING: "meeting", STUDENT: "student", ACCOUNT: "account"}

Sent: TypeAlias = list[tuple[str, Sequence[Any] | list[Sequence[Any]]]]
"""Statements with their arguments; a list of arguments was sent in one go."""


def the_bus(pool: Pool) -> Bus:
    """The service's own."""
    return Bus(SqlTransactions(pool, ClassUnitOfWork), publish=published, handlers=HANDLERS)


@dataclass(frozen=True, slots=True)
class Measured:
    """How many commands a second, and the milliseconds that all but one in a hundred took at most."""

    per_second: float
    p99: float

    @classmethod
    def of(cls, milliseconds: Sequence[float], seconds: float) -> "Measured":
        """From the time each command took, and all of them together."""
        return cls(len(milliseconds) / seconds, statistics.quantiles(milliseconds, n=100)[98])


def median(measured: Sequence[Measured]) -> Measured:
    """Of some rounds."""
    return Measured(
        statistics.median(each.per_second for each in measured), statistics.median(each.p99 for each in measured)
    )


async def through_the_bus(clients: Sequence[Sequence[Callable[[], Awaitable[Any]]]]) -> Measured:
    """Each client carries out its commands one after the other, all clients at once."""
    taken: list[float] = []

    async def client(commands: Sequence[Callable[[], Awaitable[Any]]]) -> None:
        for command in commands:
            began = time.perf_counter()
            outcome = await command()
            taken.append((time.perf_counter() - began) * 1000)
            if not isinstance(outcome, Ok):
                raise TypeError(f"refused: {outcome}")

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for commands in clients:
            group.create_task(client(commands))
    return Measured.of(taken, time.perf_counter() - began)


async def statements_of(url: str, first: Command[Any], second: Command[Any]) -> Sent:
    """What the service sends for the second of two commands, from BEGIN to COMMIT."""
    sent: Sent = []

    def listen(query: Any) -> None:
        many = isinstance(query.args, list)
        sent.append((query.query, [tuple(row) for row in query.args] if many else tuple(query.args)))

    async with open_pool(url, application="bench-traced", size=1) as pool:
        bus = the_bus(pool)
        await bus.execute(first)
        async with pool.acquire() as connection:
            # The pool would forget it with the loan; the connection itself remembers.
            inner: asyncpg.Connection[asyncpg.Record] = connection._con  # type: ignore[attr-defined]
            inner.add_query_logger(listen)
        sent.clear()
        outcome = await bus.execute(second)
        if not isinstance(outcome, Ok):
            raise TypeError(f"refused: {outcome}")
    texts = [text.strip() for text, _ in sent]
    begin = next(n for n, text in enumerate(texts) if text.startswith("BEGIN"))
    return sent[begin : texts.index("COMMIT;") + 1]


@dataclass
class Script:
    """The same statements for pgbench. `counted` says how it counts what a kind of id stands for; what it does not
    name keeps its number within the class. `numbers` says the same of numbers that change with each command.

    `read` are beginnings of statements that find one row; its columns are variables then, called `read_<column>`.
    """

    class_number: str
    counted: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[int, str] = field(default_factory=dict)
    read: tuple[str, ...] = ()
    _drawn: dict[UUID, str] = field(default_factory=dict)
    _body: list[str] = field(default_factory=list)

    def add(self, sent: Sent) -> "Script":
        """Take statements over, each argument by what it stands for."""
        for text, arguments in sent:
            if isinstance(arguments, list):
                rows = [self._bound(text, row) + ";" for row in arguments]
                self._body += ["\\startpipeline", *rows, "\\endpipeline"] if rows else []
            else:
                is_read = bool(self.read) and text.lstrip().startswith(self.read)
                self._body.append(self._bound(text, arguments) + (" \\gset read_" if is_read else ";"))
        return self

    def text(self) -> str:
        """The script of one transaction."""
        head = ["\\set nth :nth + 1", f"\\set class_number {self.class_number}"]
        draws = [f"\\set {name} random(1, 9223372036854775807)" for name in self._drawn.values()]
        return "\n".join([*head, *draws, *self._body, ""])

    def _bound(self, text: str, arguments: Sequence[Any]) -> str:
        def expression(found: re.Match[str]) -> str:
            value = arguments[int(found[1]) - 1]
            if found[2] is None:
                return self._expression(value)
            return f"ARRAY[{', '.join(self._text(json.dumps(each)) for each in value)}]{found[2]}"

        bound = re.sub(r"\$(\d+)(::jsonb\[\])?", expression, text)
        return " ".join(bound.strip().rstrip(";").split("\n"))

    def _expression(self, value: Any) -> str:
        match value:
            case None:
                return "NULL"
            case bool() | float():
                return str(value)
            case int():
                return f"({self.numbers.get(value, value)})"
            case UUID():
                return self._id(value)
            case datetime() | date() | wall_time():
                return f"'{value.isoformat()}'"
            case [dict(), *_] | dict():
                return self._text(json.dumps(value))
            case list() | tuple() | set() | frozenset():
                return f"ARRAY[{', '.join(map(self._expression, value))}]"
        return self._text(str(value))

    def _text(self, text: str) -> str:
        # A number in a document changes like one in a column.
        quoted = "'" + text.replace("'", "''") + "'"
        for number, expression in self.numbers.items():
            quoted = re.sub(rf"(?<![\w.-]){number}\b", f"' || ({expression}) || '", quoted)
        return quoted if " || " not in quoted else f"({quoted})"

    def _id(self, value: UUID) -> str:
        kind = KINDS.get(value.int - value.int % CLASS)
        if kind == "class":
            return _uuid(f"{CLASS} + :class_number")
        if kind is not None:
            within = self.counted.get(kind, str(value.int % PER_CLASS))
            return _uuid(f"{value.int - value.int % CLASS} + :class_number * {PER_CLASS} + {within}")
        if value.int < 2**64:
            return f"'{value}'"
        name = self._drawn.setdefault(value, f"drawn_{len(self._drawn) + 1}")
        return f"lpad(to_hex(:{name}::bigint), 32, '0')::uuid"


def _uuid(expression: str) -> str:
    return f"lpad(to_hex(({expression})::int), 32, '0')::uuid"


async def through_pgbench(program: str, url: str, script: Script, *, clients: int, transactions: int) -> Measured:
    """Transactions a second, without the time it took to connect; one that lost a race is tried again."""
    with tempfile.TemporaryDirectory(prefix="babyowl-pgbench-") as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script.text())
        options = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-t", str(transactions), "-D", "nth=-1"]
        tries = ["--max-tries", "100", "-l", "--log-prefix", str(Path(folder) / "log")]
        process = await asyncio.create_subprocess_exec(
            program,
            *options,
            *tries,
            "-f",
            file,
            url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        taken = _taken(Path(folder))
    found = re.search(rb"tps = ([\d.]+)", out)
    failed = re.search(rb"number of failed transactions: 0 ", out)
    if process.returncode != 0 or found is None or failed is None:
        raise RuntimeError(f"pgbench failed: {out.decode()[-500:]}\n{err.decode()[-2000:]}")
    return Measured(float(found[1]), Measured.of(taken, 1).p99)


def _taken(folder: Path) -> list[float]:
    # Of each transaction: client, number, and how long it took in microseconds.
    lines = [line.split() for log in folder.glob("log*") for line in log.read_text().splitlines()]
    return [int(line[2]) / 1000 for line in lines]


def pgbench_program() -> str | None:
    """An installed pgbench, the newest."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    return shutil.which("pgbench") or (str(installed[-1]) if installed else None)


@contextmanager
def server_url() -> Iterator[str]:
    """Postgres: the one of TEST_DATABASE_URL, or a private one that ends with this process."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="babyowl-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)
        try:
            yield servers.ensure_held("postgres", Path(home) / "postgres", owner=os.getpid()).url
        finally:
            servers.release_all(Path(home))
