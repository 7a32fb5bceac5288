"""Vouchers on Postgres: their rows, and where they are found."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, or_

from babyowl_chassis.unit_of_work import AggregateMapping, Row, Rows, SqlRepository
from class_management.domain.values import ClassId, EnrollmentId, MeetingId, UserId, VoucherId
from class_management.domain.vouchers import Booking, Voucher
from class_management.infrastructure.finders import Finder
from class_management.infrastructure.tables import VoucherRow, metadata

_vouchers = metadata.tables["vouchers"]

_HOST: dict[str, str] = {
    "host_class_id": "class_id",
    "host_meeting_id": "meeting_id",
    "host_starts_at": "starts_at",
    "host_ends_at": "ends_at",
    "booked_by": "booked_by",
    "booked_at": "booked_at",
}
"""Columns of a booking, and its fields; the outcome is in the voucher's status."""

_MEETINGS = bindparam("meetings", type_=ARRAY(Uuid))
# Used ones too: a guest's mark may be corrected, and then it counts whether there still is a reason to make up.
_EXCUSED: ColumnElement[bool] = _vouchers.c.excused.is_(True)

OF_ATTENDANCES = Finder(_vouchers, _vouchers.c.attendance_id == any_(bindparam("attendances", type_=ARRAY(Uuid))))
OF_GUESTS = Finder(
    _vouchers,
    or_(
        _vouchers.c.id == any_(bindparam("known", type_=ARRAY(Uuid))),
        (_vouchers.c.host_meeting_id == bindparam("meeting_id"))
        & (_vouchers.c.student_id == any_(bindparam("students", type_=ARRAY(Uuid)))),
    ),
)
BOOKED_AT = Finder(_vouchers, _vouchers.c.host_meeting_id == any_(_MEETINGS), _vouchers.c.status == "booked")
BOOKED_IN = Finder(_vouchers, _vouchers.c.host_class_id == bindparam("class_id"), _vouchers.c.status == "booked")
FOR_ABSENCES_FROM = Finder(_vouchers, _vouchers.c.meeting_id == any_(_MEETINGS), _EXCUSED)
FROM_CLASS = Finder(_vouchers, _vouchers.c.class_id == bindparam("class_id"), _EXCUSED)
OF_ENROLLMENT = Finder(_vouchers, _vouchers.c.enrollment_id == bindparam("enrollment_id"))


def voucher_to_rows(voucher: Voucher) -> Rows:
    booking = voucher.booking
    return {
        VoucherRow: [
            {
                "id": voucher.id,
                "version": voucher.version,
                "attendance_id": voucher.attendance_id,
                "enrollment_id": voucher.enrollment_id,
                "class_id": voucher.class_id,
                "course_id": voucher.course_id,
                "student_id": voucher.student_id,
                "meeting_id": voucher.meeting_id,
                "issued_at": voucher.issued_at,
                "expires_at": voucher.expires_at,
                "excused": voucher.excused,
                "lapsed_at": voucher.lapsed_at,
                "status": voucher.status,
                **{column: getattr(booking, field, None) for column, field in _HOST.items()},
            }
        ]
    }


def voucher_from_rows(rows: Rows) -> Voucher:
    [root] = rows[VoucherRow]
    own = {name: value for name, value in root.items() if name != "status" and name not in _HOST}
    return Voucher(**own, booking=_booking_of(root))


def _booking_of(root: Row) -> Booking | None:
    if root["host_meeting_id"] is None:
        return None
    outcome = None if root["status"] == "booked" else root["status"]
    return Booking(**{field: root[column] for column, field in _HOST.items()}, outcome=outcome)


VOUCHERS = AggregateMapping(root=VoucherRow, to_rows=voucher_to_rows, from_rows=voucher_from_rows)


class SqlVouchers(SqlRepository[Voucher]):
    """Vouchers, found by what may change them."""

    mapping = VOUCHERS

    async def of_attendances(self, attendances: Collection[UUID]) -> dict[UUID, Voucher]:
        """Those that were issued for these marks, by mark."""
        found = await self._found(OF_ATTENDANCES, attendances=attendances)
        return {voucher.attendance_id: voucher for voucher in found}

    async def of_guests(
        self, meeting_id: MeetingId, students: Collection[UserId], known: Collection[VoucherId]
    ) -> list[Voucher]:
        """Those of the students who are, or were, expected at the meeting, and those that are known already."""
        return await self._found(OF_GUESTS, meeting_id=meeting_id, students=students, known=known)

    async def booked_at(self, meetings: Collection[MeetingId]) -> list[Voucher]:
        """Those of the guests whom nobody has marked yet."""
        return await self._found(BOOKED_AT, meetings=meetings)

    async def booked_in(self, class_id: ClassId) -> list[Voucher]:
        """Those of all guests of a class whom nobody has marked yet."""
        return await self._found(BOOKED_IN, class_id=class_id)

    async def for_absences_from(self, meetings: Collection[MeetingId]) -> list[Voucher]:
        """Those of students who are excused from these meetings."""
        return await self._found(FOR_ABSENCES_FROM, meetings=meetings)

    async def from_class(self, class_id: ClassId) -> list[Voucher]:
        """Those of the students of a class, for absences that are excused."""
        return await self._found(FROM_CLASS, class_id=class_id)

    async def of_enrollment(self, enrollment_id: EnrollmentId) -> list[Voucher]:
        """All those of an enrolment."""
        return await self._found(OF_ENROLLMENT, enrollment_id=enrollment_id)

    async def _found(self, finder: Finder, **binds: Any) -> list[Voucher]:
        rows = await finder.statement(locking=self._uow.locking).fetch(self.connection, **binds)
        found = [await self._load(row) for row in rows]
        return [voucher for voucher in found if voucher is not None]
