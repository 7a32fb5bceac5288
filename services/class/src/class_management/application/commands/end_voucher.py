"""Time passes: a voucher that nobody used expires, and a guest whom nobody has marked has missed the make-up."""

from dataclasses import dataclass

from babyowl_kernel import Clock, Command, NewId, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.domain import make_ups
from class_management.domain.values import VoucherId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndVoucher(Command[Result[None, None]]):
    """Done again, or by two at once, or before the time has come, it does nothing."""

    voucher_id: VoucherId


async def end_voucher(command: EndVoucher, uow: UnitOfWork, clock: Clock, new_id: NewId) -> Result[None, None]:
    voucher = await uow.vouchers.get(command.voucher_id)
    account = None if voucher is None else await uow.accounts.get(voucher.enrollment_id)
    if voucher is not None and account is not None:
        now = clock()
        voucher.lapse(now=now)
        make_ups.miss(voucher, account, now=now, new_id=new_id)
    return Ok(None)
