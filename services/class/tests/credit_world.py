"""A small school under the eyes of the model: each order is carried out by the bus and by the model, and compared."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any, TypeAlias
from uuid import UUID

from babyowl_chassis.database import Pool
from babyowl_chassis.testing import granted
from babyowl_kernel import Clock, Command, Err, NewId, Ok, Result
from class_management.application.commands.lapse_credits import LapseCredits
from class_management.application.commands.record_purchase import RecordPurchase
from class_management.application.commands.take_attendance import TakeAttendance
from class_management.application.commands.transfer_student import TransferStudent
from class_management.application.commands.withdraw_student import WithdrawStudent
from class_management.application.ports import UnitOfWork
from class_management.domain.attendance import Attendance
from class_management.domain.credit_errors import NoCreditLeft
from class_management.domain.credits import CreditAccount
from class_management.domain.errors import StudentNotEnrolled
from class_management.domain.values import MEETING_PRICE, Mark
from class_management.infrastructure.unit_of_work import ClassUnitOfWork
from class_management.queries.credits import credit_balance

from .credit_model import (
    HOST,
    PRICE,
    Adjust,
    Buy,
    Enroll,
    Lapse,
    LedgerLine,
    MarkGuest,
    Model,
    Order,
    Release,
    Seat,
    SetAside,
    Take,
    Transfer,
    Withdraw,
    replay,
)
from .memory import LEDGER, MemoryClassUnitOfWork
from .school import InMemory, InPostgres, Planned, School, Store

CLASSES, STUDENTS, MEETINGS, VOUCHERS = 2, 2, 3, 2

Outcome: TypeAlias = Result[object, object]
Content: TypeAlias = tuple[int, datetime | None, bool]
Contents: TypeAlias = dict[Seat, tuple[list[Content], int, datetime | None]]

_LINES = """
SELECT number, amount, balance, cause, lot_id, meeting_id, posted_at FROM credit_entries
WHERE enrollment_id = $1 ORDER BY number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepForMakeUp(Command[Outcome]):
    """Set a credit aside, or release it, as booking a make-up and giving it up do."""

    class_id: UUID
    student_id: UUID
    voucher_id: UUID
    aside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkAGuest(Command[Outcome]):
    """Mark a guest, paid with what was set aside."""

    class_id: UUID
    student_id: UUID
    voucher_id: UUID
    host_class_id: UUID
    meeting_id: UUID
    entry: Mark


async def keep_for_make_up(command: KeepForMakeUp, uow: UnitOfWork, clock: Clock, new_id: NewId) -> Outcome:
    account = await _account(uow, command.class_id, command.student_id)
    if account is None:
        return Err(StudentNotEnrolled(command.student_id))
    if command.aside:
        return account.set_aside(command.voucher_id, by=command.student_id, now=clock(), new_id=new_id)
    account.release(command.voucher_id, by=command.student_id, now=clock(), new_id=new_id)
    return Ok(None)


async def mark_a_guest(command: MarkAGuest, uow: UnitOfWork, clock: Clock, new_id: NewId) -> Outcome:
    register = await uow.registers.of_meeting(command.host_class_id, command.meeting_id)
    account = await _account(uow, command.class_id, command.student_id)
    if register is None or account is None:
        return Err(StudentNotEnrolled(command.student_id))
    found = await uow.attendances.of_meeting(command.meeting_id, [command.student_id])
    attendance = found.get(command.student_id)
    if attendance is None:
        attendance = Attendance.blank(register, command.student_id, new_id)
        uow.attendances.add(attendance)
    by, now = command.student_id, clock()
    due = MEETING_PRICE[command.entry.status] - attendance.price
    paid: Result[UUID | None, NoCreditLeft] = Ok(attendance.lot_id)
    if due > 0:
        paid = account.spend_set_aside(command.voucher_id, attendance, by=by, now=now, new_id=new_id)
    elif due < 0:
        account.unspend_set_aside(attendance, by=by, now=now, new_id=new_id)
        paid = Ok(None)
    if isinstance(paid, Err):
        return paid
    attendance.mark(register, command.entry, paid_from=paid.value, by=by, now=now)
    return Ok(attendance)


async def _account(uow: UnitOfWork, class_id: UUID, student_id: UUID) -> CreditAccount | None:
    return (await uow.accounts.of_students(class_id, [student_id])).get(student_id)


class World:
    """Two private classes, two students, a class where they are guests, and a model of it all."""

    def __init__(self, store: Store) -> None:
        self.school = School(store, {KeepForMakeUp: keep_for_make_up, MarkAGuest: mark_a_guest})
        self.store = store
        self.model = Model(True, 0, None, {})
        self.classes: dict[int, Planned] = {}
        self.students: list[UUID] = []
        self.vouchers = [[UUID(int=2 + s * VOUCHERS + v) for v in range(VOUCHERS)] for s in range(STUDENTS)]
        self.enrollments: dict[Seat, UUID] = {}
        self.past: dict[datetime, dict[Seat, int]] = {}

    async def open(self, *, refuses: bool, days: int | None) -> "World":
        school = await self.school.open()
        for class_ in (*range(CLASSES), HOST):
            planned = await school.planned(
                type="private",
                package=MEETINGS,
                zero_balance="refuse" if refuses else "owe",
                credit_days=days,
                make_up_days=None,
                local_time=time(16 + class_),
            )
            granted(await school.execute(school.activation(planned.id)))
            self.classes[class_] = planned
        self.students = [await school.register("student") for _ in range(STUDENTS)]
        starts = {n: [meeting.starts_at for meeting in planned.meetings] for n, planned in self.classes.items()}
        lasts = None if days is None else timedelta(days=days)
        self.model = Model(refuses=refuses, package=MEETINGS, lasts=lasts, starts=starts)
        return self

    async def wait(self, time: timedelta) -> None:
        self.school.clock.now += time
        for account in self.model.accounts.values():
            account.wait_until(self.now)
        self._remember()

    @property
    def now(self) -> datetime:
        return self.school.clock.now

    async def carry_out(self, order: Order) -> None:
        """One order: the bus accepts what the model accepts, and both end up with the same."""
        then = deepcopy(self.model)
        expected = then.carry_out(order, self.now)
        outcome = await self.school.execute(self.command(order))
        assert isinstance(outcome, Ok) == expected, (order, outcome)
        if expected:
            self.model = then
        assert await self.contents() == contents_of(self.model, self.now)
        self._remember()

    async def carry_out_at_once(self, orders: list[Order]) -> None:
        """Orders at the same moment: they end as if one had come after the other, in some order."""
        outcomes = await asyncio.gather(*(self.school.execute(self.command(order)) for order in orders))
        accepted = [isinstance(outcome, Ok) for outcome in outcomes]
        found = await self.contents()
        for sequence in permutations(range(len(orders))):
            then = self._one_by_one([orders[n] for n in sequence], [accepted[n] for n in sequence])
            if then is not None and contents_of(then, self.now) == found:
                self.model = then
                self._remember()
                return
        raise AssertionError(f"no sequence of {orders} ends with {accepted} and {found}")

    def _one_by_one(self, orders: list[Order], accepted: list[bool]) -> Model | None:
        model = deepcopy(self.model)
        for order, expected in zip(orders, accepted, strict=True):
            then = deepcopy(model)
            if then.carry_out(order, self.now) != expected:
                return None
            model = then if expected else model
        return model

    def _remember(self) -> None:
        self.past[self.now] = {seat: account.balance for seat, account in self.model.accounts.items()}

    def command(self, order: Order) -> Command[Outcome]:
        """The order in the words of the service."""
        staff, now = self.school.staff, self.now
        match order:
            case Enroll(seat):
                return self.school.enrollment(*self.ids(seat))
            case Withdraw(seat):
                class_id, student_id = self.ids(seat)
                return WithdrawStudent(class_id=class_id, student_id=student_id, by=staff)
            case Transfer(seat, to):
                class_id, student_id = self.ids(seat)
                to_class_id = self.classes[to].id
                return TransferStudent(class_id=class_id, student_id=student_id, to_class_id=to_class_id, by=staff)
            case Take(class_, meeting, marks):
                planned = self.classes[class_]
                entries = tuple(Mark(self.students[student], status) for student, status in marks)
                meeting_id = planned.meetings[meeting].id
                return TakeAttendance(class_id=planned.id, meeting_id=meeting_id, entries=entries, by=staff)
            case MarkGuest(student, meeting, status):
                class_id, student_id = self.ids(order.seat)
                return MarkAGuest(
                    class_id=class_id,
                    student_id=student_id,
                    voucher_id=self.vouchers[student][order.voucher],
                    host_class_id=self.classes[HOST].id,
                    meeting_id=self.classes[HOST].meetings[meeting].id,
                    entry=Mark(student_id, status),
                )
            case Adjust(seat, amount, lasts):
                expires_at = None if lasts is None else now + lasts
                adjustment = self.school.adjustment(*self.ids(seat), amount)
                return type(adjustment)(
                    class_id=adjustment.class_id,
                    student_id=adjustment.student_id,
                    amount=amount,
                    reason=adjustment.reason,
                    expires_at=expires_at,
                    by=staff,
                )
            case Buy(seat, amount, reference, lasts):
                class_id, student_id = self.ids(seat)
                expires_at = None if lasts is None else now + lasts
                return RecordPurchase(
                    class_id=class_id,
                    student_id=student_id,
                    amount=amount,
                    reference=reference,
                    expires_at=expires_at,
                    by=staff,
                )
            case SetAside(seat, voucher) | Release(seat, voucher):
                class_id, student_id = self.ids(seat)
                return KeepForMakeUp(
                    class_id=class_id,
                    student_id=student_id,
                    voucher_id=self.vouchers[seat[1]][voucher],
                    aside=isinstance(order, SetAside),
                )
            case Lapse(seat):
                return LapseCredits(enrollment_id=self.enrollments.get(seat, UUID(int=0)))

    def ids(self, seat: Seat) -> tuple[UUID, UUID]:
        return self.classes[seat[0]].id, self.students[seat[1]]

    async def accounts(self) -> dict[Seat, CreditAccount]:
        """All accounts there are."""
        numbers = {planned.id: n for n, planned in self.classes.items()}
        found = [account for planned in self.classes.values() for account in await self._of_class(planned.id)]
        return {(numbers[each.class_id], self.students.index(each.student_id)): each for each in found}

    async def _of_class(self, class_id: UUID) -> list[CreditAccount]:
        if isinstance(self.store, InMemory):
            return await MemoryClassUnitOfWork(self.store.store).accounts.of_class(class_id)
        async with self.pool.acquire() as connection:
            return await ClassUnitOfWork(connection).accounts.of_class(class_id)

    @property
    def pool(self) -> Pool:
        assert isinstance(self.store, InPostgres)
        return self.store.pool

    async def contents(self) -> Contents:
        """What the accounts hold, however much of it that has expired still stands in them."""
        found = await self.accounts()
        self.enrollments = {seat: account.id for seat, account in found.items()}
        return {
            seat: (
                in_order(
                    (lot.remaining, lot.expires_at, lot.is_set_aside)
                    for lot in account.lots
                    if lot.remaining and (lot.expires_at is None or lot.expires_at > self.now)
                ),
                account.owed,
                account.closed_at,
            )
            for seat, account in found.items()
        }

    async def ledger_of(self, account: CreditAccount) -> list[LedgerLine]:
        """The lines of an account in their order."""
        lots = {lot.id: lot for lot in account.lots}
        lines: list[Any]
        if isinstance(self.store, InMemory):
            lines = [line for line in self.store.store.facts[LEDGER] if line.enrollment_id == account.id]
        else:
            lines = [SimpleNamespace(**row) for row in await self.pool.fetch(_LINES, account.id)]
        return [
            LedgerLine(
                number=line.number,
                amount=line.amount,
                balance=line.balance,
                cause=line.cause,
                lot_id=line.lot_id,
                expires_at=None if line.lot_id is None else lots[line.lot_id].expires_at,
                set_aside=line.lot_id is not None and lots[line.lot_id].is_set_aside,
                meeting_id=line.meeting_id,
                posted_at=line.posted_at,
            )
            for line in lines
        ]

    async def audit(self) -> None:
        """Hold every line against the rules, and every mark against what it has cost."""
        cost: Counter[tuple[UUID, UUID]] = Counter()
        for account in (await self.accounts()).values():
            lines = await self.ledger_of(account)
            left, owed = replay(lines, refuses=self.model.refuses)
            # A spent lot that was brought along has no line here, until a correction goes back into it.
            assert dict.fromkeys((lot.id for lot in account.lots), 0) | left == {
                lot.id: lot.remaining for lot in account.lots
            }
            assert (owed, len(lines)) == (account.owed, account.entries)
            assert account.balance == sum(line.amount for line in lines)
            for line in lines:
                if line.meeting_id is not None:
                    cost[line.meeting_id, account.student_id] -= line.amount
        for (class_, meeting, student), status in self.model.marks.items():
            key = self.classes[class_].meetings[meeting].id, self.students[student]
            found = await self.store.attendance(*key)
            assert found is not None
            assert (found.status, cost.pop(key, 0)) == (status, PRICE[status])
        assert not any(cost.values()), "something was charged for a meeting that nobody marked"

    async def audit_balances(self) -> None:
        """Ask the service itself for the balance of every moment that was, and of some that are to come."""
        for moment, expected in self.past.items():
            for seat, balance in expected.items():
                assert await self._balance(seat, moment) == balance, (seat, moment)
        for days in (1, 3, 30):
            ahead = deepcopy(self.model)
            for seat, account in ahead.accounts.items():
                account.wait_until(self.now + timedelta(days=days))
                assert await self._balance(seat, self.now + timedelta(days=days)) == account.balance

    async def _balance(self, seat: Seat, as_of: datetime) -> int:
        found = await credit_balance(self.pool, *self.ids(seat), as_of=as_of)
        assert found is not None
        assert sum(lot["remaining"] for lot in found.lots) - found.owed == found.balance
        return found.balance


def contents_of(model: Model, now: datetime) -> Contents:
    """What the model's accounts hold at that moment."""
    then = deepcopy(model.accounts)
    for account in then.values():
        account.wait_until(now)
    return {seat: (in_order(each.contents()), each.owed, each.left_at) for seat, each in then.items()}


def in_order(lots: Iterable[Content]) -> list[Content]:
    return sorted(lots, key=lambda lot: (str(lot[1]), lot))
