"""Classes on Postgres, with the seats that count and no others."""

from uuid import UUID

from sqlalchemy import ColumnClause, bindparam, func, literal_column, select, union_all

from babyowl_chassis.sql import Statement
from babyowl_chassis.unit_of_work import Rows, SqlRepository
from class_management.domain.class_ import Class
from class_management.domain.values import ClassId, UserId
from class_management.infrastructure import mappers
from class_management.infrastructure.tables import EnrollmentRow, GuestSeatRow, WaitingPlaceRow, metadata

_enrollments = metadata.tables["enrollments"]
_waiting_list = metadata.tables["waiting_list"]
_guest_seats = metadata.tables["guest_seats"]

_OF_CLASS = _enrollments.c.class_id == bindparam("class_id")
# Spelt out, so that the planner knows the index of seats to be enough.
_ENROLLED: ColumnClause[str] = literal_column("'enrolled'")

SEATS = Statement(
    union_all(
        select(_enrollments).where(_OF_CLASS, _enrollments.c.status == _ENROLLED),
        select(_enrollments).where(
            _OF_CLASS,
            _enrollments.c.status != _ENROLLED,
            _enrollments.c.student_id == bindparam("student_id"),
        ),
    )
)
WAITING_LIST = Statement(select(_waiting_list).where(_waiting_list.c.class_id == bindparam("class_id")))
# Clocks differ: which of them are ahead, the class itself decides.
GUESTS_AHEAD = Statement(
    select(_guest_seats).where(
        _guest_seats.c.class_id == bindparam("class_id"),
        _guest_seats.c.starts_at > func.now() - literal_column("interval '1 day'"),
    )
)


class SqlClasses(SqlRepository[Class]):
    """Classes with the seats that count: however many were left, and however many guests have been."""

    mapping = mappers.CLASSES

    async def for_student(self, id: ClassId, student_id: UserId) -> Class | None:  # noqa: A002
        """The class, and the seat of this student also if they have left it."""
        return await self._load(await self._root(id), student_id=student_id)

    async def _children(self, id: UUID, student_id: UserId | None = None) -> Rows:  # noqa: A002
        seats = await SEATS.fetch(self.connection, class_id=id, student_id=student_id)
        waiting = await WAITING_LIST.fetch(self.connection, class_id=id)
        guests = await GUESTS_AHEAD.fetch(self.connection, class_id=id)
        return {
            EnrollmentRow: [dict(row) for row in seats],
            WaitingPlaceRow: [dict(row) for row in waiting],
            GuestSeatRow: [dict(row) for row in guests],
        }
