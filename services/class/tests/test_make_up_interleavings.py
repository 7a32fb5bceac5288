"""One command has decided and is not written yet; meanwhile another comes. On Postgres, step by step."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.testing import eventually, granted
from babyowl_kernel import Clock, Command, Err, NewId, Ok
from class_management.application.commands.book_make_up import BookMakeUp, book_make_up
from class_management.application.commands.cancel_class import CancelClass, cancel_class
from class_management.application.commands.cancel_make_up import CancelMakeUp, cancel_make_up
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.excuse_self import ExcuseSelf, excuse_self
from class_management.application.commands.move_meeting import MoveMeeting
from class_management.application.commands.take_attendance import MarkAttendance, mark_attendance
from class_management.application.commands.transfer_student import TransferStudent
from class_management.application.commands.withdraw_student import WithdrawStudent
from class_management.application.ports import UnitOfWork
from class_management.domain.errors import ClassNotActive
from class_management.domain.make_up_errors import MeetingNotAhead, NotYourMeeting
from class_management.domain.seat_errors import ClassFull

from .guests import Exchange
from .school import InPostgres, School

pytestmark = pytest.mark.infra

WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Hesitant:
    """A handler that decides and then, the first time, waits before it is written."""

    def __init__(self, handler: Callable[..., Awaitable[Any]]) -> None:
        self.handler = handler
        self.decided, self.goes_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, command: Command[Any], uow: UnitOfWork, clock: Clock, new_id: NewId) -> Any:
        outcome = await self.handler(command, uow, clock, new_id)
        self.decided.set()
        await self.goes_on.wait()
        return outcome


@pytest.fixture
async def hesitant() -> dict[type[Command[Any]], Hesitant]:
    return {
        BookMakeUp: Hesitant(book_make_up),
        CancelClass: Hesitant(cancel_class),
        CancelMakeUp: Hesitant(cancel_make_up),
        ExcuseSelf: Hesitant(excuse_self),
        MarkAttendance: Hesitant(mark_attendance),
    }


@pytest.fixture
async def exchange(pool: Pool, hesitant: dict[type[Command[Any]], Hesitant]) -> Exchange:
    school = await School(InPostgres(pool), hesitant).open()
    return await Exchange.between(school, type="private")


async def meanwhile(
    exchange: Exchange, slow: Command[Any], hesitant: Hesitant, *others: Command[Any]
) -> tuple[Any, list[Any]]:
    """Let the others come between the decision and the writing; they may go through, or have to wait."""
    assert isinstance(exchange.school.store, InPostgres)
    pool = exchange.school.store.pool
    first = asyncio.create_task(exchange.school.execute(slow))
    await hesitant.decided.wait()
    coming = asyncio.gather(*(exchange.school.execute(other) for other in others))

    async def no_further() -> bool:
        return coming.done() or await pool.fetchval(WAITING) > 0

    await eventually(no_further)
    hesitant.goes_on.set()
    return await first, await coming


def calling_off(exchange: Exchange) -> CancelMeeting:
    meeting_id = exchange.host.meetings[1].id
    return CancelMeeting(
        class_id=exchange.host.id, meeting_id=meeting_id, reason="Ill", replace=False, by=exchange.school.staff
    )


def moving(exchange: Exchange) -> MoveMeeting:
    meeting = exchange.host.meetings[1]
    day = meeting.local_date + timedelta(days=1)
    return MoveMeeting(class_id=exchange.host.id, meeting_id=meeting.id, local_date=day, by=exchange.school.staff)


@pytest.mark.parametrize("disturbance", [calling_off, moving])
async def test_a_meeting_changes_while_it_is_booked(
    exchange: Exchange,
    hesitant: dict[type[Command[Any]], Hesitant],
    disturbance: Callable[[Exchange], Command[Any]],
) -> None:
    hesitant[MarkAttendance].goes_on.set()
    student, voucher = await exchange.excused()
    booking = exchange.booking(voucher)
    booked, [disturbed] = await meanwhile(exchange, booking, hesitant[BookMakeUp], disturbance(exchange))
    granted(disturbed)
    if disturbance is calling_off:
        assert isinstance(booked, Ok) or booked == Err(MeetingNotAhead(booking.meeting_id))
    else:
        granted(booked)
    voucher = await exchange.voucher(student)
    class_ = await exchange.school.store.class_(exchange.host.id)
    [found] = [m for m in (await exchange.school.store.timetable(class_.id)).meetings if m.id == booking.meeting_id]
    if voucher.booking is None:
        assert class_.seats.guests == []
        assert await exchange.left(student) == (8, 8)
    else:
        assert (found.status, voucher.booking.starts_at) == ("planned", found.starts_at)
        assert [guest.starts_at for guest in class_.seats.guests] == [found.starts_at]
        assert await exchange.left(student) == (8, 7)


async def test_the_last_seat_is_given_for_good_while_it_is_lent(
    exchange: Exchange, hesitant: dict[type[Command[Any]], Hesitant]
) -> None:
    for _ in range(5):
        await exchange.school.enroll(exchange.host.id)
    hesitant[MarkAttendance].goes_on.set()
    student, voucher = await exchange.excused()
    newcomer = exchange.school.enrollment(exchange.host.id, await exchange.school.register("student"))
    booked, [enrolled] = await meanwhile(exchange, exchange.booking(voucher), hesitant[BookMakeUp], newcomer)
    assert isinstance(booked, Ok) != isinstance(enrolled, Ok)
    assert isinstance(booked, Err) or enrolled == Err(ClassFull(6))
    assert await exchange.seated() == ({student} if isinstance(booked, Ok) else set())
    assert await exchange.left(student) == (8, 7 if isinstance(booked, Ok) else 8)


async def test_the_guest_is_marked_while_they_cancel(
    exchange: Exchange, hesitant: dict[type[Command[Any]], Hesitant]
) -> None:
    hesitant[BookMakeUp].goes_on.set()
    hesitant[MarkAttendance].goes_on.set()
    student, voucher = await exchange.booked()
    exchange.school.clock.now = exchange.starts(2) - timedelta(minutes=5)
    marking = exchange.school.marking(exchange.host, student, "present", meeting=2)
    cancelled, [marked] = await meanwhile(exchange, exchange.cancellation(voucher), hesitant[CancelMakeUp], marking)
    assert isinstance(cancelled, Ok) != isinstance(marked, Ok)
    assert await exchange.left(student) == ((8, 8) if isinstance(cancelled, Ok) else (7, 7))


async def test_the_student_leaves_while_they_excuse_themselves(
    exchange: Exchange, hesitant: dict[type[Command[Any]], Hesitant]
) -> None:
    student = await exchange.school.enroll(exchange.home.id)
    await exchange.begin()
    leaving = WithdrawStudent(class_id=exchange.home.id, student_id=student, by=exchange.school.staff)
    excused, [left] = await meanwhile(exchange, exchange.excuse(student), hesitant[ExcuseSelf], leaving)
    granted(left)
    assert isinstance(excused, Ok) or excused == Err(NotYourMeeting(exchange.home.meetings[1].id))
    vouchers = await exchange.school.store.vouchers(student)
    assert [voucher.status for voucher in vouchers] == (["revoked"] if isinstance(excused, Ok) else [])


async def test_the_student_is_transferred_while_they_excuse_themselves(
    exchange: Exchange, hesitant: dict[type[Command[Any]], Hesitant]
) -> None:
    student = await exchange.school.enroll(exchange.home.id)
    await exchange.begin()
    transfer = TransferStudent(
        class_id=exchange.home.id, student_id=student, to_class_id=exchange.host.id, by=exchange.school.staff
    )
    excused, [transferred] = await meanwhile(exchange, exchange.excuse(student), hesitant[ExcuseSelf], transfer)
    granted(transferred)
    vouchers = await exchange.school.store.vouchers(student)
    assert [voucher.class_id for voucher in vouchers] == ([exchange.host.id] if isinstance(excused, Ok) else [])


async def test_the_student_leaves_while_they_are_excused_once_more(
    exchange: Exchange, hesitant: dict[type[Command[Any]], Hesitant]
) -> None:
    hesitant[MarkAttendance].goes_on.set()
    student, _ = await exchange.excused()
    await exchange.school.mark(exchange.home, student, "absent")
    hesitant[MarkAttendance].decided.clear()
    hesitant[MarkAttendance].goes_on.clear()
    leaving = WithdrawStudent(class_id=exchange.home.id, student_id=student, by=exchange.school.staff)
    again = exchange.school.marking(exchange.home, student, "excused")
    excused, [left] = await meanwhile(exchange, again, hesitant[MarkAttendance], leaving)
    granted(left)
    granted(excused)
    assert (await exchange.voucher(student)).status == "revoked"


async def test_the_class_is_called_off_while_somebody_is_excused_from_what_was(
    exchange: Exchange, hesitant: dict[type[Command[Any]], Hesitant]
) -> None:
    hesitant[CancelClass].goes_on.set()
    student = await exchange.school.enroll(exchange.home.id)
    await exchange.begin()
    excuse = exchange.school.marking(exchange.home, student, "excused")
    excused, [over] = await meanwhile(exchange, excuse, hesitant[MarkAttendance], over_with(exchange))
    granted(excused)
    granted(over)
    assert (await exchange.voucher(student)).status == "revoked"


async def test_nobody_is_excused_from_a_class_that_is_being_called_off(
    exchange: Exchange, hesitant: dict[type[Command[Any]], Hesitant]
) -> None:
    hesitant[MarkAttendance].goes_on.set()
    student = await exchange.school.enroll(exchange.home.id)
    await exchange.begin()
    excuse = exchange.school.marking(exchange.home, student, "excused")
    over, [excused] = await meanwhile(exchange, over_with(exchange), hesitant[CancelClass], excuse)
    granted(over)
    assert excused == Err(ClassNotActive(exchange.home.id))
    assert await exchange.school.store.vouchers(student) == []


def over_with(exchange: Exchange) -> CancelClass:
    return CancelClass(class_id=exchange.home.id, reason="Too few", by=exchange.school.staff)
