"""Random orders, one by one and at once: neither a seat nor a credit leaks, whatever happens in whatever order."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from .make_up_model import (
    UNMARKED,
    Book,
    CallOff,
    Cancel,
    Excuse,
    Leave,
    MarkAtHome,
    MarkGuest,
    Move,
    Order,
    Return,
    SeatResident,
    Sweep,
)
from .make_up_world import HOME_MEETINGS, HOST_MEETINGS, LENGTH, STUDENTS, World
from .school import InMemory
from .surviving import Driven, on_postgres, survive

students = st.integers(0, STUDENTS - 1)
missed, meetings = st.integers(0, HOME_MEETINGS - 1), st.integers(0, HOST_MEETINGS - 1)
statuses = st.sampled_from(("present", "late", "absent", "excused"))

at_home = st.builds(MarkAtHome, students, missed, statuses | st.just("excused"))
excuses = st.builds(Excuse, students, missed)
bookings, cancellations = st.builds(Book, students, missed, meetings), st.builds(Cancel, students, missed)
visits = st.builds(MarkGuest, students, meetings, statuses)
disturbances = st.builds(CallOff, meetings) | st.builds(Move, meetings)
comings = st.builds(Leave, students) | st.builds(Return, students) | st.builds(SeatResident)
sweeps = st.builds(Sweep, students, missed)
orders: st.SearchStrategy[Order] = st.one_of(
    at_home, excuses, bookings, bookings, cancellations, visits, disturbances, comings, sweeps
)
# Whole hours: a register that is open while its meeting still lies ahead is a matter of other tests.
durations = st.sampled_from([timedelta(hours=hours) for hours in (1, 24, 3 * 24, 8 * 24)])


class MakeUps(Driven):
    """One order after the other, each compared with the model before the next."""

    @initialize(residents=st.integers(0, 1), excused=st.sets(st.tuples(students, missed)))
    def open(self, residents: int, excused: set[tuple[int, int]]) -> None:
        self.world = self.run(World(type(self).store()).open(residents))
        for student, meeting in sorted(excused):
            self.give(Excuse(student, meeting))

    def give(self, order: Order) -> None:
        self.survived["orders"] += 1
        self.run(self.world.carry_out(order))

    @rule(time=durations)
    def wait(self, time: timedelta) -> None:
        self.world.wait(time)

    @rule(order=at_home | excuses)
    def note_absence(self, order: Order) -> None:
        self.give(order)

    @rule(order=bookings)
    def book(self, order: Order) -> None:
        self.give(order)

    @rule(order=cancellations)
    def cancel(self, order: Order) -> None:
        self.give(order)

    @rule(order=visits)
    def visit(self, order: Order) -> None:
        self.give(order)

    @rule(order=disturbances)
    def disturb(self, order: Order) -> None:
        self.give(order)

    @rule(order=comings)
    def come_and_go(self, order: Order) -> None:
        self.give(order)

    @rule(order=sweeps)
    def sweep(self, order: Order) -> None:
        self.give(order)

    # What random orders seldom come to: bookings that are possible, and guests whose meeting has begun.

    def slips(self, *statuses: str) -> list[tuple[int, int]]:
        slips = self.world.model.slips.items() if hasattr(self, "world") else ()
        return sorted(key for key, slip in slips if slip.status(self.world.now) in statuses)

    @precondition(lambda self: self.slips("open"))
    @rule(data=st.data(), meeting=meetings)
    def use_a_voucher(self, data: st.DataObject, meeting: int) -> None:
        student, missed = data.draw(st.sampled_from(self.slips("open")))
        self.give(Book(student, missed, meeting))

    @precondition(lambda self: self.slips("booked"))
    @rule(data=st.data(), status=statuses)
    def hold_the_meeting(self, data: st.DataObject, status: str) -> None:
        student, missed = data.draw(st.sampled_from(self.slips("booked")))
        meeting = self.world.model.slips[student, missed].meeting
        assert meeting is not None
        self.world.wait_until(self.world.model.host[meeting])
        self.give(MarkGuest(student, meeting, status))

    @precondition(lambda self: hasattr(self, "world") and self.world.model.visits)
    @rule(data=st.data(), status=statuses)
    def correct_a_visit(self, data: st.DataObject, status: str) -> None:
        student, meeting = data.draw(st.sampled_from(sorted(self.world.model.visits)))
        self.give(MarkGuest(student, meeting, status))

    @precondition(lambda self: self.slips("booked"))
    @rule(data=st.data(), late=st.booleans())
    def forget_the_register(self, data: st.DataObject, late: bool) -> None:
        student, missed = data.draw(st.sampled_from(self.slips("booked")))
        meeting = self.world.model.slips[student, missed].meeting
        assert meeting is not None
        due = self.world.model.host[meeting] + LENGTH + UNMARKED
        self.world.wait_until(due if late else due - timedelta(hours=1))
        self.give(Sweep(student, missed))

    @precondition(lambda self: self.slips("booked"))
    @rule(data=st.data())
    def call_off_at_the_last_moment(self, data: st.DataObject) -> None:
        student, missed = data.draw(st.sampled_from(self.slips("booked")))
        meeting = self.world.model.slips[student, missed].meeting
        assert meeting is not None
        self.world.wait_until(self.world.model.host[meeting] - timedelta(hours=1))
        self.give(CallOff(meeting))

    def teardown(self) -> None:
        self.survived["sequences"] += 1


class MakeUpsAtOnce(MakeUps):
    """Orders that come at the same moment, between others that come alone."""

    @precondition(lambda self: hasattr(self, "world"))
    @rule(batch=st.lists(orders, min_size=2, max_size=4))
    def at_once(self, batch: list[Order]) -> None:
        self.survived["orders"] += len(batch)
        self.survived["batches"] += 1
        self.run(self.world.carry_out_at_once(batch))

    @rule(student=students, voucher=missed, wanted=st.lists(meetings, min_size=2, max_size=3))
    def book_one_voucher_at_once(self, student: int, voucher: int, wanted: list[int]) -> None:
        self.at_once([Book(student, voucher, meeting) for meeting in wanted])

    @rule(vouchers=st.lists(st.tuples(students, missed), min_size=2, max_size=3), meeting=meetings)
    def want_one_seat_at_once(self, vouchers: list[tuple[int, int]], meeting: int) -> None:
        self.at_once([*(Book(student, voucher, meeting) for student, voucher in vouchers), SeatResident()])


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("examples", [20, pytest.param(1_000, marks=pytest.mark.chaos)])
def test_make_ups_come_to_what_the_model_says(examples: int, capsys: pytest.CaptureFixture[str]) -> None:
    with asyncio.Runner() as runner:
        survived = survive(MakeUps, InMemory, runner, examples=examples, steps=40)
    with capsys.disabled():
        print(f"\nmake-ups in memory, one by one: {survived}")


@pytest.mark.infra
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("examples", [8, pytest.param(500, marks=pytest.mark.chaos)])
def test_make_ups_at_once_end_as_if_one_had_come_after_the_other(
    postgres_admin_url: str, examples: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_postgres(postgres_admin_url) as (store, runner):
        survived = survive(MakeUpsAtOnce, store, runner, examples=examples, steps=25)
    with capsys.disabled():
        print(f"\nmake-ups on Postgres, at once: {survived}")
