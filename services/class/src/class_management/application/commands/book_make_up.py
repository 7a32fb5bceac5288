"""A student, or the office for them, books a meeting of another class for one that was missed."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.ports import UnitOfWork
from class_management.application.seating import move_up
from class_management.domain import make_ups
from class_management.domain.errors import ClassNotFound, MeetingNotFound
from class_management.domain.make_up_errors import BookingRefused, VoucherNotFound
from class_management.domain.values import ClassId, MeetingId, VoucherId
from class_management.domain.vouchers import Voucher

BookingOutcome: TypeAlias = Result[Voucher, VoucherNotFound | ClassNotFound | MeetingNotFound | BookingRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookMakeUp(Command[BookingOutcome]):
    voucher_id: VoucherId
    class_id: ClassId
    meeting_id: MeetingId
    by: Actor


async def book_make_up(command: BookMakeUp, uow: UnitOfWork, clock: Clock, new_id: NewId) -> BookingOutcome:
    voucher = await uow.vouchers.get(command.voucher_id)
    if voucher is None:
        return Err(VoucherNotFound(command.voucher_id))
    if refusal := make_ups.may_use(voucher, command.by):
        return Err(refusal)
    meeting = await uow.registers.of_meeting(command.class_id, command.meeting_id)
    if meeting is None:
        return Err(MeetingNotFound(command.meeting_id))
    # In the same order for everybody, so that two guests of each other's classes never deadlock.
    classes = {each: await uow.classes.get(each) for each in sorted({voucher.class_id, meeting.class_id})}
    home, host = classes[voucher.class_id], classes[meeting.class_id]
    account = await uow.accounts.get(voucher.enrollment_id)
    if home is None or host is None or account is None:
        return Err(ClassNotFound(command.class_id))
    now = clock()
    await move_up(host, uow, now=now)
    return make_ups.book(
        voucher,
        make_ups.Home(home, account),
        host,
        meeting,
        by=command.by,
        now=now,
        new_id=new_id,
    )
