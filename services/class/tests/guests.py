"""Two classes of one course, and students of the one who make up for meetings in the other."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from babyowl_chassis.testing import granted
from babyowl_contracts import Event
from babyowl_kernel import Actor
from class_management.application.commands.book_make_up import BookMakeUp
from class_management.application.commands.cancel_make_up import CancelMakeUp
from class_management.application.commands.end_voucher import EndVoucher
from class_management.application.commands.excuse_self import ExcuseSelf
from class_management.domain.values import AttendanceStatus, ClassType
from class_management.domain.vouchers import Voucher

from .school import AFTER_FIRST_MEETING, MONDAY, Planned, School, actor

E = TypeVar("E", bound=Event)

TUESDAY = MONDAY + timedelta(days=1)


def as_student(student_id: UUID) -> Actor:
    return actor("student", student_id)


@dataclass
class Exchange:
    """The class that students come from, on Mondays, and the one that they visit, on Tuesdays."""

    school: School
    home: Planned
    host: Planned

    @classmethod
    async def between(
        cls,
        school: School,
        *,
        type: ClassType = "group",  # noqa: A002
        seats: int = 6,
        residents: int = 0,
    ) -> "Exchange":
        """Both are planned; the host has so many seats, and so many students of its own."""
        home = await school.planned(type=type)
        host = await school.planned(type=type, name="Tuesday owls", first_date=TUESDAY, capacity=seats)
        for _ in range(residents):
            await school.enroll(host.id)
        return cls(school, home, host)

    async def begin(self) -> None:
        """Let both classes run."""
        for class_ in (self.home, self.host):
            granted(await self.school.execute(self.school.activation(class_.id)))
        self.school.clock.now = AFTER_FIRST_MEETING

    async def excused(self, student_id: UUID | None = None) -> tuple[UUID, Voucher]:
        """A student of the class at home, excused from its first meeting; both classes run."""
        student_id = student_id or await self.school.enroll(self.home.id)
        if (await self.school.store.class_(self.home.id)).status == "draft":
            await self.begin()
        await self.school.mark(self.home, student_id, "excused")
        return student_id, await self.voucher(student_id)

    async def booked(self, meeting: int = 2) -> tuple[UUID, Voucher]:
        """An excused student who is expected at a meeting of the host."""
        student_id, voucher = await self.excused()
        granted(await self.school.execute(self.booking(voucher, meeting)))
        return student_id, await self.voucher(student_id)

    async def voucher(self, student_id: UUID) -> Voucher:
        [voucher] = await self.school.store.vouchers(student_id)
        return voucher

    def excuse(self, student_id: UUID, meeting: int = 2) -> ExcuseSelf:
        return ExcuseSelf(
            class_id=self.home.id,
            meeting_id=self.home.meetings[meeting - 1].id,
            reason="A birthday",
            by=as_student(student_id),
        )

    def booking(self, voucher: Voucher, meeting: int = 2, *, by: Actor | None = None) -> BookMakeUp:
        return BookMakeUp(
            voucher_id=voucher.id,
            class_id=self.host.id,
            meeting_id=self.host.meetings[meeting - 1].id,
            by=by or as_student(voucher.student_id),
        )

    def cancellation(self, voucher: Voucher, *, by: Actor | None = None) -> CancelMakeUp:
        return CancelMakeUp(voucher_id=voucher.id, by=by or as_student(voucher.student_id))

    async def mark_guest(self, student_id: UUID, status: AttendanceStatus, *, meeting: int = 2) -> None:
        """Mark at the host's, after the meeting has begun."""
        self.school.clock.now = max(self.school.clock.now, self.starts(meeting))
        await self.school.mark(self.host, student_id, status, meeting=meeting)

    def starts(self, meeting: int) -> datetime:
        return self.host.meetings[meeting - 1].starts_at

    async def end(self, voucher: Voucher) -> None:
        """Let time take its effect on a voucher."""
        granted(await self.school.execute(EndVoucher(voucher_id=voucher.id)))

    async def told(self, kind: type[E]) -> list[E]:
        """What the contracts have told of this kind."""
        return [event for event in await self.school.store.events() if isinstance(event, kind)]

    async def left(self, student_id: UUID) -> tuple[int, int]:
        """Credits at home: the balance, and what of it is free to be spent."""
        balance = await self.school.balance(self.home, student_id)
        return balance, (await self.school.store.account(self.home.id, student_id)).available

    async def seated(self, meeting: int = 2) -> set[UUID]:
        """The guests whom the host expects at a meeting that lies ahead."""
        class_ = await self.school.store.class_(self.host.id)
        meeting_id = self.host.meetings[meeting - 1].id
        return {guest.student_id for guest in class_.seats.guests if guest.meeting_id == meeting_id}
