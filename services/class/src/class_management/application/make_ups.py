"""What becomes of vouchers and bookings when marks, meetings, classes and enrolments change."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from babyowl_kernel import NewId
from class_management.application.ports import UnitOfWork
from class_management.application.seating import move_up
from class_management.domain import make_ups
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.make_ups import Guest
from class_management.domain.register import Marked
from class_management.domain.seats import Enrollment
from class_management.domain.values import (
    ClassId,
    EnrollmentId,
    MeetingId,
    MeetingRegister,
    UserId,
)
from class_management.domain.vouchers import Voucher, expires_at


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed something, and when."""

    by: UserId
    now: datetime
    new_id: NewId


async def guests_of(
    register: MeetingRegister, attendances: Mapping[UserId, Attendance], uow: UnitOfWork
) -> dict[UserId, Guest]:
    """Those who make up for a meeting of their own here, or were marked as such before; their lines say so now.

    Where nobody is expected, vouchers are not looked at.
    """
    corrected = [line.voucher_id for line in attendances.values() if line.voucher_id is not None]
    if not (register.expects_guests or corrected):
        return {}
    vouchers = await uow.vouchers.of_guests(register.meeting_id, list(attendances), corrected)
    accounts = await uow.accounts.of_enrollments([voucher.enrollment_id for voucher in vouchers])
    for voucher in vouchers:
        attendances[voucher.student_id].voucher_id = voucher.id
    return {voucher.student_id: Guest(voucher, accounts[voucher.enrollment_id], register) for voucher in vouchers}


async def excuses_ended(absences: Iterable[Attendance], uow: UnitOfWork, change: Change) -> None:
    """Whoever is no longer excused loses the voucher, and with it a booking: that gives its credit back."""
    excused = [absence.id for absence in absences if not absence.guest]
    if excused:
        await _revoke_all((await uow.vouchers.of_attendances(excused)).values(), uow, change)


async def excuses_given(register: MeetingRegister, marked: Iterable[Marked], uow: UnitOfWork, change: Change) -> None:
    """Whoever is excused now gets a voucher, or the one of before; other marks cost no look at vouchers."""
    excused = [each for each in marked if not each.attendance.guest]
    if not excused:
        return
    corrected = [each.attendance.id for each in excused if each.attendance.revision > 1]
    known = await uow.vouchers.of_attendances(corrected) if corrected else {}
    # An excuse costs nothing, so no account is written; and yet whoever leaves must not overlook the voucher.
    issued_to = {each.attendance.id: each.account.id for each in excused}
    issued_to |= {absence: voucher.enrollment_id for absence, voucher in known.items()}
    await uow.accounts.hold(list(issued_to.values()))
    for each in excused:
        await _excuse(register, each, known.get(each.attendance.id), uow, change)


async def _excuse(
    register: MeetingRegister, each: Marked, voucher: Voucher | None, uow: UnitOfWork, change: Change
) -> None:
    """Give a voucher, or the one of before; to nobody who has left the class that it is for."""
    account = each.account if voucher is None else await uow.accounts.get(voucher.enrollment_id)
    if account is None or account.closed_at is not None:
        return
    if voucher is not None:
        voucher.excuse_again()
        return
    expiry = expires_at(register.starts_at, register.make_up_days, now=change.now)
    if expiry is not None:
        issued = Voucher.issue(
            attendance_id=each.attendance.id,
            enrollment_id=account.id,
            class_id=register.class_id,
            course_id=register.course_id,
            student_id=each.attendance.student_id,
            meeting_id=register.meeting_id,
            expires_at=expiry,
            now=change.now,
            new_id=change.new_id,
        )
        uow.vouchers.add(issued)


async def meetings_no_longer_as_booked(meetings: Collection[MeetingId], uow: UnitOfWork, change: Change) -> None:
    """Their guests get seat and credit back: a meeting that was moved is not the one they chose."""
    hosts = [await _undo(voucher, uow, change) for voucher in await uow.vouchers.booked_at(meetings)]
    await _let_move_up(hosts, uow, change)


async def meetings_cancelled(
    meetings: Collection[MeetingId], uow: UnitOfWork, change: Change, *, class_ends: bool = False
) -> None:
    """Guests get seat and credit back, and nobody has to make up for a meeting that never was.

    Where the class ends with them, nobody gets the seats that come free.
    """
    hosts = [await _undo(voucher, uow, change) for voucher in await uow.vouchers.booked_at(meetings)]
    await _let_move_up([] if class_ends else hosts, uow, change)
    await _revoke_all(await uow.vouchers.for_absences_from(meetings), uow, change)


async def class_cancelled(class_id: ClassId, uow: UnitOfWork, change: Change) -> None:
    """Its guests get seat and credit back, and its own students' vouchers end with it."""
    for voucher in await uow.vouchers.booked_in(class_id):
        await _undo(voucher, uow, change)
    await _revoke_all(await uow.vouchers.from_class(class_id), uow, change)


async def student_withdrawn(enrollment_id: EnrollmentId, uow: UnitOfWork, change: Change) -> None:
    """Whoever leaves a class makes nothing up for it any more."""
    await _revoke_all(await uow.vouchers.of_enrollment(enrollment_id), uow, change)


async def student_transferred(
    enrollment_id: EnrollmentId, to_class: Class, to_enrollment: Enrollment, uow: UnitOfWork
) -> None:
    """All vouchers go along, for marks may be corrected; none is booked, or the credits would have stayed."""
    for voucher in await uow.vouchers.of_enrollment(enrollment_id):
        voucher.follow(to_class.id, to_class.course_id, to_enrollment.id)


async def _undo(voucher: Voucher, uow: UnitOfWork, change: Change) -> Class | None:
    account = await uow.accounts.get(voucher.enrollment_id)
    host = await _host_of(voucher, uow)
    if host is not None and account is not None:
        make_ups.undo(voucher, host, account, by=change.by, now=change.now, new_id=change.new_id)
    return host


async def _revoke_all(vouchers: Iterable[Voucher], uow: UnitOfWork, change: Change) -> None:
    hosts = []
    for voucher in vouchers:
        account = await uow.accounts.get(voucher.enrollment_id)
        if account is not None:
            host = await _host_of(voucher, uow)
            make_ups.revoke(voucher, host, account, by=change.by, now=change.now, new_id=change.new_id)
            hosts.append(host)
    await _let_move_up(hosts, uow, change)


async def _let_move_up(hosts: Iterable[Class | None], uow: UnitOfWork, change: Change) -> None:
    """The seats that guests have given back may be those that somebody waits for."""
    for host in {host.id: host for host in hosts if host is not None}.values():
        await move_up(host, uow, now=change.now)


async def _host_of(voucher: Voucher, uow: UnitOfWork) -> Class | None:
    """The class that expects the guest still."""
    booking = voucher.booking
    return None if booking is None or booking.outcome is not None else await uow.classes.get(booking.class_id)
