"""Years of an academy, made at once: what a class has behind it, and what goes on elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy

from babyowl_chassis.database import Pool

# One meeting a day before the first, each with a mark for everybody in the class.
_MEETINGS = """
INSERT INTO meetings SELECT older.* FROM meetings m, generate_series(1, $2::int) n,
    LATERAL (SELECT max(number) AS number FROM meetings WHERE class_id = $1) last,
    LATERAL jsonb_populate_record(m, jsonb_build_object(
        'id', gen_random_uuid(), 'number', last.number + n, 'local_date', m.local_date - n,
        'starts_at', m.starts_at - n * interval '1 day', 'ends_at', m.ends_at - n * interval '1 day')) older
WHERE m.class_id = $1 AND m.number = 1
"""
_MARKS = """
INSERT INTO attendances (id, version, class_id, meeting_id, student_id, status, revision, marked_by, marked_at)
SELECT gen_random_uuid(), 1, m.class_id, m.id, e.student_id,
    (ARRAY['present', 'late', 'absent', 'excused'])[1 + (row_number() OVER ())::int % 4], 1, m.instructor_id,
    m.ends_at
FROM meetings m JOIN enrollments e ON e.class_id = m.class_id
WHERE m.class_id = $1 AND m.starts_at < (SELECT starts_at FROM meetings WHERE class_id = $1 AND number = 1)
ORDER BY m.starts_at, e.student_id LIMIT $2
"""
_REVISIONS = """
INSERT INTO attendance_revisions (attendance_id, revision, status, marked_by, marked_at)
SELECT id, revision, status, marked_by, marked_at FROM attendances a WHERE class_id = $1
    AND NOT EXISTS (SELECT FROM attendance_revisions r WHERE r.attendance_id = a.id)
"""
_TALLIES = """
INSERT INTO attendance_tallies
SELECT a.class_id, a.student_id, count(*) FILTER (WHERE a.status = 'present'),
    count(*) FILTER (WHERE a.status = 'late'), count(*) FILTER (WHERE a.status = 'absent'),
    count(*) FILTER (WHERE a.status = 'excused'), max(m.starts_at) FILTER (WHERE a.status IN ('present', 'late'))
FROM attendances a JOIN meetings m ON m.id = a.meeting_id WHERE a.class_id = $1 GROUP BY a.class_id, a.student_id
"""
# All of it is owed: what came with the seat is still there.
_LEDGER = """
INSERT INTO credit_entries (id, enrollment_id, number, amount, balance, cause, meeting_id, attendance_revision,
    posted_by, posted_at)
SELECT gen_random_uuid(), c.id, c.entries + n, -1, c.balance - n, 'attendance', a.meeting_id, 1, a.marked_by,
    c.last_entry_at
FROM (SELECT *, row_number() OVER (PARTITION BY student_id ORDER BY marked_at) AS n FROM attendances
    WHERE class_id = $1 AND status IN ('present', 'late')) a
JOIN credit_accounts c ON c.class_id = a.class_id AND c.student_id = a.student_id
"""
_OWED = """
UPDATE credit_accounts c
SET owed = c.owed + charged.n, balance = c.balance - charged.n, entries = c.entries + charged.n
FROM (SELECT student_id, (present + late) AS n FROM attendance_tallies WHERE class_id = $1) AS charged
WHERE c.class_id = $1 AND c.student_id = charged.student_id
"""

_TABLES = (
    "classes",
    "timetables",
    "meetings",
    "enrollments",
    "credit_accounts",
    "attendances",
    "attendance_revisions",
    "attendance_tallies",
    "credit_entries",
)
_IDS = """
SELECT string_agg(format('%L, md5(original.%I::text || n)', column_name, column_name), ', ')
FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 AND data_type = 'uuid'
"""
# A copy of everything, with ids of its own: other people, in other classes, with another history.
_COPY = """
INSERT INTO {table} SELECT copied.* FROM {table} original, generate_series(1, {copies}) n,
    LATERAL jsonb_populate_record(original, jsonb_strip_nulls(jsonb_build_object({ids}))) copied
"""


async def give_a_past(pool: Pool, class_id: UUID, meetings: int, *, marks: int | None = None) -> None:
    """Let so many meetings lie behind a class of the zero-balance policy `owe`, everybody marked at each.

    With `marks`, only as many as that are marked, the earliest first.
    """
    async with _at_leisure(pool) as connection:
        await connection.execute(_MEETINGS, class_id, meetings)
        await connection.execute(_MARKS, class_id, marks)
        for statement in (_REVISIONS, _TALLIES, _LEDGER, _OWED):
            await connection.execute(statement, class_id)
        await connection.execute("ANALYZE")


async def copy_everything(pool: Pool, copies: int) -> None:
    """Let all there is happen so many times more, elsewhere."""
    async with _at_leisure(pool) as connection:
        for table in _TABLES:
            ids = await connection.fetchval(_IDS, table)
            await connection.execute(_COPY.format(table=table, ids=ids, copies=copies))
        await connection.execute("ANALYZE")


@asynccontextmanager
async def _at_leisure(pool: Pool) -> "AsyncIterator[PoolConnectionProxy[Record]]":
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0")
        yield connection
