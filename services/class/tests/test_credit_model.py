"""Random orders, one by one and at once: credits behave as the model says, and the ledger can be read to the end.

Hypothesis drives the bus and a plain model side by side. The small runs belong to every test run; the long ones,
marked chaos, say how many sequences of orders the model has survived.
"""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from .credit_model import (
    Adjust,
    Buy,
    Enroll,
    Lapse,
    MarkGuest,
    Order,
    Release,
    SetAside,
    Take,
    Transfer,
    Withdraw,
)
from .credit_world import CLASSES, MEETINGS, STUDENTS, VOUCHERS, World
from .school import InMemory, InPostgres
from .surviving import Driven, on_postgres, survive

classes, students = st.integers(0, CLASSES - 1), st.integers(0, STUDENTS - 1)
seats = st.tuples(classes, students)
meetings, vouchers = st.integers(0, MEETINGS - 1), st.integers(0, VOUCHERS - 1)
statuses = st.sampled_from(("present", "late", "absent", "excused"))
lasting = st.sampled_from((None, timedelta(hours=1), timedelta(days=1), timedelta(days=10)))
registers = st.dictionaries(students, statuses, min_size=1).map(lambda marks: tuple(sorted(marks.items())))

takings = st.builds(Take, classes, meetings, registers)
guests = st.builds(MarkGuest, students, meetings, statuses)
adjustments = st.builds(Adjust, seats, st.integers(-4, 4).filter(bool), lasting)
purchases = st.builds(Buy, seats, st.integers(1, 4), st.sampled_from(("R-1", "R-2", "R-3", "R-4")), lasting)
enrolments, withdrawals = st.builds(Enroll, seats), st.builds(Withdraw, seats)
transfers = st.builds(Transfer, seats, classes)
setting_aside, releases = st.builds(SetAside, seats, vouchers), st.builds(Release, seats, vouchers)
lapses = st.builds(Lapse, seats)
orders: st.SearchStrategy[Order] = st.one_of(
    takings, guests, adjustments, purchases, enrolments, withdrawals, transfers, setting_aside, releases, lapses
)
durations = st.sampled_from((timedelta(minutes=30), timedelta(hours=5), timedelta(days=1), timedelta(days=8)))


class Credits(Driven):
    """One order after the other, each compared with the model before the next."""

    @initialize(refuses=st.booleans(), days=st.sampled_from((None, 7)), first=st.lists(seats, unique=True))
    def open(self, refuses: bool, days: int | None, first: list[tuple[int, int]]) -> None:
        self.world = self.run(World(type(self).store()).open(refuses=refuses, days=days))
        for seat in first:
            self.give(Enroll(seat))

    def give(self, order: Order) -> None:
        self.survived["orders"] += 1
        self.run(self.world.carry_out(order))

    @rule(time=durations)
    def wait(self, time: timedelta) -> None:
        self.run(self.world.wait(time))

    @rule(order=takings)
    def take(self, order: Order) -> None:
        self.give(order)

    @rule(order=takings)
    def correct(self, order: Order) -> None:
        self.give(order)

    @rule(order=st.one_of(enrolments, withdrawals, transfers))
    def come_and_go(self, order: Order) -> None:
        self.give(order)

    @rule(order=st.one_of(adjustments, purchases))
    def pay(self, order: Order) -> None:
        self.give(order)

    @rule(order=st.one_of(setting_aside, releases, guests))
    def make_up(self, order: Order) -> None:
        self.give(order)

    @rule(order=lapses)
    def lapse(self, order: Order) -> None:
        self.give(order)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.run(self.world.audit())
        if isinstance(self.world.store, InPostgres):
            self.run(self.world.audit_balances())
        self.survived["sequences"] += 1


class CreditsAtOnce(Credits):
    """Orders that come at the same moment, between others that come alone."""

    @precondition(lambda self: hasattr(self, "world"))
    @rule(batch=st.lists(orders, min_size=2, max_size=4))
    def at_once(self, batch: list[Order]) -> None:
        self.survived["orders"] += len(batch)
        self.survived["batches"] += 1
        self.run(self.world.carry_out_at_once(batch))

    @rule(order=takings, times=st.integers(2, 4))
    def the_same_at_once(self, order: Order, times: int) -> None:
        self.at_once([order] * times)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("examples", [40, pytest.param(3_000, marks=pytest.mark.chaos)])
def test_credits_behave_as_the_model_says(examples: int, capsys: pytest.CaptureFixture[str]) -> None:
    with asyncio.Runner() as runner:
        survived = survive(Credits, InMemory, runner, examples=examples, steps=40)
    with capsys.disabled():
        print(f"\nin memory, one by one: {survived}")


@pytest.mark.infra
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("examples", [6, pytest.param(500, marks=pytest.mark.chaos)])
def test_and_on_postgres_where_the_balance_of_any_moment_can_be_asked_for(
    postgres_admin_url: str, examples: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_postgres(postgres_admin_url) as (store, runner):
        survived = survive(Credits, store, runner, examples=examples, steps=30)
    with capsys.disabled():
        print(f"\non Postgres, one by one: {survived}")


@pytest.mark.infra
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("examples", [8, pytest.param(500, marks=pytest.mark.chaos)])
def test_orders_at_once_end_as_if_one_had_come_after_the_other(
    postgres_admin_url: str, examples: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_postgres(postgres_admin_url) as (store, runner):
        survived = survive(CreditsAtOnce, store, runner, examples=examples, steps=25)
    with capsys.disabled():
        print(f"\non Postgres, at once: {survived}")
