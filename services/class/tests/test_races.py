"""Writers at the same moment, on real Postgres."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from babyowl_chassis.bus import SqlTransactions
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted
from babyowl_kernel import Err, Ok
from class_management.application.commands.enroll_student import enroll_student
from class_management.application.commands.lapse_credits import LapseCredits
from class_management.application.commands.record_purchase import RecordPurchase
from class_management.domain.credit_errors import NoCreditLeft, PurchaseAlreadyRecorded
from class_management.domain.seat_errors import ClassFull, EnrollmentClosed
from class_management.domain.values import AttendanceStatus, Mark
from class_management.infrastructure.expiry import Expiry
from class_management.infrastructure.unit_of_work import ClassUnitOfWork

from .school import InPostgres, Planned, School

pytestmark = pytest.mark.infra


async def at_once(*outcomes: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*outcomes))


async def test_of_fifty_who_want_six_seats_exactly_six_get_one(real_school: School) -> None:
    school = real_school
    class_ = await school.planned(capacity=6)
    students = [await school.register("student") for _ in range(50)]
    outcomes = await at_once(*(school.execute(school.enrollment(class_.id, s)) for s in students))
    winners = {s for s, outcome in zip(students, outcomes, strict=True) if isinstance(outcome, Ok)}
    assert len(winners) == 6
    assert {outcome.refusal for outcome in outcomes if isinstance(outcome, Err)} == {ClassFull(6)}
    assert set((await school.store.class_(class_.id)).enrollments) == winners
    for student in winners:
        assert await school.balance(class_, student) == 8


async def test_activation_and_the_last_enrolment_are_won_by_one_cleanly(real_school: School) -> None:
    school = real_school
    for _ in range(10):
        class_ = await school.planned(capacity=1)
        student = await school.register("student")
        enrolled, activated = await at_once(
            school.execute(school.enrollment(class_.id, student)),
            school.execute(school.activation(class_.id)),
        )
        assert isinstance(activated, Ok)
        assert isinstance(enrolled, Ok) or enrolled == Err(EnrollmentClosed(class_.id))
        found = await school.store.class_(class_.id)
        assert found.status == "active"
        assert set(found.enrollments) == ({student} if isinstance(enrolled, Ok) else set())


@pytest.mark.parametrize("statuses", [("present", "present"), ("present", "absent"), ("absent", "excused")])
async def test_two_who_mark_the_same_student_first_leave_one_mark_and_one_charge(
    real_school: School, statuses: tuple[AttendanceStatus, AttendanceStatus]
) -> None:
    school = real_school
    for _ in range(5):
        class_, [student] = await school.running()
        for outcome in await at_once(
            *(school.execute(school.marking(class_, student, status)) for status in statuses)
        ):
            granted(outcome)
        mark = await school.store.attendance(class_.meetings[0].id, student)
        assert mark is not None
        assert mark.status in statuses
        history = await school.store.history(class_.meetings[0].id, student)
        assert len(history) == mark.revision == len(set(statuses))
        assert await school.balance(class_, student) == (7 if mark.status == "present" else 8)


async def test_two_registers_of_one_meeting_in_opposite_order_both_go_through(real_school: School) -> None:
    school = real_school
    class_, students = await school.running(30, capacity=30)
    forwards = [Mark(student, "present") for student in students]
    backwards = [Mark(student, "late") for student in reversed(students)]
    for outcome in await at_once(
        school.execute(school.register_of(class_, *forwards)),
        school.execute(school.register_of(class_, *backwards)),
    ):
        granted(outcome)
    for student in students:
        assert await school.balance(class_, student) == 7
        assert len(await school.store.history(class_.meetings[0].id, student)) == 2


async def test_registers_of_different_meetings_never_lose_a_charge(real_school: School) -> None:
    school = real_school
    class_, students = await school.running(5, package=4)
    school.clock.now += timedelta(weeks=4)
    everybody = [Mark(student, "present") for student in students]
    for outcome in await at_once(
        *(school.execute(school.register_of(class_, *everybody, meeting=n)) for n in range(1, 5))
    ):
        granted(outcome)
    assert [await school.balance(class_, student) for student in students] == [0] * 5


async def test_the_last_credit_is_spent_once(real_school: School) -> None:
    school = real_school
    class_, [student] = await school.running(package=2)
    granted(await school.execute(school.adjustment(class_.id, student, -1)))
    school.clock.now += timedelta(weeks=2)
    outcomes = await at_once(*(school.execute(school.marking(class_, student, "present", meeting=n)) for n in (1, 2)))
    assert [outcome for outcome in outcomes if isinstance(outcome, Err)] == [Err(NoCreditLeft(student, 0))]
    assert await school.balance(class_, student) == 0


async def test_a_correction_and_an_adjustment_both_count(real_school: School) -> None:
    school = real_school
    class_, students = await school.running(6)
    for student in students:
        await school.mark(class_, student, "present")
    both = [
        command
        for student in students
        for command in (
            school.execute(school.marking(class_, student, "absent")),
            school.execute(school.adjustment(class_.id, student, -3)),
        )
    ]
    for outcome in await at_once(*both):
        granted(outcome)
    assert [await school.balance(class_, student) for student in students] == [5] * 6


async def test_what_expires_is_spent_or_lapses_but_never_both(real_school: School) -> None:
    """Several replicas look for what has expired while the register of a meeting is being taken."""
    school = real_school
    assert isinstance(school.store, InPostgres)
    class_, students = await school.running(6, package=2, credit_days=7)
    for student in students:
        await school.mark(class_, student, "present")
        granted(await school.execute(school.adjustment(class_.id, student, 1)))
    school.clock.now = class_.meetings[1].starts_at
    replicas = [Expiry(school.store.pool, school.store.bus(school.clock), clock=school.clock) for _ in range(3)]
    register = school.register_of(class_, *(Mark(student, "present") for student in students), meeting=2)
    taken, *seen = await at_once(school.execute(register), *(replica.lapse_due() for replica in replicas))
    granted(taken)
    assert await replicas[0].lapse_due() == 0
    for student in students:
        assert await school.balance(class_, student) == 0
        causes = [line.cause for line in await school.store.ledger(class_.id, student)]
        assert causes == ["package", "attendance", "manual", "expiry", "attendance"]
    assert max(seen) <= len(students)


async def test_an_account_that_lapses_twice_at_once_lapses_once(real_school: School) -> None:
    school = real_school
    class_, [student] = await school.running(package=4, credit_days=7)
    account = await school.store.account(class_.id, student)
    school.clock.now += timedelta(days=8)
    for outcome in await at_once(*(school.execute(LapseCredits(enrollment_id=account.id)) for _ in range(8))):
        granted(outcome)
    assert await school.balance(class_, student) == 0
    assert [line.amount for line in await school.store.ledger(class_.id, student)] == [4, -4]


async def test_a_purchase_that_is_put_down_twice_at_once_counts_once(real_school: School) -> None:
    school = real_school
    class_, [student] = await school.running()
    purchase = RecordPurchase(class_id=class_.id, student_id=student, amount=4, reference="R-17", by=school.staff)
    outcomes = await at_once(*(school.execute(purchase) for _ in range(6)))
    refused = [outcome.refusal for outcome in outcomes if isinstance(outcome, Err)]
    assert refused == [PurchaseAlreadyRecorded("R-17")] * 5
    assert await school.balance(class_, student) == 12


async def test_marking_waits_for_nobody_who_changes_the_class(real_school: School) -> None:
    """An enrolment elsewhere has written all it writes, and not yet committed; a register is taken all the same."""
    school = real_school
    assert isinstance(school.store, InPostgres)
    class_, [student] = await school.running(type="private")
    enrolling = school.enrollment(class_.id, await school.register("student"))
    elsewhere = SqlTransactions(school.store.pool, ClassUnitOfWork)
    async with elsewhere.begin(locking=enrolling.exclusive) as transaction:
        uow = transaction.uow
        assert isinstance(uow, ClassUnitOfWork)
        granted(await enroll_student(enrolling, uow, school.clock, new_id))
        async with asyncio.timeout(5):
            await school.mark(class_, student, "present")
        await uow.flush()
        async with asyncio.timeout(5):
            await school.mark(class_, student, "absent")
    assert await school.balance(class_, student) == 8
    assert (await school.store.class_(class_.id)).version == class_version(class_, enrollments=2)


def class_version(class_: Planned, *, enrollments: int) -> int:
    """Planned, enrolled so often, activated: marking has not touched it."""
    return class_.class_.version + enrollments + 1


class TestInsertOnly:
    @pytest.mark.parametrize("table", ["credit_entries", "attendance_revisions", "enrollment_changes"])
    @pytest.mark.parametrize("change", ["UPDATE {} SET reason = 'nothing happened'", "DELETE FROM {}", "TRUNCATE {}"])
    async def test_what_was_written_there_stays(self, real_school: School, table: str, change: str) -> None:
        assert isinstance(real_school.store, InPostgres)
        class_, [student] = await real_school.running()
        await real_school.mark(class_, student, "present")
        with pytest.raises(asyncpg.RestrictViolationError, match="insert-only"):
            await real_school.store.pool.execute(change.format(table))

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("balance = balance + 1", "ck_credit_accounts_balance"),
            ("lots = '[]'", "ck_credit_accounts_balance"),
            ("owed = 1, balance = balance - 1", "ck_credit_accounts_owed"),
            ("owed = -1, balance = balance + 1", "ck_credit_accounts_owed"),
            ("""lots = '[{"remaining": -1}]', balance = -1""", "ck_credit_accounts_zero_balance"),
        ],
    )
    async def test_the_database_itself_lets_nobody_owe_and_no_account_tell_two_balances(
        self, real_school: School, change: str, constraint: str
    ) -> None:
        assert isinstance(real_school.store, InPostgres)
        await real_school.running()
        with pytest.raises(asyncpg.CheckViolationError, match=constraint):
            await real_school.store.pool.execute(f"UPDATE credit_accounts SET {change}")
