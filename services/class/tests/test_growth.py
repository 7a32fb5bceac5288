"""No page costs more for the years that lie behind a class, or for what goes on elsewhere."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, Literal
from uuid import UUID

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.sql import Select
from babyowl_chassis.testing import fresh_pool, granted
from class_management.application.commands.excuse_self import ExcuseSelf
from class_management.bootstrap import service
from class_management.queries import attendance, meetings, reach, reports, roster, vouchers
from class_management.queries.class_list import ClassFilter, list_classes
from class_management.queries.classes import class_detail
from class_management.queries.credits import CreditLine, credit_balance, credit_lines

from .school import InPostgres, School, actor
from .years import copy_everything, give_a_past

pytestmark = pytest.mark.infra

STUDENTS, PAST = 30, 990
SHORT_PAST = 20
ATTENDANCES = 100_000
LIMIT = 20
A_WEEK = 7
"""Meetings of a week: the class meets every day."""
BLOCKS_A_ROW = 4
"""The way down an index, and the row itself."""
GROWING = {"meetings", "attendances", "attendance_revisions", "enrollments", "credit_accounts", "credit_entries"}


@dataclass
class Academy:
    """A private class with nearly a thousand meetings behind it, and others elsewhere."""

    pool: Pool
    class_id: UUID
    instructor_id: UUID
    student_id: UUID
    elsewhere_id: UUID
    now: datetime


@pytest.fixture(scope="module")
async def academy(postgres_admin_url: str) -> AsyncIterator[Academy]:
    async with fresh_pool(service, postgres_admin_url) as pool:
        school = await School(InPostgres(pool)).open()
        # What is elsewhere: groups of twenty with twenty meetings each, until there are enough.
        group, [elsewhere, *_] = await school.running(students=20, capacity=20, zero_balance="owe", name="Elsewhere")
        await give_a_past(pool, group.id, SHORT_PAST)
        await copy_everything(pool, (ATTENDANCES - PAST * STUDENTS) // (20 * SHORT_PAST))
        class_, [student, *_] = await school.running(
            students=STUDENTS, capacity=100, type="private", zero_balance="owe", local_time=time(10)
        )
        await give_a_past(pool, class_.id, PAST)
        assert await pool.fetchval("SELECT count(*) FROM attendances") >= ATTENDANCES
        await school.running(type="private", local_time=time(11), name="Host owls")
        absence = ExcuseSelf(
            class_id=class_.id,
            meeting_id=class_.meetings[1].id,
            reason="A birthday",
            by=actor("student", student),
        )
        granted(await school.execute(absence))
        tomorrow = school.clock.now + timedelta(days=1)
        yield Academy(pool, class_.id, school.instructor.user_id, student, elsewhere, tomorrow)


Plans = Literal["force_custom_plan", "force_generic_plan"]


class Explaining:
    """Runs each query, and keeps the plan that it was run by."""

    def __init__(self, pool: Pool, mode: Plans) -> None:
        self._pool = pool
        self._mode = mode
        self.plans: list[dict[str, Any]] = []

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(f"SET LOCAL plan_cache_mode = {self._mode}")
            await connection.execute(f"PREPARE page AS {query}")
            arguments = f"({', '.join(map(literal, args))})" if args else ""
            found = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page{arguments}")
            await connection.execute("DEALLOCATE page")
            self.plans.append((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])
            return await connection.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> Any:
        rows = await self.fetch(query, *args)
        return rows[0] if rows else None

    async def fetchval(self, query: str, *args: Any) -> Any:
        row = await self.fetchrow(query, *args)
        return None if row is None else row[0]

    async def execute(self, query: str, *args: Any) -> str:
        raise NotImplementedError

    async def executemany(self, command: str, args: Any) -> None:
        raise NotImplementedError

    def nodes(self) -> Iterator[dict[str, Any]]:
        waiting = list(self.plans)
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", [])
            yield node

    def scanned_whole(self) -> set[str]:
        return {node["Relation Name"] for node in self.nodes() if node["Node Type"] == "Seq Scan"}

    def rows(self) -> int:
        """Rows of growing tables that were looked at, whether or not they were of use."""
        return sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            for node in self.nodes()
            if node.get("Relation Name") in GROWING
        )

    def blocks(self) -> int:
        """Blocks of growing tables and their indexes that were read: also those that held no row of use."""
        return sum(
            node["Shared Hit Blocks"] + node["Shared Read Blocks"]
            for node in self.nodes()
            if node.get("Relation Name") in GROWING
        )


def literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case int():
            return str(value)
        case list():
            return "'{" + ",".join(map(str, value)) + "}'"
        case timedelta():
            return f"'{value.total_seconds()} seconds'"
    return "'" + str(value).replace("'", "''") + "'"


Read = Callable[[Any, Academy], Awaitable[Any]]


async def grid(db: Any, academy: Academy) -> list[attendance.GridLine]:
    shown = await attendance.latest_meetings(db, academy.class_id, before=academy.now, limit=LIMIT)
    columns = [meeting.id for meeting in shown]
    return await attendance.attendance_grid(db, academy.class_id, columns, student_id=None, after=None, limit=LIMIT)


async def statement(db: Any, academy: Academy) -> list[CreditLine]:
    found = await credit_balance(db, academy.class_id, academy.student_id, as_of=academy.now)
    assert found is not None
    return await credit_lines(db, found.enrollment_id, as_of=academy.now, after=None, limit=LIMIT)


async def vouchers_of(db: Any, academy: Academy) -> list[vouchers.VoucherLine]:
    return await vouchers.list_vouchers(
        db, academy.student_id, status=None, as_of=academy.now, after=None, limit=LIMIT
    )


async def make_ups(db: Any, academy: Academy) -> list[vouchers.MakeUpMeeting] | None:
    [voucher] = await vouchers_of(academy.pool, academy)
    return await vouchers.make_up_meetings(
        db, voucher.id, student_id=academy.student_id, as_of=academy.now, after=None, limit=LIMIT
    )


async def sight_of_meeting(db: Any, academy: Academy) -> reach.MeetingReach | None:
    [meeting] = await attendance.latest_meetings(academy.pool, academy.class_id, before=academy.now, limit=1)
    return await reach.reach_of_meeting(db, academy.class_id, academy.student_id, meeting.id)


def classes(scope: Any, **wanted: Any) -> Read:
    async def read(db: Any, academy: Academy) -> Any:
        user = academy.student_id if scope == "attended" else academy.instructor_id
        return await list_classes(db, scope, user, ClassFilter(**wanted), after=None, limit=LIMIT)

    return read


def own_report(report: Callable[..., Select]) -> Read:
    """What somebody from elsewhere sees of their own attendance: at all meetings they ever were at."""

    async def read(db: Any, academy: Academy) -> Any:
        found = report("attended", academy.elsewhere_id, reports.MarkFilter(period=reports.Period()), now=academy.now)
        return await db.fetch(found.text, *found.arguments)

    return read


def ahead(scope: Any) -> Read:
    async def read(db: Any, academy: Academy) -> Any:
        user = academy.student_id if scope == "attended" else academy.instructor_id
        return await meetings.upcoming_meetings(db, scope, user, since=academy.now, after=None, limit=LIMIT)

    return read


PAGES: dict[str, tuple[int, Read]] = {
    "sight of a class": (
        A_WEEK + 5,
        lambda db, academy: reach.reach_of(db, academy.class_id, academy.student_id),
    ),
    "sight of a meeting": (A_WEEK + 5, sight_of_meeting),
    "a class": (STUDENTS + 5, lambda db, academy: class_detail(db, academy.class_id)),
    "all classes": ((LIMIT + 1) * (STUDENTS + 1), classes("all")),
    "all active private classes": (2 * STUDENTS, classes("all", type="private", status="active")),
    "classes by name": (2 * STUDENTS, classes("all", q="monday")),
    "classes taught": (2 * STUDENTS, classes("taught")),
    "classes attended": (2 * STUDENTS, classes("attended")),
    "roster": (3 * STUDENTS, lambda db, academy: roster.roster(db, academy.class_id)),
    "balances": (
        2 * STUDENTS,
        lambda db, academy: roster.balances_of_class(db, academy.class_id, after=None, limit=LIMIT),
    ),
    "grid": (3 * LIMIT * STUDENTS, grid),
    "all meetings ahead": (2 * LIMIT, ahead("all")),
    "meetings taught": (2 * LIMIT, ahead("taught")),
    "meetings attended": (2 * LIMIT, ahead("attended")),
    "statement": (6 * LIMIT, statement),
    "own attendance by month": (2 * SHORT_PAST, own_report(partial(reports.attendance_by, "month"))),
    "own attendance by class": (2 * SHORT_PAST, own_report(partial(reports.attendance_by, "class"))),
    "own marks": (2 * SHORT_PAST, own_report(reports.marks)),
    "vouchers": (5, vouchers_of),
    "meetings to make up at": (2 * LIMIT, make_ups),
}
"""The most rows each may look at: what it shows, and for a line or mark what it is about."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("page", PAGES)
async def test_a_page_looks_at_what_it_shows_and_little_else(academy: Academy, page: str, mode: Plans) -> None:
    explaining = Explaining(academy.pool, mode)
    most_rows, read = PAGES[page]
    assert await read(explaining, academy)
    assert not explaining.scanned_whole() & GROWING
    assert explaining.rows() <= most_rows
    assert explaining.blocks() <= BLOCKS_A_ROW * most_rows


@pytest.mark.timeout(300)
async def test_the_guard_sees_a_page_that_counts_the_past(academy: Academy) -> None:
    explaining = Explaining(academy.pool, "force_custom_plan")
    await explaining.fetch("SELECT count(*) FROM attendances WHERE class_id = $1", academy.class_id)
    assert explaining.rows() >= PAST * STUDENTS
    await explaining.fetch("SELECT max(marked_at) FROM attendances")
    assert explaining.scanned_whole() & GROWING
