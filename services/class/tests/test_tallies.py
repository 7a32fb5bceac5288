"""How often a student was what is kept with each mark, so that no page has to count marks."""

import asyncio
from datetime import datetime, timedelta
from random import Random
from typing import Any, get_args
from uuid import UUID

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.testing import granted
from babyowl_kernel import Ok
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.excuse_self import ExcuseSelf
from class_management.domain.values import AttendanceStatus, Mark
from class_management.queries.reports import MarkFilter, Period, attendance_by
from class_management.queries.roster import roster

from .school import InPostgres, Planned, School, actor

pytestmark = pytest.mark.infra

STATUSES: tuple[AttendanceStatus, ...] = get_args(AttendanceStatus)
KEPT = """
SELECT class_id, student_id, present, late, absent, excused, last_attended_at FROM attendance_tallies
WHERE present <> 0 OR late <> 0 OR absent <> 0 OR excused <> 0
"""
COUNTED = """
SELECT a.class_id, a.student_id, count(*) FILTER (WHERE a.status = 'present'),
    count(*) FILTER (WHERE a.status = 'late'), count(*) FILTER (WHERE a.status = 'absent'),
    count(*) FILTER (WHERE a.status = 'excused'),
    max(m.starts_at) FILTER (WHERE a.status IN ('present', 'late'))
FROM attendances a JOIN meetings m ON m.id = a.meeting_id WHERE m.status = 'planned' GROUP BY a.class_id, a.student_id
"""


def pool_of(school: School) -> Pool:
    assert isinstance(school.store, InPostgres)
    return school.store.pool


async def assert_counted(school: School) -> None:
    kept = {tuple(row) for row in await pool_of(school).fetch(KEPT)}
    assert kept == {tuple(row) for row in await pool_of(school).fetch(COUNTED)}
    assert kept


async def last_attended(school: School, student_id: UUID) -> datetime | None:
    found = await pool_of(school).fetch(f"{KEPT} AND student_id = $1", student_id)
    moment: datetime | None = found[0]["last_attended_at"]
    return moment


async def running(school: School, students: int) -> tuple[Planned, list[UUID]]:
    """A class of which all meetings lie behind."""
    class_, enrolled = await school.running(students=students, type="private", zero_balance="owe")
    school.clock.now += timedelta(days=100)
    return class_, enrolled


@pytest.mark.parametrize("seed", range(5))
async def test_tallies_are_the_sum_of_marks_after_any_marks_and_corrections(real_school: School, seed: int) -> None:
    school, chance = real_school, Random(seed)
    class_, students = await running(school, 4)
    for _ in range(25):
        some = chance.sample(students, chance.randint(1, 4))
        entries = [Mark(student, chance.choice(STATUSES)) for student in some]
        granted(await school.execute(school.register_of(class_, *entries, meeting=chance.randint(1, 5))))
    await assert_counted(school)


async def test_registers_of_several_meetings_at_once_are_all_counted(real_school: School) -> None:
    school = real_school
    class_, students = await running(school, 5)
    registers: list[tuple[list[UUID], AttendanceStatus]] = [(students, "present"), (students[::-1], "absent")]
    outcomes = await asyncio.gather(
        *(
            school.execute(school.register_of(class_, *(Mark(student, status) for student in order), meeting=meeting))
            for meeting in range(1, 9)
            for order, status in registers
        )
    )
    assert all(isinstance(outcome, Ok) for outcome in outcomes)
    await assert_counted(school)


async def test_who_was_not_there_after_all_was_last_there_before(real_school: School) -> None:
    school = real_school
    class_, [student] = await running(school, 1)
    first, _, third = (meeting.starts_at for meeting in class_.meetings[:3])
    await school.mark(class_, student, "late", meeting=1)
    await school.mark(class_, student, "absent", meeting=2)
    await school.mark(class_, student, "present", meeting=3)
    assert await last_attended(school, student) == third
    await school.mark(class_, student, "absent", meeting=3)
    assert await last_attended(school, student) == first
    await school.mark(class_, student, "excused", meeting=1)
    assert await last_attended(school, student) is None
    await school.mark(class_, student, "present", meeting=2)
    await assert_counted(school)


async def test_an_earlier_meeting_marked_later_does_not_count_as_the_last(real_school: School) -> None:
    school = real_school
    class_, [student] = await running(school, 1)
    await school.mark(class_, student, "present", meeting=3)
    await school.mark(class_, student, "present", meeting=1)
    assert await last_attended(school, student) == class_.meetings[2].starts_at


@pytest.mark.parametrize("end", ["cancelled", "completed", "meeting by meeting"])
async def test_an_excuse_from_a_meeting_that_is_cancelled_counts_nowhere(real_school: School, end: str) -> None:
    school = real_school
    class_, [sam, kim] = await school.running(students=2)
    await school.mark(class_, sam, "late")
    await school.mark(class_, kim, "excused")
    for student, meetings in ((sam, (2, 4, 6)), (kim, (4, 6))):
        for meeting in meetings:
            granted(await school.execute(excuse(class_, student, meeting)))
    school.clock.now = class_.meetings[2].ends_at  # from the second meeting sam was excused, and it took place
    match end:
        case "cancelled":
            granted(await school.execute(school.cancelling(class_.id)))
        case "completed":
            granted(await school.execute(school.completion(class_.id, cancel_remaining=True)))
        case _:
            for meeting in (4, 6):
                granted(await school.execute(calling_off(school, class_, meeting)))
    await assert_counted(school)
    school.clock.now += timedelta(days=365)
    reported = await report(school)
    assert reported == {sam: (0, 1, 0, 1), kim: (0, 0, 0, 1)}
    assert {line.student_id: counts_of(line) for line in await roster(pool_of(school), class_.id)} == reported


def excuse(class_: Planned, student_id: UUID, meeting: int) -> ExcuseSelf:
    return ExcuseSelf(
        class_id=class_.id,
        meeting_id=class_.meetings[meeting - 1].id,
        reason="A birthday",
        by=actor("student", student_id),
    )


def calling_off(school: School, class_: Planned, meeting: int) -> CancelMeeting:
    meeting_id = class_.meetings[meeting - 1].id
    return CancelMeeting(class_id=class_.id, meeting_id=meeting_id, reason="Ill", replace=False, by=school.staff)


def counts_of(line: Any) -> tuple[int, ...]:
    return tuple(getattr(line, status) for status in STATUSES)


async def report(school: School) -> dict[UUID, tuple[int, ...]]:
    """What the report on students counts for each of them."""
    wanted = MarkFilter(period=Period())
    select = attendance_by("student", "all", school.staff.user_id, wanted, now=school.clock.now)
    rows = await pool_of(school).fetch(select.text, *select.arguments)
    return {row["student_id"]: tuple(row[status] for status in STATUSES) for row in rows}
