"""A student, or the office for them, gives a booked make-up back before it begins."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.application.seating import move_up
from class_management.domain import make_ups
from class_management.domain.make_up_errors import BookingNotFound, CancellationRefused, VoucherNotFound
from class_management.domain.values import VoucherId
from class_management.domain.vouchers import Voucher

CancellationOutcome: TypeAlias = Result[Voucher, VoucherNotFound | CancellationRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMakeUp(Command[CancellationOutcome]):
    voucher_id: VoucherId
    by: Actor


async def cancel_make_up(command: CancelMakeUp, uow: UnitOfWork, clock: Clock, new_id: NewId) -> CancellationOutcome:
    voucher = await uow.vouchers.get(command.voucher_id)
    if voucher is None:
        return Err(VoucherNotFound(command.voucher_id))
    if refusal := make_ups.may_use(voucher, command.by):
        return Err(refusal)
    host = None if voucher.booking is None else await uow.classes.get(voucher.booking.class_id)
    account = await uow.accounts.get(voucher.enrollment_id)
    if host is None or account is None:
        return Err(BookingNotFound(command.voucher_id))
    now = clock()
    cancelled = make_ups.cancel(voucher, host, account, by=command.by, now=now, new_id=new_id)
    if isinstance(cancelled, Ok):
        await move_up(host, uow, now=now)
    return cancelled
