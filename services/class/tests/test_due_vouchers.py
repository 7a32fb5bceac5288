"""Vouchers that time alone ends: whoever looks for them, and however often."""

import asyncio
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

import pytest

from babyowl_chassis.testing import granted
from babyowl_chassis.unit_of_work import VersionConflict
from babyowl_contracts.class_ import MakeUpVoucherEnded
from babyowl_kernel import Clock, NewId, Ok, Result
from class_management.application.commands.end_voucher import EndVoucher, end_voucher
from class_management.domain.values import UNMARKED_GUEST_MISSED_AFTER
from class_management.infrastructure import due_vouchers
from class_management.infrastructure.due_vouchers import DueVouchers
from class_management.infrastructure.unit_of_work import ClassUnitOfWork

from .guests import Exchange
from .school import Handlers, InPostgres, School

pytestmark = pytest.mark.infra

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def exchange(real_school: School) -> Exchange:
    return await Exchange.between(real_school)


def due_in(exchange: Exchange, handlers: Handlers = MappingProxyType({})) -> DueVouchers:
    school = exchange.school
    assert isinstance(school.store, InPostgres)
    return DueVouchers(school.store.pool, school.store.bus(school.clock, handlers), clock=school.clock)


async def outcomes(exchange: Exchange) -> list[str]:
    events = await exchange.school.store.events()
    return sorted(event.outcome for event in events if isinstance(event, MakeUpVoucherEnded))


async def test_all_that_are_due_end_and_the_others_stay(exchange: Exchange) -> None:
    students = [await exchange.school.enroll(exchange.home.id) for _ in range(3)]
    vouchers = [(await exchange.excused(student))[1] for student in students]
    await exchange.school.execute(exchange.booking(vouchers[0]))
    due = due_in(exchange)
    exchange.school.clock.now = exchange.host.meetings[1].ends_at + UNMARKED_GUEST_MISSED_AFTER - MINUTE
    assert await due.end() == 0
    exchange.school.clock.now += MINUTE
    assert await due.end() == 1
    assert await exchange.left(students[0]) == (8, 8)
    exchange.school.clock.now = vouchers[1].expires_at
    assert await due.end() == 2
    assert await due.end() == 0
    assert await outcomes(exchange) == ["expired", "expired", "missed"]


async def test_more_than_are_looked_for_at_once(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_vouchers, "AT_ONCE", 2)
    students = [await exchange.school.enroll(exchange.home.id) for _ in range(5)]
    vouchers = [(await exchange.excused(student))[1] for student in students]
    exchange.school.clock.now = vouchers[0].expires_at
    assert await due_in(exchange).end() == 5
    assert await outcomes(exchange) == ["expired"] * 5


async def test_those_that_expire_and_those_nobody_marked_come_in_the_order_of_their_time(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two kinds of due, on pages of one: none is passed over, and none is seen to twice."""
    monkeypatch.setattr(due_vouchers, "AT_ONCE", 1)
    students = [await exchange.school.enroll(exchange.home.id) for _ in range(6)]
    vouchers = [(await exchange.excused(student))[1] for student in students]
    for voucher in vouchers[::2]:
        granted(await exchange.school.execute(exchange.booking(voucher)))
    seen: list[UUID] = []

    async def note(command: EndVoucher, uow: ClassUnitOfWork) -> Ok[None]:
        seen.append(command.voucher_id)
        return Ok(None)

    exchange.school.clock.now = vouchers[0].expires_at
    assert await due_in(exchange, {EndVoucher: note}).end() == 6
    assert set(seen[:3]) == {voucher.id for voucher in vouchers[::2]}
    assert set(seen[3:]) == {voucher.id for voucher in vouchers[1::2]}
    assert await due_in(exchange).end() == 6
    assert await outcomes(exchange) == ["expired"] * 3 + ["missed"] * 3


async def test_one_that_others_are_at_keeps_nobody_waiting(exchange: Exchange) -> None:
    students = [await exchange.school.enroll(exchange.home.id) for _ in range(3)]
    vouchers = [(await exchange.excused(student))[1] for student in students]
    contended = min(voucher.id for voucher in vouchers)

    async def lose(command: EndVoucher, uow: ClassUnitOfWork, clock: Clock, new_id: NewId) -> Result[None, None]:
        if command.voucher_id == contended:
            raise VersionConflict("somebody is at it")
        return await end_voucher(command, uow, clock, new_id)

    exchange.school.clock.now = vouchers[0].expires_at
    assert await due_in(exchange, {EndVoucher: lose}).end() == 2
    assert await due_in(exchange).end() == 1


async def test_two_who_look_at_once_tell_of_each_end_once(exchange: Exchange) -> None:
    students = [await exchange.school.enroll(exchange.home.id) for _ in range(4)]
    vouchers = [(await exchange.excused(student))[1] for student in students]
    exchange.school.clock.now = vouchers[0].expires_at
    await asyncio.gather(*(due_in(exchange).end() for _ in range(3)))
    assert await outcomes(exchange) == ["expired"] * 4
