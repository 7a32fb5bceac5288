"""Writers at the same moment, on real Postgres."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from babyowl_chassis.testing import granted
from babyowl_kernel import Err, Ok
from class_management.domain.class_ import Class
from class_management.domain.errors import ClassFull, EnrollmentClosed, NoCreditLeft
from class_management.domain.values import AttendanceStatus, Mark

from .academy import Academy, InPostgres

pytestmark = pytest.mark.infra


async def at_once(*outcomes: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*outcomes))


async def test_of_fifty_who_want_six_seats_exactly_six_get_one(real_academy: Academy) -> None:
    academy = real_academy
    class_ = await academy.planned(capacity=6)
    students = [await academy.register("student") for _ in range(50)]
    outcomes = await at_once(*(academy.execute(academy.enrollment(class_.id, s)) for s in students))
    winners = {s for s, outcome in zip(students, outcomes, strict=True) if isinstance(outcome, Ok)}
    assert len(winners) == 6
    assert {outcome.refusal for outcome in outcomes if isinstance(outcome, Err)} == {ClassFull(6)}
    assert set((await academy.store.class_(class_.id)).enrollments) == winners
    for student in winners:
        assert await academy.balance(class_, student) == 8


async def test_activation_and_the_last_enrolment_are_won_by_one_cleanly(real_academy: Academy) -> None:
    academy = real_academy
    for _ in range(10):
        class_ = await academy.planned(capacity=1)
        student = await academy.register("student")
        enrolled, activated = await at_once(
            academy.execute(academy.enrollment(class_.id, student)),
            academy.execute(academy.activation(class_.id)),
        )
        assert isinstance(activated, Ok)
        assert isinstance(enrolled, Ok) or enrolled == Err(EnrollmentClosed(class_.id))
        found = await academy.store.class_(class_.id)
        assert found.status == "active"
        assert set(found.enrollments) == ({student} if isinstance(enrolled, Ok) else set())


@pytest.mark.parametrize("statuses", [("present", "present"), ("present", "absent"), ("absent", "excused")])
async def test_two_who_mark_the_same_student_first_leave_one_mark_and_one_charge(
    real_academy: Academy, statuses: tuple[AttendanceStatus, AttendanceStatus]
) -> None:
    academy = real_academy
    for _ in range(5):
        class_, [student] = await academy.running()
        for outcome in await at_once(
            *(academy.execute(academy.marking(class_, student, status)) for status in statuses)
        ):
            granted(outcome)
        mark = await academy.store.attendance(class_.meetings[0].id, student)
        assert mark is not None
        assert mark.status in statuses
        history = await academy.store.history(class_.meetings[0].id, student)
        assert len(history) == mark.revision == len(set(statuses))
        assert await academy.balance(class_, student) == (7 if mark.status == "present" else 8)


async def test_two_registers_of_one_meeting_in_opposite_order_both_go_through(real_academy: Academy) -> None:
    academy = real_academy
    class_, students = await academy.running(30, capacity=30)
    forwards = [Mark(student, "present") for student in students]
    backwards = [Mark(student, "late") for student in reversed(students)]
    for outcome in await at_once(
        academy.execute(academy.register_of(class_, *forwards)),
        academy.execute(academy.register_of(class_, *backwards)),
    ):
        granted(outcome)
    for student in students:
        assert await academy.balance(class_, student) == 7
        assert len(await academy.store.history(class_.meetings[0].id, student)) == 2


async def test_registers_of_different_meetings_never_lose_a_charge(real_academy: Academy) -> None:
    academy = real_academy
    class_, students = await academy.running(5, package=4)
    academy.clock.now += timedelta(weeks=4)
    everybody = [Mark(student, "present") for student in students]
    for outcome in await at_once(
        *(academy.execute(academy.register_of(class_, *everybody, meeting=n)) for n in range(1, 5))
    ):
        granted(outcome)
    assert [await academy.balance(class_, student) for student in students] == [0] * 5


async def test_the_last_credit_is_spent_once(real_academy: Academy) -> None:
    academy = real_academy
    class_, [student] = await academy.running(package=2)
    granted(await academy.execute(academy.adjustment(class_.id, student, -1)))
    academy.clock.now += timedelta(weeks=2)
    outcomes = await at_once(
        *(academy.execute(academy.marking(class_, student, "present", meeting=n)) for n in (1, 2))
    )
    assert [outcome for outcome in outcomes if isinstance(outcome, Err)] == [Err(NoCreditLeft(student, 0))]
    assert await academy.balance(class_, student) == 0


async def test_a_correction_and_an_adjustment_both_count(real_academy: Academy) -> None:
    academy = real_academy
    class_, students = await academy.running(6)
    for student in students:
        await academy.mark(class_, student, "present")
    both = [
        command
        for student in students
        for command in (
            academy.execute(academy.marking(class_, student, "absent")),
            academy.execute(academy.adjustment(class_.id, student, -3)),
        )
    ]
    for outcome in await at_once(*both):
        granted(outcome)
    assert [await academy.balance(class_, student) for student in students] == [5] * 6


async def test_marking_waits_for_nobody_who_changes_the_class(real_academy: Academy) -> None:
    """The class's row is held by a writer elsewhere; a register is taken all the same."""
    academy = real_academy
    assert isinstance(academy.store, InPostgres)
    class_, [student] = await academy.running()
    async with academy.store.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM classes WHERE id = $1 FOR NO KEY UPDATE", class_.id)
        async with asyncio.timeout(5):
            await academy.mark(class_, student, "present")
    assert (await academy.store.class_(class_.id)).version == class_version(class_, enrollments=1)


def class_version(class_: Class, *, enrollments: int) -> int:
    """Planned, enrolled so often, activated: marking has not touched it."""
    return class_.version + enrollments + 1


class TestInsertOnly:
    @pytest.mark.parametrize("table", ["credit_entries", "attendance_revisions"])
    @pytest.mark.parametrize("change", ["UPDATE {} SET reason = 'nothing happened'", "DELETE FROM {}", "TRUNCATE {}"])
    async def test_what_was_written_there_stays(self, real_academy: Academy, table: str, change: str) -> None:
        assert isinstance(real_academy.store, InPostgres)
        class_, [student] = await real_academy.running()
        await real_academy.mark(class_, student, "present")
        with pytest.raises(asyncpg.RestrictViolationError, match="insert-only"):
            await real_academy.store.pool.execute(change.format(table))

    async def test_the_database_itself_lets_nobody_owe_where_the_class_refuses(self, real_academy: Academy) -> None:
        assert isinstance(real_academy.store, InPostgres)
        await real_academy.running()
        with pytest.raises(asyncpg.CheckViolationError, match="ck_credit_accounts_zero_balance"):
            await real_academy.store.pool.execute("UPDATE credit_accounts SET balance = -1")
