"""Two classes under the eyes of the model: each order is carried out by the bus and by the model, and compared."""

import asyncio
from copy import deepcopy
from datetime import datetime, time, timedelta
from itertools import permutations
from typing import TypeAlias
from uuid import UUID

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted
from babyowl_kernel import Command, Ok, Result
from class_management.application.commands.book_make_up import BookMakeUp
from class_management.application.commands.cancel_make_up import CancelMakeUp
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.end_voucher import EndVoucher
from class_management.application.commands.excuse_self import ExcuseSelf
from class_management.application.commands.move_meeting import MoveMeeting
from class_management.application.commands.take_attendance import MarkAttendance
from class_management.application.commands.withdraw_student import WithdrawStudent
from class_management.domain.values import Mark

from .guests import TUESDAY, as_student
from .make_up_model import (
    Book,
    CallOff,
    Cancel,
    Excuse,
    Leave,
    MarkAtHome,
    MarkGuest,
    Model,
    Move,
    Order,
    Return,
    SeatResident,
    Sweep,
)
from .school import Planned, School, Store

STUDENTS, HOME_MEETINGS, HOST_MEETINGS, HOST_SEATS = 3, 3, 4, 2
LASTS, LENGTH = timedelta(days=20), timedelta(hours=1)

Contents: TypeAlias = tuple[list[tuple[int, int]], dict[int, set[int]], dict[tuple[int, int], str], int]


class World:
    """A private class whose students excuse themselves, and one with few seats where they make up for it."""

    def __init__(self, store: Store) -> None:
        self.school, self.store = School(store), store
        self.students: list[UUID] = []

    async def open(self, residents: int) -> "World":
        school = await self.school.open()
        alike = {"type": "private", "time_zone": "UTC", "local_time": time(15), "duration": LENGTH}
        self.home = await school.planned(**alike, package=HOME_MEETINGS, make_up_days=LASTS.days)
        self.host = await school.planned(
            **alike,
            package=HOST_MEETINGS,
            capacity=HOST_SEATS,
            first_date=TUESDAY,
            instructor_id=await school.register("instructor"),
        )
        for class_ in (self.home, self.host):
            granted(await school.execute(school.activation(class_.id)))
        self.students = [await school.enroll(self.home.id) for _ in range(STUDENTS)]
        for _ in range(residents):
            await school.enroll(self.host.id)
        self.model = Model(
            HOME_MEETINGS,
            LASTS,
            HOST_SEATS,
            residents,
            [meeting.starts_at for meeting in self.home.meetings],
            [meeting.starts_at for meeting in self.host.meetings],
            LENGTH,
        )
        return self

    @property
    def now(self) -> datetime:
        return self.school.clock.now

    def wait(self, time: timedelta) -> None:
        self.school.clock.now += time

    def wait_until(self, moment: datetime) -> None:
        self.school.clock.now = max(self.now, moment)

    async def carry_out(self, order: Order) -> None:
        """One order: the bus accepts what the model accepts, and both end up with the same."""
        then = deepcopy(self.model)
        expected = then.carry_out(order, self.now)
        outcome = await self.school.execute(await self.command(order))
        assert isinstance(outcome, Ok) == expected, (order, outcome)
        self.model = then if expected else self.model
        assert await self.contents() == contents_of(self.model, self.now), order

    async def carry_out_at_once(self, orders: list[Order]) -> None:
        """Orders at the same moment: they end as if one had come after the other, in some order."""
        commands = [await self.command(order) for order in orders]
        outcomes = await asyncio.gather(*(self.school.execute(command) for command in commands))
        accepted = [isinstance(outcome, Ok) for outcome in outcomes]
        found = await self.contents()
        for sequence in permutations(range(len(orders))):
            then = deepcopy(self.model)
            answers_so = all(_as_answered(then, orders[n], accepted[n], self.now) for n in sequence)
            if answers_so and contents_of(then, self.now) == found:
                self.model = then
                return
        raise AssertionError(f"no sequence of {orders} ends with {outcomes} and {found}, after {self.model}")

    async def command(self, order: Order) -> Command[Result[object, object]]:
        """The order in the words of the service."""
        staff, home, host = self.school.staff, self.home.id, self.host.id
        match order:
            case MarkAtHome(student, meeting, status):
                return self._mark(self.home, student, meeting, status)
            case MarkGuest(student, meeting, status):
                return self._mark(self.host, student, meeting, status)
            case Excuse(student, meeting):
                return ExcuseSelf(
                    class_id=home,
                    meeting_id=self.home.meetings[meeting].id,
                    reason="A birthday",
                    by=as_student(self.students[student]),
                )
            case Book(student, missed, meeting):
                return BookMakeUp(
                    voucher_id=await self.voucher_id(student, missed),
                    class_id=host,
                    meeting_id=self.host.meetings[meeting].id,
                    by=as_student(self.students[student]),
                )
            case Cancel(student, missed):
                return CancelMakeUp(voucher_id=await self.voucher_id(student, missed), by=staff)
            case Sweep(student, missed):
                return EndVoucher(voucher_id=await self.voucher_id(student, missed))
            case CallOff(meeting):
                meeting_id = self.host.meetings[meeting].id
                return CancelMeeting(class_id=host, meeting_id=meeting_id, reason="Ill", replace=False, by=staff)
            case Move(meeting):
                tomorrow = self.model.host[meeting].date() + timedelta(days=1)
                meeting_id = self.host.meetings[meeting].id
                return MoveMeeting(class_id=host, meeting_id=meeting_id, local_date=tomorrow, by=staff)
            case Leave(student):
                return WithdrawStudent(class_id=home, student_id=self.students[student], by=staff)
            case Return(student):
                return self.school.enrollment(home, self.students[student])
            case SeatResident():
                return self.school.enrollment(host, await self.school.register("student"))

    def _mark(self, class_: Planned, student: int, meeting: int, status: str) -> MarkAttendance:
        return MarkAttendance(
            class_id=class_.id,
            meeting_id=class_.meetings[meeting].id,
            entry=Mark(self.students[student], status),  # type: ignore[arg-type]
            by=self.school.staff,
        )

    async def voucher_id(self, student: int, missed: int) -> UUID:
        """The voucher for an absence; one that does not exist, if there is none."""
        vouchers = await self.store.vouchers(self.students[student])
        meeting_id = self.home.meetings[missed].id
        return next((voucher.id for voucher in vouchers if voucher.meeting_id == meeting_id), new_id())

    async def contents(self) -> Contents:
        """Credits, seats at meetings ahead, and what vouchers are good for, as they are kept."""
        class_, now = await self.store.class_(self.host.id), self.now
        who = {student_id: n for n, student_id in enumerate(self.students)}
        which = {meeting.id: n for n, meeting in enumerate(self.home.meetings)}
        where = {meeting.id: n for n, meeting in enumerate(self.host.meetings)}
        credits_: list[tuple[int, int]] = []
        statuses: dict[tuple[int, int], str] = {}
        for student_id in self.students:
            balance = await self.school.balance(self.home, student_id)
            account = await self.store.account(self.home.id, student_id)
            credits_.append((balance, account.available))
            for voucher in await self.store.vouchers(student_id):
                statuses[who[student_id], which[voucher.meeting_id]] = voucher.status_at(now)
        seats: dict[int, set[int]] = {}
        for guest in class_.seats.guests:
            if guest.starts_at > now:
                seats.setdefault(where[guest.meeting_id], set()).add(who[guest.student_id])
        assert all(class_.seats.free_at(self.host.meetings[meeting].id) >= 0 for meeting in seats)
        return credits_, seats, statuses, len(class_.enrollments)


def contents_of(model: Model, now: datetime) -> Contents:
    """The same, as they should be."""
    students = range(STUDENTS)
    return (
        [(model.balance(student), model.available(student)) for student in students],
        {m: model.guests(m) for m in range(HOST_MEETINGS) if model.lies_ahead(m, now) and model.guests(m)},
        {key: slip.status(now) for key, slip in model.slips.items()},
        model.residents,
    )


def _as_answered(model: Model, order: Order, accepted: bool, now: datetime) -> bool:
    """Whether the model answers the same; carries the order out, if so and if it accepts."""
    then = deepcopy(model)
    if then.carry_out(order, now) != accepted:
        return False
    if accepted:
        vars(model).update(vars(then))
    return True
