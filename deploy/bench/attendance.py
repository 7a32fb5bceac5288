"""Marking attendance and enrolling: commands a second through the bus, beside pgbench with the very same statements.

One process carries the commands out over as many connections as a service has: a student marked, a whole meeting of
thirty, and enrolling, each client into a class of its own, or fifty clients at once into the same one. Postgres is
taken from TEST_DATABASE_URL, or started for this run and gone with it.
"""

import argparse
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import uvloop
from replay import (
    CLASS,
    MEETING,
    PER_CLASS,
    STUDENT,
    Measured,
    Script,
    median,
    pgbench_program,
    server_url,
    statements_of,
    the_bus,
    through_pgbench,
    through_the_bus,
)

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool, open_pool
from babyowl_chassis.testing import fresh_database
from babyowl_kernel import Actor, Command
from class_management.application.commands.enroll_student import EnrollStudent
from class_management.application.commands.take_attendance import MarkAttendance, TakeAttendance
from class_management.bootstrap import service
from class_management.domain.values import Mark

CONNECTIONS = 10
OFFICE = Actor(UUID(int=5_000_001), frozenset({"staff"}))
SEATS, SEATED, MEETINGS, MEETING_OF = 100, 50, 10, 30

# Odd enough to be told from every other number in the statements.
VERSION, BALANCE, ENTRIES = 41_041, 51_051, 61_061

_SEED = (
    "CREATE FUNCTION id(n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$",
    """
    INSERT INTO classes (id, version, name, course_id, instructor_id, type, status, capacity, package,
        zero_balance, excuse_deadline_minutes, offer_hours, created_by, created_at)
    SELECT id(1000000 + c), :version, 'Owls', id(5000002), id(5100000 + c), 'group',
        CASE WHEN c < :active THEN 'active' ELSE 'draft' END, :seats, 10, 'refuse', 120, 48, id(5000001), now()
    FROM generate_series(0, :active + :draft - 1) c
    """,
    """
    INSERT INTO timetables (id, version, class_id, course_id, instructor_id, time_zone, first_date, local_time,
        weekdays, duration_minutes, total_meetings)
    SELECT id(6000000 + c), 1, id(1000000 + c), id(5000002), id(5100000 + c), 'UTC', '2026-01-05', '16:00', '{1}', 60,
        :meetings
    FROM generate_series(0, :active + :draft - 1) c
    """,
    """
    INSERT INTO meetings (id, timetable_id, class_id, number, local_date, local_time, starts_at, ends_at, status,
        sequence, instructor_id, changed_at)
    SELECT id(2000000 + c * 1000 + m), id(6000000 + c), id(1000000 + c), m + 1, day, '16:00', day + time '16:00',
        day + time '17:00', 'planned', 0, id(5100000 + c), now()
    FROM generate_series(0, :active + :draft - 1) c, generate_series(0, :meetings - 1) m,
        LATERAL (SELECT date '2026-01-05' + 7 * m) AS planned (day)
    """,
    """
    INSERT INTO enrollments (id, class_id, student_id, credits, enrolled_by, enrolled_at, status, changes)
    SELECT id(4000000 + c * 1000 + s), id(1000000 + c), id(3000000 + c * 1000 + s), 10, id(5000001), now(),
        'enrolled', 1
    FROM generate_series(0, :active - 1) c, generate_series(0, :seated - 1) s
    """,
    """
    INSERT INTO credit_accounts (id, version, class_id, student_id, zero_balance, balance, owed, lots, entries,
        last_entry_at)
    SELECT id, :version, class_id, student_id, 'refuse', :balance, 0, jsonb_build_array(jsonb_build_object(
        'id', id, 'origin', 'package', 'granted', 90000, 'remaining', :balance, 'expires_at', NULL,
        'granted_at', '2026-01-01T00:00:00+00:00', 'reference', NULL, 'voucher_id', NULL, 'taken_from', NULL)),
        :entries, enrolled_at
    FROM enrollments
    """,
    """
    INSERT INTO people (id, display_name, role, status, time_zone, locale, revision)
    SELECT id(3000000 + c * 1000 + s), 'Sam Student', 'student', 'active', 'UTC', 'en', 1
    FROM generate_series(:active, :active + :draft - 1) c, generate_series(0, :seats - 1) s
    """,
    "ANALYZE",
)


async def seed(pool: Pool, active: int, draft: int) -> None:
    """Active classes where nobody has been marked yet, and after them drafts in which nobody has a seat."""
    numbers = {
        "active": active,
        "draft": draft,
        "meetings": MEETINGS,
        "seats": SEATS,
        "seated": SEATED,
        "version": VERSION,
        "balance": BALANCE,
        "entries": ENTRIES,
    }
    for statement in _SEED:
        await pool.execute(re.sub(r"(?<!:):([a-z]+)", lambda found: str(numbers[found[1]]), statement))


def marking(class_number: int, nth: int) -> MarkAttendance:
    """The nth mark of a class: one student after the other, meeting after meeting."""
    meeting, student = divmod(nth, SEATED)
    return MarkAttendance(
        class_id=UUID(int=CLASS + class_number),
        meeting_id=UUID(int=MEETING + class_number * PER_CLASS + meeting),
        entry=Mark(UUID(int=STUDENT + class_number * PER_CLASS + student), "present"),
        by=OFFICE,
    )


def register(class_number: int, nth: int) -> TakeAttendance:
    """The register of the nth meeting of a class: thirty were there."""
    first = STUDENT + class_number * PER_CLASS
    return TakeAttendance(
        class_id=UUID(int=CLASS + class_number),
        meeting_id=UUID(int=MEETING + class_number * PER_CLASS + nth),
        entries=tuple(Mark(UUID(int=first + student), "present") for student in range(MEETING_OF)),
        by=OFFICE,
    )


def enrolment(class_number: int, nth: int) -> EnrollStudent:
    """The nth student takes a seat."""
    student_id = UUID(int=STUDENT + class_number * PER_CLASS + nth)
    return EnrollStudent(class_id=UUID(int=CLASS + class_number), student_id=student_id, by=OFFICE)


def _account_after(times: str) -> dict[int, str]:
    """What the numbers of an account are when it has been charged so many times."""
    return {
        VERSION + 1: f"{VERSION} + {times}",
        BALANCE - 2: f"{BALANCE} - 1 - {times}",
        ENTRIES + 2: f"{ENTRIES} + 1 + {times}",
    }


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Commands of one kind. In turn, as many as are measured go through the bus and through pgbench.

    The classes they are about have begun, or are drafts; each client has its own, or all share one.
    """

    name: str
    clients: int
    each: int
    make: Callable[[int, int], Command[Any]]
    traced: int = 1
    counted: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[int, str] = field(default_factory=dict)
    read: tuple[str, ...] = ()
    shared: bool = False
    begun: bool = True

    @property
    def classes(self) -> int:
        """How many a round takes on each side."""
        return 1 if self.shared else self.clients

    def commands(self, bus: Bus, first_class: int) -> list[list[Callable[[], Awaitable[Any]]]]:
        """What each client carries out."""
        return [
            [
                partial(bus.execute, self.make(first_class, client * self.each + nth))
                if self.shared
                else partial(bus.execute, self.make(first_class + client, nth))
                for nth in range(self.each)
            ]
            for client in range(self.clients)
        ]

    def script(self, first_class: int) -> Script:
        """The script that counts as these clients do."""
        own = "" if self.shared else " + :client_id"
        return Script(f"{first_class}{own}", counted=self.counted, numbers=self.numbers, read=self.read)


THE_CLASS = ("SELECT classes.id",)

WORKLOADS = (
    Workload(
        name="mark one student",
        clients=8,
        each=SEATED * MEETINGS,
        make=marking,
        traced=SEATED,
        counted={"student": f":nth % {SEATED}", "account": f":nth % {SEATED}", "meeting": f":nth / {SEATED}"},
        numbers=_account_after(f":nth / {SEATED}"),
    ),
    Workload(
        name="mark a meeting of 30",
        clients=8,
        each=MEETINGS,
        make=register,
        counted={"meeting": ":nth"},
        numbers=_account_after(":nth"),
    ),
    Workload(
        name="enrol, a class each",
        clients=8,
        each=SEATS,
        make=enrolment,
        counted={"student": ":nth"},
        numbers={VERSION + 1: ":read_version"},
        read=THE_CLASS,
        begun=False,
    ),
    Workload(
        name="enrol, 50 at once into one class",
        clients=50,
        each=SEATS // 50,
        make=enrolment,
        counted={"student": f":client_id * {SEATS // 50} + :nth"},
        numbers={VERSION + 1: ":read_version"},
        read=THE_CLASS,
        begun=False,
        shared=True,
    ),
)


HEADER = " " * 34 + f"{'statements':>11}{'commands/s':>12}{'p99 ms':>10}{'pgbench/s':>12}{'p99 ms':>10}{'ratio':>8}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured of a workload; without pgbench, our side alone."""

    workload: Workload
    statements: int
    ours: Measured
    theirs: Measured | None

    def __str__(self) -> str:
        ours, theirs = self.ours, self.theirs
        line = f"{self.workload.name:<34}{self.statements:>11}{ours.per_second:>12.0f}{ours.p99:>10.1f}"
        if theirs is None:
            return line
        return f"{line}{theirs.per_second:>12.0f}{theirs.p99:>10.1f}{ours.per_second / theirs.per_second:>8.2f}"


@dataclass
class Classes:
    """Classes that nobody has used yet, by number."""

    next: int

    def take(self, number: int) -> int:
        """The first of so many."""
        first, self.next = self.next, self.next + number
        return first


async def measure(workload: Workload, pool: Pool, url: str, free: Classes, rounds: int) -> Outcome:
    """Both sides in turn, each round on classes of its own."""
    program, bus = pgbench_program(), the_bus(pool)
    traced = free.take(1)
    for nth in range(workload.traced - 1):
        await bus.execute(workload.make(traced, nth))
    last, one_more = (workload.make(traced, nth) for nth in (workload.traced - 1, workload.traced))
    sent = await statements_of(url, last, one_more)
    ours, theirs = [], []
    for _ in range(rounds):
        # As autovacuum does for tables that live longer: no plan shall be one for the empty tables of the start.
        await pool.execute("ANALYZE")
        ours.append(await through_the_bus(workload.commands(bus, free.take(workload.classes))))
        if program is not None:
            script = workload.script(free.take(workload.classes)).add(sent)
            theirs.append(
                await through_pgbench(program, url, script, clients=workload.clients, transactions=workload.each)
            )
    statements = sum(len(arguments) if isinstance(arguments, list) else 1 for _, arguments in sent) - 2
    return Outcome(workload, statements, median(ours), median(theirs) if theirs else None)


async def check(pool: Pool) -> None:
    """Both sides have done the same: each mark is charged, told and counted, each seat has its account and lines."""
    for left, right in (
        ("count(*) FROM attendances", "count(*) FROM attendance_revisions"),
        ("count(*) FROM attendances", "count(*) FROM credit_entries WHERE cause = 'attendance'"),
        ("count(*) FROM attendances", "sum(present) FROM attendance_tallies"),
        ("count(*) FROM attendances", "count(*) FROM event_log WHERE type = 'class.AttendanceMarked.v1'"),
        ("count(*) FROM attendances", f"sum({BALANCE} - balance) FROM credit_accounts WHERE balance > 10"),
        ("count(*) FROM credit_accounts WHERE balance = 10", "count(*) FROM credit_entries WHERE cause = 'package'"),
        (
            "count(*) FROM credit_accounts WHERE balance = 10",
            f"sum(version - {VERSION}) FROM classes WHERE status = 'draft'",
        ),
    ):
        counted, expected = [await pool.fetchval(f"SELECT {what}") for what in (left, right)]
        if not counted or counted != expected:
            raise RuntimeError(f"{counted} is {left}, but {expected} is {right}")


async def bench(rounds: int) -> None:
    needed = {
        begun: sum(1 + 2 * rounds * each.classes for each in WORKLOADS if each.begun is begun)
        for begun in (True, False)
    }
    with server_url() as admin_url:
        async with (
            fresh_database(service, admin_url) as url,
            open_pool(url, application="bench", size=CONNECTIONS) as pool,
        ):
            await seed(pool, needed[True], needed[False])
            free = {True: Classes(0), False: Classes(needed[True])}
            print(f"median of {rounds} rounds; pgbench sends the same statements (reference)")
            print(HEADER)
            for workload in WORKLOADS:
                print(await measure(workload, pool, url, free[workload.begun], rounds), flush=True)
            await check(pool)
    if pgbench_program() is None:
        print("pgbench is not installed: no reference")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured, in turn")
    uvloop.run(bench(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
