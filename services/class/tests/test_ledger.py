"""The promise of the ledger: whatever happens in whatever order, it adds up, now and at any moment in the past."""

from datetime import datetime, timedelta
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from babyowl_chassis.database import Pool
from babyowl_kernel import Ok
from class_management.domain.values import AttendanceStatus, Mark, ZeroBalance
from class_management.queries.credits import credit_balance, credit_lines

from .school import AFTER_FIRST_MEETING, InMemory, InPostgres, School, Store

PRICE = {"present": 1, "late": 1, "absent": 0, "excused": 0, None: 0}
STUDENTS, MEETINGS = 2, 3

statuses = st.sampled_from(get_args(AttendanceStatus))
marks = st.tuples(st.integers(1, MEETINGS), st.dictionaries(st.integers(0, STUDENTS - 1), statuses, min_size=1))
adjustments = st.tuples(st.integers(0, STUDENTS - 1), st.integers(-4, 4).filter(bool))
histories = st.lists(st.one_of(marks, adjustments), max_size=20)
policies = st.sampled_from(get_args(ZeroBalance))


async def play(store: Store, policy: ZeroBalance, history: list[tuple[int, object]]) -> dict[datetime, list[int]]:
    """Carry out a history beside a model of it: a mark per meeting, and the sum of what was adjusted.

    Returns the balances of everybody at each moment.
    """
    school = await School(store).open()
    class_, students = await school.running(STUDENTS, package=MEETINGS, zero_balance=policy)
    school.clock.now = AFTER_FIRST_MEETING + timedelta(weeks=MEETINGS)
    marked: list[dict[int, str]] = [{} for _ in students]
    adjusted = [0] * STUDENTS

    def balance(student: int, marks: dict[int, str]) -> int:
        return MEETINGS + adjusted[student] - sum(PRICE[status] for status in marks.values())

    past: dict[datetime, list[int]] = {}
    for first, second in history:
        school.clock.now += timedelta(minutes=1)
        if isinstance(second, dict):
            entries = [Mark(students[student], status) for student, status in second.items()]
            register = school.register_of(class_, *entries, meeting=first)
            accepted = isinstance(await school.execute(register), Ok)
            then = [{**marked[s], first: second[s]} if s in second else marked[s] for s in range(STUDENTS)]
            costs_more = [PRICE[then[s].get(first)] > PRICE[marked[s].get(first)] for s in range(STUDENTS)]
            allowed = policy == "owe" or all(balance(s, then[s]) >= 0 or not costs_more[s] for s in range(STUDENTS))
            marked = then if allowed else marked
        else:
            assert isinstance(second, int)
            adjustment = school.adjustment(class_.id, students[first], second)
            accepted = isinstance(await school.execute(adjustment), Ok)
            allowed = policy == "owe" or second > 0 or balance(first, marked[first]) + second >= 0
            adjusted[first] += second if allowed else 0
        assert accepted == allowed
        expected = [balance(s, marked[s]) for s in range(STUDENTS)]
        assert [await school.balance(class_, student) for student in students] == expected
        assert policy == "owe" or min(expected) >= 0
        past[school.clock.now] = expected
    if isinstance(store, InPostgres):
        for moment, expected in past.items():
            found = [await credit_balance(store.pool, class_.id, s, as_of=moment) for s in students]
            assert [balance.balance for balance in found if balance] == expected
            for each in filter(None, found):
                [latest, *_] = await credit_lines(store.pool, each.enrollment_id, as_of=moment, after=None, limit=1)
                assert latest.balance == each.balance
    return past


@given(policy=policies, history=histories)
@settings(max_examples=60, deadline=None)
async def test_any_history_of_marks_and_adjustments_adds_up(
    policy: ZeroBalance, history: list[tuple[int, object]]
) -> None:
    await play(InMemory(), policy, history)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@given(policy=policies, history=histories)
@settings(max_examples=3_000, deadline=None)
async def test_and_so_do_thousands_of_histories(policy: ZeroBalance, history: list[tuple[int, object]]) -> None:
    await play(InMemory(), policy, history)


@pytest.mark.infra
@given(policy=policies, history=histories)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_and_in_postgres_at_every_moment_of_the_past(
    pool: Pool, policy: ZeroBalance, history: list[tuple[int, object]]
) -> None:
    await play(InPostgres(pool), policy, history)
