"""Marking attendance: commands a second through the bus, beside pgbench sending Postgres the very same statements.

One process and eight clients mark students of classes of their own, each mark a command: three reads, a
compare-and-swap, five writes. What the service sends for one of them is listened to, and made into pgbench's script.
Postgres is taken from TEST_DATABASE_URL, or started for this run and gone with it.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvloop

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.database import Pool, open_pool
from babyowl_chassis.testing import fresh_database
from babyowl_kernel import Actor, Ok
from babyowl_local import servers
from class_management.application.commands.take_attendance import MarkAttendance
from class_management.application.handlers import HANDLERS
from class_management.application.publishing import published
from class_management.bootstrap import service
from class_management.domain.values import Mark
from class_management.infrastructure.unit_of_work import ClassUnitOfWork

CLIENTS, STUDENTS, MEETINGS = 8, 50, 10
MARKS = STUDENTS * MEETINGS
"""What a client marks: its class of fifty, ten times."""

# Ids are small numbers, which a script can count: class 7 is 1,000,007, its third student 3,007,003.
CLASS, MEETING, STUDENT, ACCOUNT = 1_000_000, 2_000_000, 3_000_000, 4_000_000
INSTRUCTOR = Actor(UUID(int=5_000_001), frozenset({"instructor"}))
PER_CLASS = 1_000

# Odd enough to be told from every other number in the statements.
VERSION, BALANCE, ENTRIES = 41_041, 51_051, 61_061

_SEED = (
    "CREATE FUNCTION id(n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$",
    """
    INSERT INTO classes (id, version, name, course_id, instructor_id, type, status, capacity, package,
        zero_balance, excuse_deadline_minutes, offer_hours, created_by, created_at)
    SELECT id(1000000 + c), 1, 'Owls', id(5000002), id(5000001), 'group', 'active', 100, 10,
        'refuse', 120, 48, id(5000001), now()
    FROM generate_series(0, :classes - 1) c
    """,
    """
    INSERT INTO timetables (id, version, class_id, course_id, instructor_id, time_zone, first_date, local_time,
        weekdays, duration_minutes, total_meetings)
    SELECT id(6000000 + c), 1, id(1000000 + c), id(5000002), id(5000001), 'UTC', '2026-01-05', '16:00', '{1}', 60, 10
    FROM generate_series(0, :classes - 1) c
    """,
    """
    INSERT INTO meetings (id, timetable_id, class_id, number, local_date, local_time, starts_at, ends_at, status,
        sequence, instructor_id, changed_at)
    SELECT id(2000000 + c * 1000 + m), id(6000000 + c), id(1000000 + c), m + 1, day, '16:00', day + time '16:00',
        day + time '17:00', 'planned', 0, id(5000001), now()
    FROM generate_series(0, :classes - 1) c, generate_series(0, :meetings - 1) m,
        LATERAL (SELECT date '2020-01-06' + c * :meetings + m) AS planned (day)
    """,
    """
    INSERT INTO enrollments (id, class_id, student_id, credits, enrolled_by, enrolled_at)
    SELECT id(4000000 + c * 1000 + s), id(1000000 + c), id(3000000 + c * 1000 + s), 10, id(5000001), now()
    FROM generate_series(0, :classes - 1) c, generate_series(0, :students - 1) s
    """,
    """
    INSERT INTO credit_accounts (id, version, class_id, student_id, zero_balance, balance, entries, last_entry_at)
    SELECT id, :version, class_id, student_id, 'refuse', :balance, :entries, enrolled_at FROM enrollments
    """,
    "ANALYZE",
)


async def seed(pool: Pool, classes: int) -> None:
    """So many active classes, nobody marked yet."""
    numbers = {
        "classes": classes,
        "meetings": MEETINGS,
        "students": STUDENTS,
        "version": VERSION,
        "balance": BALANCE,
        "entries": ENTRIES,
    }
    for statement in _SEED:
        await pool.execute(re.sub(r"(?<!:):([a-z]+)", lambda found: str(numbers[found[1]]), statement))


def marking(class_number: int, nth: int) -> MarkAttendance:
    """The nth mark of a class: one student after the other, meeting after meeting."""
    meeting, student = divmod(nth, STUDENTS)
    return MarkAttendance(
        class_id=UUID(int=CLASS + class_number),
        meeting_id=UUID(int=MEETING + class_number * PER_CLASS + meeting),
        entry=Mark(UUID(int=STUDENT + class_number * PER_CLASS + student), "present"),
        by=INSTRUCTOR,
    )


async def through_the_bus(bus: Bus, classes: range) -> float:
    """Commands a second; a client per class."""

    async def client(class_number: int) -> None:
        for nth in range(MARKS):
            outcome = await bus.execute(marking(class_number, nth))
            if not isinstance(outcome, Ok):
                raise TypeError(f"refused: {outcome}")

    began = time.perf_counter()
    async with asyncio.TaskGroup() as clients:
        for class_number in classes:
            clients.create_task(client(class_number))
    return len(classes) * MARKS / (time.perf_counter() - began)


async def statements_of_a_mark(url: str, class_number: int) -> list[tuple[str, tuple[Any, ...]]]:
    """What the service sends to mark one student, from BEGIN to COMMIT, with the arguments."""
    sent: list[tuple[str, tuple[Any, ...]]] = []

    def listen(query: Any) -> None:
        many = query.args and isinstance(query.args[0], list) and query.query.startswith("INSERT")
        sent.append((query.query, tuple(query.args[0] if many else query.args)))

    async with open_pool(url, application="bench-traced", size=1) as pool:
        bus = the_bus(pool)
        await bus.execute(marking(class_number, 0))
        async with pool.acquire() as connection:
            # The pool would forget it with the loan; the connection itself remembers.
            inner: asyncpg.Connection[asyncpg.Record] = connection._con  # type: ignore[attr-defined]
            inner.add_query_logger(listen)
        sent.clear()
        await bus.execute(marking(class_number, 1))
    texts = [text.strip() for text, _ in sent]
    begin = next(n for n, text in enumerate(texts) if text.startswith("BEGIN"))
    return sent[begin : texts.index("COMMIT;") + 1]


class Script:
    """The same statements for pgbench: ids are counted, new ones drawn, and what was read is written again."""

    def __init__(self, first_class: int) -> None:
        self._drawn: dict[UUID, str] = {}
        self._head = [
            f"\\set class_number {first_class} + :client_id",
            "\\set nth :nth + 1",
            f"\\set class_id {CLASS} + :class_number",
            f"\\set meeting_id {MEETING} + :class_number * {PER_CLASS} + :nth / {STUDENTS}",
            f"\\set student_id {STUDENT} + :class_number * {PER_CLASS} + :nth % {STUDENTS}",
            f"\\set account_id {ACCOUNT} + :class_number * {PER_CLASS} + :nth % {STUDENTS}",
        ]
        self._body: list[str] = []

    def add(self, text: str, arguments: tuple[Any, ...]) -> None:
        """Take a statement over, each argument by what it stands for."""
        bound = re.sub(r"\$(\d+)", lambda found: self._expression(arguments[int(found[1]) - 1]), text)
        # What is read of the account comes back in the compare-and-swap.
        reads_account = text.startswith("SELECT") and "FROM credit_accounts" in text
        self._body.append(bound.strip().rstrip(";") + (" \\gset read_" if reads_account else ";"))

    def text(self) -> str:
        """The script of one transaction."""
        draws = [f"\\set {name} random(1, 9223372036854775807)" for name in self._drawn.values()]
        return "\n".join([*self._head, *draws, *self._body, ""])

    def _expression(self, value: Any) -> str:
        match value:
            case None:
                return "NULL"
            case bool() | float():
                return str(value)
            case int():
                known = {
                    VERSION: ":read_version",
                    BALANCE - 1: ":read_balance - 1",
                    ENTRIES + 1: ":read_entries + 1",
                }
                return f"({known.get(value, value)})"
            case UUID():
                return self._id(value)
            case datetime():
                return f"'{value.isoformat()}'"
            case dict():
                return _quoted(json.dumps(value))
            case list():
                return f"ARRAY[{', '.join(map(self._expression, value))}]"
            case _:
                return _quoted(str(value))

    def _id(self, value: UUID) -> str:
        counted = {
            CLASS: "class_id",
            MEETING: "meeting_id",
            STUDENT: "student_id",
            ACCOUNT: "account_id",
        }.get(value.int - value.int % CLASS)
        if counted is None and value.int < 2**64:
            return f"'{value}'"
        name = counted or self._drawn.setdefault(value, f"drawn_{len(self._drawn) + 1}")
        return f"lpad(to_hex(:{name}::bigint), 32, '0')::uuid"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


async def through_pgbench(program: str, url: str, script: str) -> float:
    """Transactions a second, without the time it took to connect."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        options = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-t", str(MARKS), "-D", "nth=-1"]
        process = await asyncio.create_subprocess_exec(
            program,
            *options,
            "-f",
            file.name,
            url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
    found = re.search(rb"tps = ([\d.]+)", out)
    if process.returncode != 0 or found is None:
        raise RuntimeError(f"pgbench failed: {err.decode()[-2000:]}")
    return float(found[1])


def the_bus(pool: Pool) -> Bus:
    """The service's own."""
    return Bus(SqlTransactions(pool, ClassUnitOfWork), publish=published, handlers=HANDLERS)


def pgbench_program() -> str | None:
    """An installed pgbench, the newest."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    return shutil.which("pgbench") or (str(installed[-1]) if installed else None)


@contextmanager
def server_url() -> Iterator[str]:
    """Postgres: the given one, or a private one that ends with this process."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="babyowl-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)
        try:
            yield servers.ensure_held("postgres", Path(home) / "postgres", owner=os.getpid()).url
        finally:
            servers.release_all(Path(home))


async def check(pool: Pool, marks: int) -> None:
    """Both have done the same: a mark, a revision and a ledger line each, two events, and the balances to match."""
    for table in ("attendances", "attendance_revisions", "credit_entries"):
        if (found := await pool.fetchval(f"SELECT count(*) FROM {table}")) != marks:  # noqa: S608
            raise RuntimeError(f"{found} rows in {table} instead of {marks}")
    if (events := await pool.fetchval("SELECT count(*) FROM event_log")) != 2 * marks:
        raise RuntimeError(f"{events} events instead of {2 * marks}")
    spent = await pool.fetchval("SELECT sum($1 - balance) FROM credit_accounts", BALANCE)
    if spent != marks:
        raise RuntimeError(f"{spent} credits spent instead of {marks}")


async def bench(rounds: int) -> None:
    program = pgbench_program()
    ours, theirs = [], []
    with server_url() as admin_url:
        async with (
            fresh_database(service, admin_url) as url,
            open_pool(url, application="bench", size=CLIENTS) as pool,
        ):
            traced = 2 * rounds * CLIENTS
            await seed(pool, traced + 1)
            sent = await statements_of_a_mark(url, traced)
            bus, marks = the_bus(pool), 2
            for number in range(rounds):
                first = 2 * number * CLIENTS
                ours.append(await through_the_bus(bus, range(first, first + CLIENTS)))
                marks += CLIENTS * MARKS
                if program is not None:
                    script = Script(first + CLIENTS)
                    for text, arguments in sent:
                        script.add(text, arguments)
                    theirs.append(await through_pgbench(program, url, script.text()))
                    marks += CLIENTS * MARKS
            await check(pool, marks)
    print(f"{len(sent) - 2} statements a mark, {CLIENTS} clients, median of {rounds} rounds of {CLIENTS * MARKS}")
    if theirs:
        print(f"pgbench, same statements (reference) {statistics.median(theirs):8.0f} marks/s")
    else:
        print("pgbench is not installed: no reference")
    ratio = f"  {statistics.median(ours) / statistics.median(theirs):6.2f} of it" if theirs else ""
    print(f"through the bus, one process         {statistics.median(ours):8.0f} marks/s{ratio}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured, in turn")
    uvloop.run(bench(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
