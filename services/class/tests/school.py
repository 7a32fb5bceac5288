"""A school for the tests: an office, an instructor, students, a published course, and the classes made of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, TypeVar
from uuid import UUID

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import MemoryStore, MemoryTransactions, TurnableClock, acquaint, granted, recorded
from babyowl_contracts import Event
from babyowl_contracts.learning import CoursePublished, LessonOutline
from babyowl_kernel import Actor, Command
from class_management.application.commands.accept_seat_offer import AcceptSeatOffer
from class_management.application.commands.activate_class import ActivateClass
from class_management.application.commands.adjust_credits import AdjustCredits
from class_management.application.commands.cancel_class import CancelClass
from class_management.application.commands.complete_class import CompleteClass
from class_management.application.commands.edit_class import EditClass
from class_management.application.commands.enroll_student import EnrollStudent
from class_management.application.commands.join_waiting_list import JoinWaitingList
from class_management.application.commands.leave_waiting_list import LeaveWaitingList
from class_management.application.commands.note_course import NoteCourse
from class_management.application.commands.plan_class import PlanClass
from class_management.application.commands.take_attendance import MarkAttendance, TakeAttendance
from class_management.application.commands.transfer_student import TransferStudent
from class_management.application.commands.withdraw_student import WithdrawStudent
from class_management.application.handlers import HANDLERS
from class_management.application.publishing import published
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.credits import CreditAccount
from class_management.domain.open_lessons import OpenLessons
from class_management.domain.register import Marked
from class_management.domain.schedule import Meeting
from class_management.domain.terms import ChangedTerms
from class_management.domain.timetable import Timetable
from class_management.domain.values import AttendanceStatus, Mark, Person
from class_management.domain.vouchers import Voucher
from class_management.infrastructure import mappers
from class_management.infrastructure.unit_of_work import ClassUnitOfWork

from .memory import HISTORY, LEDGER, PEOPLE, SEAT_CHANGES, MemoryClassUnitOfWork

R = TypeVar("R")

Handlers: TypeAlias = Mapping[type[Command[Any]], Callable[..., Awaitable[Any]]]
"""Commands of the tests' own."""

BERLIN = "Europe/Berlin"
MONDAY = date(2027, 3, 1)
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
"""Monday; the first meeting of the school's classes begins at 16:00 in Berlin, three hours later."""

AFTER_FIRST_MEETING = datetime(2027, 3, 1, 17, tzinfo=UTC)


def actor(role: str, user_id: UUID | None = None) -> Actor:
    return Actor(user_id or new_id(), frozenset({role}))


@dataclass(frozen=True)
class Line:
    """A line of the ledger, as both stores tell it."""

    number: int
    amount: int
    balance: int
    cause: str
    posted_at: datetime
    reason: str | None


@dataclass(frozen=True)
class SeatLine:
    """A line of an enrolment's history, as both stores tell it."""

    number: int
    change: str
    credits: int
    other_class_id: UUID | None
    changed_by: UUID
    changed_at: datetime
    reason: str | None


class Store(Protocol):
    """Where a test's commands are carried out."""

    def bus(self, clock: TurnableClock, more: Handlers = MappingProxyType({})) -> Bus: ...
    async def events(self) -> list[Event]: ...
    async def know(self, person: Person) -> None: ...
    async def class_(self, class_id: UUID) -> Class: ...
    async def timetable(self, class_id: UUID) -> Timetable: ...
    async def open_lessons(self, class_id: UUID) -> OpenLessons: ...
    async def account(self, class_id: UUID, student_id: UUID) -> CreditAccount: ...
    async def attendance(self, meeting_id: UUID, student_id: UUID) -> Attendance | None: ...
    async def vouchers(self, student_id: UUID) -> list[Voucher]: ...
    async def ledger(self, class_id: UUID, student_id: UUID) -> list[Line]: ...
    async def seat_changes(self, class_id: UUID, student_id: UUID) -> list[SeatLine]: ...
    async def history(self, meeting_id: UUID, student_id: UUID) -> list[tuple[str | None, str, str | None]]: ...


@dataclass
class InMemory:
    store: MemoryStore = field(default_factory=MemoryStore)

    def bus(self, clock: TurnableClock, more: Handlers = MappingProxyType({})) -> Bus:
        transactions = MemoryTransactions(self.store, MemoryClassUnitOfWork)
        return Bus(transactions, publish=published, handlers={**HANDLERS, **more}, dependencies={"clock": clock})

    async def events(self) -> list[Event]:
        return [event for _, event in self.store.published]

    async def know(self, person: Person) -> None:
        self.store.facts.setdefault(PEOPLE, []).append(person)

    async def class_(self, class_id: UUID) -> Class:
        found = await MemoryClassUnitOfWork(self.store).classes.get(class_id)
        assert found is not None
        return found

    async def timetable(self, class_id: UUID) -> Timetable:
        found = await MemoryClassUnitOfWork(self.store).timetables.of_class(class_id)
        assert found is not None
        return found

    async def open_lessons(self, class_id: UUID) -> OpenLessons:
        found = await MemoryClassUnitOfWork(self.store).open_lessons.of_class(class_id)
        assert found is not None
        return found

    async def account(self, class_id: UUID, student_id: UUID) -> CreditAccount:
        uow = MemoryClassUnitOfWork(self.store)
        return (await uow.accounts.of_students(class_id, [student_id]))[student_id]

    async def attendance(self, meeting_id: UUID, student_id: UUID) -> Attendance | None:
        uow = MemoryClassUnitOfWork(self.store)
        return (await uow.attendances.of_meeting(meeting_id, [student_id])).get(student_id)

    async def vouchers(self, student_id: UUID) -> list[Voucher]:
        found = await MemoryClassUnitOfWork(self.store).vouchers._all()
        return [voucher for voucher in found if voucher.student_id == student_id]

    async def ledger(self, class_id: UUID, student_id: UUID) -> list[Line]:
        account = await self.account(class_id, student_id)
        return [
            Line(line.number, line.amount, line.balance, line.cause, line.posted_at, line.reason)
            for line in self.store.facts.get(LEDGER, [])
            if line.enrollment_id == account.id
        ]

    async def seat_changes(self, class_id: UUID, student_id: UUID) -> list[SeatLine]:
        rows = [
            mappers.seat_change_to_row(change)
            for change in self.store.facts.get(SEAT_CHANGES, [])
            if (change.class_id, change.student_id) == (class_id, student_id)
        ]
        return [SeatLine(**{name: row[name] for name in row if name != "enrollment_id"}) for row in rows]

    async def history(self, meeting_id: UUID, student_id: UUID) -> list[tuple[str | None, str, str | None]]:
        return [
            (line.previous_status, line.status, line.reason)
            for line in self.store.facts.get(HISTORY, [])
            if (line.meeting_id, line.student_id) == (meeting_id, student_id)
        ]


@dataclass
class InPostgres:
    pool: Pool

    def bus(self, clock: TurnableClock, more: Handlers = MappingProxyType({})) -> Bus:
        transactions = SqlTransactions(self.pool, ClassUnitOfWork)
        return Bus(transactions, publish=published, handlers={**HANDLERS, **more}, dependencies={"clock": clock})

    async def events(self) -> list[Event]:
        return [envelope.data for envelope in await recorded(self.pool)]

    async def know(self, person: Person) -> None:
        await acquaint(self.pool, person.id, role=person.role, status=person.status)

    async def class_(self, class_id: UUID) -> Class:
        async with self.pool.acquire() as connection:
            found = await ClassUnitOfWork(connection).classes.get(class_id)
        assert found is not None
        return found

    async def timetable(self, class_id: UUID) -> Timetable:
        async with self.pool.acquire() as connection:
            found = await ClassUnitOfWork(connection).timetables.of_class(class_id)
        assert found is not None
        return found

    async def open_lessons(self, class_id: UUID) -> OpenLessons:
        async with self.pool.acquire() as connection:
            found = await ClassUnitOfWork(connection).open_lessons.of_class(class_id)
        assert found is not None
        return found

    async def account(self, class_id: UUID, student_id: UUID) -> CreditAccount:
        async with self.pool.acquire() as connection:
            accounts = await ClassUnitOfWork(connection).accounts.of_students(class_id, [student_id])
        return accounts[student_id]

    async def attendance(self, meeting_id: UUID, student_id: UUID) -> Attendance | None:
        async with self.pool.acquire() as connection:
            found = await ClassUnitOfWork(connection).attendances.of_meeting(meeting_id, [student_id])
        return found.get(student_id)

    async def vouchers(self, student_id: UUID) -> list[Voucher]:
        rows = await self.pool.fetch(
            "SELECT id FROM vouchers WHERE student_id = $1 ORDER BY issued_at, id", student_id
        )
        async with self.pool.acquire() as connection:
            found = [await ClassUnitOfWork(connection).vouchers.get(row["id"]) for row in rows]
        return [voucher for voucher in found if voucher is not None]

    async def ledger(self, class_id: UUID, student_id: UUID) -> list[Line]:
        rows = await self.pool.fetch(
            "SELECT number, amount, l.balance, cause, posted_at, reason FROM credit_entries l"
            " JOIN credit_accounts a ON a.id = l.enrollment_id"
            " WHERE a.class_id = $1 AND a.student_id = $2 ORDER BY number",
            class_id,
            student_id,
        )
        return [Line(**row) for row in rows]

    async def seat_changes(self, class_id: UUID, student_id: UUID) -> list[SeatLine]:
        rows = await self.pool.fetch(
            "SELECT number, change, h.credits, other_class_id, changed_by, changed_at, reason"
            " FROM enrollment_changes h JOIN enrollments e ON e.id = h.enrollment_id"
            " WHERE e.class_id = $1 AND e.student_id = $2 ORDER BY number",
            class_id,
            student_id,
        )
        return [SeatLine(**row) for row in rows]

    async def history(self, meeting_id: UUID, student_id: UUID) -> list[tuple[str | None, str, str | None]]:
        rows = await self.pool.fetch(
            "SELECT previous_status, r.status, reason FROM attendance_revisions r"
            " JOIN attendances a ON a.id = r.attendance_id"
            " WHERE meeting_id = $1 AND student_id = $2 ORDER BY r.revision",
            meeting_id,
            student_id,
        )
        return [(row[0], row[1], row[2]) for row in rows]


@dataclass(frozen=True)
class Planned:
    """A class as it was planned, and when it meets."""

    class_: Class
    timetable: Timetable

    @property
    def id(self) -> UUID:
        return self.class_.id

    @property
    def instructor(self) -> Actor:
        return actor("instructor", self.class_.instructor_id)

    @property
    def meetings(self) -> list[Meeting]:
        return self.timetable.meetings


class School:
    """People and a course of twelve lessons, on a store."""

    def __init__(self, store: Store, more: Handlers = MappingProxyType({})) -> None:
        self.store = store
        self.clock = TurnableClock(NOON)
        self.bus = store.bus(self.clock, more)
        self.staff = actor("staff")
        self.instructor = actor("instructor")
        self.instructor_is_free = True
        self.course_id = new_id()
        self.lessons = [new_id() for _ in range(12)]
        self._plans = 0

    async def open(self) -> "School":
        """Let the instructor be known and the course be published."""
        await self.register("instructor", self.instructor.user_id)
        await self.execute(NoteCourse(self.publication()))
        return self

    def publication(self, revision: int = 1, lessons: int | None = None) -> CoursePublished:
        """The course, or as many of its lessons, as Learning tells it."""
        return CoursePublished(
            course_id=self.course_id,
            instructor_id=self.instructor.user_id,
            revision=revision,
            open=False,
            lessons=tuple(
                LessonOutline(lesson_id=lesson_id, position=position, exercise_ids=())
                for position, lesson_id in enumerate(self.lessons[:lessons], start=1)
            ),
        )

    async def execute(self, command: Command[R]) -> R:
        return await self.bus.execute(command)

    async def register(self, role: str, user_id: UUID | None = None, status: str = "active") -> UUID:
        """Somebody whom Identity has told of."""
        person = Person(user_id or new_id(), role, status)
        await self.store.know(person)
        return person.id

    def plan(self, **changed: Any) -> PlanClass:
        """The plan of a group of six, eight Mondays at 16:00 in Berlin; with changes.

        The instructor of the school has no time then for a second class: that begins an hour earlier, and so on.
        """
        days, hours = divmod(self._plans, 17)
        if changed.get("instructor_id", self.instructor.user_id) == self.instructor.user_id:
            self._plans += 1
        else:
            days, hours = 0, 0
        plan: dict[str, Any] = {
            "name": "Monday owls",
            "course_id": self.course_id,
            "instructor_id": self.instructor.user_id,
            "type": "group",
            "capacity": 6,
            "package": 8,
            "zero_balance": "refuse",
            "time_zone": BERLIN,
            "first_date": MONDAY - timedelta(days=days),
            "local_time": time(16 - hours),
            "weekdays": (),
            "duration": timedelta(hours=1),
            "by": self.staff,
        }
        return PlanClass(**plan | changed)

    async def planned(self, **changed: Any) -> Planned:
        """A class; all but the first have an instructor of their own, since they meet at the same time."""
        if self.instructor_is_free:
            instructor_id, self.instructor_is_free = self.instructor.user_id, False
        else:
            instructor_id = await self.register("instructor")
        planned = granted(await self.execute(self.plan(**{"instructor_id": instructor_id} | changed)))
        return Planned(planned.class_, planned.timetable)

    async def enroll(self, class_id: UUID, student_id: UUID | None = None) -> UUID:
        """A new student, or this one, gets a seat."""
        student_id = student_id or await self.register("student")
        granted(await self.execute(self.enrollment(class_id, student_id)))
        return student_id

    def enrollment(self, class_id: UUID, student_id: UUID) -> EnrollStudent:
        return EnrollStudent(class_id=class_id, student_id=student_id, by=self.staff)

    def edit(self, class_id: UUID, *, expected_version: int | None = None, **changes: Any) -> EditClass:
        return EditClass(
            class_id=class_id, changes=ChangedTerms(**changes), expected_version=expected_version, by=self.staff
        )

    def withdrawal(self, class_id: UUID, student_id: UUID, reason: str | None = None) -> WithdrawStudent:
        return WithdrawStudent(class_id=class_id, student_id=student_id, reason=reason, by=self.staff)

    def transfer(self, class_id: UUID, student_id: UUID, to_class_id: UUID) -> TransferStudent:
        return TransferStudent(class_id=class_id, student_id=student_id, to_class_id=to_class_id, by=self.staff)

    def joining(self, class_id: UUID, student_id: UUID) -> JoinWaitingList:
        return JoinWaitingList(class_id=class_id, student_id=student_id, by=self.staff)

    def leaving(self, class_id: UUID, student_id: UUID, by: Actor | None = None) -> LeaveWaitingList:
        return LeaveWaitingList(class_id=class_id, student_id=student_id, by=by or actor("student", student_id))

    def acceptance(self, class_id: UUID, student_id: UUID, by: Actor | None = None) -> AcceptSeatOffer:
        return AcceptSeatOffer(class_id=class_id, student_id=student_id, by=by or actor("student", student_id))

    def completion(self, class_id: UUID, *, cancel_remaining: bool = False) -> CompleteClass:
        return CompleteClass(class_id=class_id, cancel_remaining=cancel_remaining, by=self.staff)

    def cancelling(self, class_id: UUID, reason: str = "Too few students") -> CancelClass:
        return CancelClass(class_id=class_id, reason=reason, by=self.staff)

    async def wait(self, class_id: UUID, number: int = 1) -> list[UUID]:
        """So many new students join the waiting list, one after the other."""
        students = [await self.register("student") for _ in range(number)]
        for student in students:
            granted(await self.execute(self.joining(class_id, student)))
        return students

    async def full(self, waiting: int = 1, **changed: Any) -> tuple[Planned, list[UUID], list[UUID]]:
        """A class of two seats, both taken, with so many who wait for one."""
        class_ = await self.planned(**{"capacity": 2} | changed)
        enrolled = [await self.enroll(class_.id) for _ in range(class_.class_.capacity)]
        return class_, enrolled, await self.wait(class_.id, waiting)

    def activation(self, class_id: UUID) -> ActivateClass:
        return ActivateClass(class_id=class_id, by=self.staff)

    async def running(self, students: int = 1, **changed: Any) -> tuple[Planned, list[UUID]]:
        """An active class with so many students, after its first meeting has begun."""
        class_ = await self.planned(**changed)
        enrolled = [await self.enroll(class_.id) for _ in range(students)]
        granted(await self.execute(self.activation(class_.id)))
        self.clock.now = max(self.clock.now, AFTER_FIRST_MEETING)
        return class_, enrolled

    def marking(
        self,
        class_: Planned,
        student_id: UUID,
        status: AttendanceStatus,
        *,
        meeting: int = 1,
        by: Actor | None = None,
        reason: str | None = None,
    ) -> MarkAttendance:
        return MarkAttendance(
            class_id=class_.id,
            meeting_id=class_.meetings[meeting - 1].id,
            entry=Mark(student_id, status, reason),
            by=by or class_.instructor,
        )

    def register_of(self, class_: Planned, *entries: Mark, meeting: int = 1) -> TakeAttendance:
        return TakeAttendance(
            class_id=class_.id,
            meeting_id=class_.meetings[meeting - 1].id,
            entries=entries,
            by=class_.instructor,
        )

    async def mark(
        self,
        class_: Planned,
        student_id: UUID,
        status: AttendanceStatus,
        *,
        meeting: int = 1,
        reason: str | None = None,
    ) -> Marked:
        return granted(await self.execute(self.marking(class_, student_id, status, meeting=meeting, reason=reason)))

    def adjustment(
        self, class_id: UUID, student_id: UUID, amount: int, reason: str = "Agreed by phone"
    ) -> AdjustCredits:
        return AdjustCredits(class_id=class_id, student_id=student_id, amount=amount, reason=reason, by=self.staff)

    async def balance(self, class_: Planned, student_id: UUID) -> int:
        """What the account holds, having checked that the ledger explains it, line by line."""
        account = await self.store.account(class_.id, student_id)
        ledger = await self.store.ledger(class_.id, student_id)
        assert [line.number for line in ledger] == list(range(1, account.entries + 1))
        total = 0
        for line in ledger:
            total += line.amount
            assert line.balance == total
        assert account.balance == total
        assert sorted(line.posted_at for line in ledger) == [line.posted_at for line in ledger]
        return account.balance
