"""Who may be marked, by whom and until when; what a note is; and what a register costs the database."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import class_ as contracts
from class_management.application.commands.assign_substitute import AssignSubstitute
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.take_attendance import take_attendance
from class_management.domain.credit_errors import RegisterRefused, StudentHasLeft
from class_management.domain.errors import ClassNotActive, MeetingIsOff, NotYourClass
from class_management.domain.values import AttendanceStatus, Mark
from class_management.infrastructure.unit_of_work import ClassUnitOfWork

from .school import InPostgres, Planned, School, actor

WEEK = timedelta(weeks=1)


class TestWhen:
    async def test_a_completed_class_is_still_marked_and_corrected(self, school: School) -> None:
        class_, [student] = await school.running(package=1)
        school.clock.now += WEEK
        granted(await school.execute(school.completion(class_.id)))
        await school.mark(class_, student, "present")
        await school.mark(class_, student, "absent")
        assert await school.balance(class_, student) == 1

    async def test_a_class_that_was_called_off_is_not(self, school: School) -> None:
        class_, [student] = await school.running()
        granted(await school.execute(school.cancelling(class_.id)))
        outcome = await school.execute(school.marking(class_, student, "present"))
        assert refusal(outcome) == ClassNotActive(class_.id)

    async def test_nobody_is_marked_for_a_meeting_that_is_off(self, school: School) -> None:
        class_, [student] = await school.running()
        meeting = class_.meetings[0]
        off = CancelMeeting(class_id=class_.id, meeting_id=meeting.id, reason="Snow", by=school.staff)
        granted(await school.execute(off))
        outcome = await school.execute(school.marking(class_, student, "present"))
        assert refusal(outcome) == MeetingIsOff(meeting.id)


async def test_a_substitute_keeps_the_register_of_their_meeting_and_of_no_other(school: School) -> None:
    class_, [student] = await school.running()
    school.clock.now = class_.meetings[0].starts_at - timedelta(hours=1)
    substitute = actor("instructor", await school.register("instructor"))
    assigned = AssignSubstitute(
        class_id=class_.id, meeting_id=class_.meetings[0].id, substitute_id=substitute.user_id, by=school.staff
    )
    granted(await school.execute(assigned))
    school.clock.now = class_.meetings[0].ends_at + WEEK
    granted(await school.execute(school.marking(class_, student, "late", by=substitute)))
    granted(await school.execute(school.marking(class_, student, "present")))
    outcome = await school.execute(school.marking(class_, student, "late", meeting=2, by=substitute))
    assert refusal(outcome) == NotYourClass(class_.id)
    school.clock.now += timedelta(seconds=1)
    assert refusal(await school.execute(school.marking(class_, student, "late", by=substitute))) == NotYourClass(
        class_.id
    )
    granted(await school.execute(school.marking(class_, student, "late")))


async def test_who_has_handed_a_class_over_keeps_the_registers_of_the_last_week_only(school: School) -> None:
    class_, [student] = await school.running()
    first, second = class_.meetings[:2]
    school.clock.now = second.ends_at
    successor = await school.register("instructor")
    granted(await school.execute(school.edit(class_.id, instructor_id=successor)))
    late = school.marking(class_, student, "late", meeting=2, by=class_.instructor)
    granted(await school.execute(late))
    school.clock.now = first.ends_at + WEEK + timedelta(seconds=1)
    outcome = await school.execute(school.marking(class_, student, "late", by=class_.instructor))
    assert refusal(outcome) == NotYourClass(class_.id)
    granted(await school.execute(school.marking(class_, student, "late", by=actor("instructor", successor))))


class TestWhoLeft:
    async def left_after_the_first_meeting(self, school: School) -> tuple[Planned, Any]:
        class_, [student] = await school.running()
        granted(await school.execute(school.withdrawal(class_.id, student)))
        return class_, student

    async def test_can_be_marked_and_corrected_for_what_was_before(self, school: School) -> None:
        class_, student = await self.left_after_the_first_meeting(school)
        school.clock.now += 50 * WEEK
        await school.mark(class_, student, "present")
        assert await school.balance(class_, student) == 7
        await school.mark(class_, student, "absent", reason="It was Lea")
        assert await school.balance(class_, student) == 8

    async def test_cannot_be_marked_for_what_came_later(self, school: School) -> None:
        class_, student = await self.left_after_the_first_meeting(school)
        left_at = school.clock.now
        school.clock.now += 50 * WEEK
        for status in ("present", "absent"):
            outcome = await school.execute(school.marking(class_, student, status, meeting=2))
            assert refusal(outcome) == StudentHasLeft(student, left_at)

    @pytest.mark.parametrize(("after_start", "allowed"), [(timedelta(0), False), (timedelta(microseconds=1), True)])
    async def test_a_meeting_counts_that_began_before(
        self, school: School, after_start: timedelta, allowed: bool
    ) -> None:
        class_, [student] = await school.running()
        school.clock.now = class_.meetings[1].starts_at + after_start
        granted(await school.execute(school.withdrawal(class_.id, student)))
        outcome = await school.execute(school.marking(class_, student, "present", meeting=2))
        if allowed:
            granted(outcome)
        else:
            assert refusal(outcome) == StudentHasLeft(student, school.clock.now)

    async def test_a_register_that_names_them_is_refused_with_their_name(self, school: School) -> None:
        class_, [student, other] = await school.running(2)
        left_at = school.clock.now
        granted(await school.execute(school.withdrawal(class_.id, student)))
        school.clock.now += 2 * WEEK
        register = school.register_of(class_, Mark(other, "present"), Mark(student, "present"), meeting=2)
        assert refusal(await school.execute(register)) == RegisterRefused((StudentHasLeft(student, left_at),))

    async def test_who_is_back_is_marked_again(self, school: School) -> None:
        class_, [student] = await school.running(type="private")
        granted(await school.execute(school.withdrawal(class_.id, student)))
        granted(await school.execute(school.enrollment(class_.id, student)))
        school.clock.now += 2 * WEEK
        await school.mark(class_, student, "present", meeting=2)
        assert await school.balance(class_, student) == 7


class TestNotes:
    @pytest.mark.parametrize(
        ("first", "then", "note", "revisions"),
        [
            ("Came in costume", None, "Came in costume", 1),
            ("Came in costume", "Came in costume", "Came in costume", 1),
            ("Came in costume", "Left early", "Left early", 2),
            ("Came in costume", "", None, 2),
            (None, "", None, 1),
            (None, "Left early", "Left early", 2),
        ],
    )
    async def test_the_same_note_changes_nothing_and_another_replaces_it(
        self, school: School, first: str | None, then: str | None, note: str | None, revisions: int
    ) -> None:
        class_, [student] = await school.running()
        for entry in (Mark(student, "present", note=first), Mark(student, "present", note=then)):
            granted(await school.execute(school.register_of(class_, entry)))
        mark = await school.store.attendance(class_.meetings[0].id, student)
        assert mark is not None
        assert (mark.note, mark.revision) == (note, revisions)
        assert await school.balance(class_, student) == 7
        told = [e for e in await school.store.events() if isinstance(e, contracts.AttendanceMarked)]
        assert [each.revision for each in told] == [1]

    async def test_a_correction_keeps_the_note(self, school: School) -> None:
        class_, [student] = await school.running()
        granted(await school.execute(school.register_of(class_, Mark(student, "late", note="Missed the bus"))))
        marked = await school.mark(class_, student, "absent", reason="Never came")
        assert marked.attendance.note == "Missed the bus"


class Counting:
    """A connection that counts the round trips made through it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.count = 0

    async def fetch(self, query: str, *args: Any) -> Any:
        self.count += 1
        return await self._connection.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> Any:
        self.count += 1
        return await self._connection.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        self.count += 1
        return await self._connection.fetchval(query, *args)

    async def execute(self, query: str, *args: Any) -> Any:
        self.count += 1
        return await self._connection.execute(query, *args)

    async def executemany(self, command: str, args: Iterable[Sequence[Any]]) -> None:
        self.count += 1
        await self._connection.executemany(command, args)


@asynccontextmanager
async def counting(pool: Pool) -> AsyncIterator[Counting]:
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        yield Counting(connection)


@pytest.mark.infra
class TestWhatARegisterCosts:
    async def statements(self, school: School, class_: Planned, marks: Sequence[Mark]) -> int:
        assert isinstance(school.store, InPostgres)
        async with counting(school.store.pool) as connection:
            uow = ClassUnitOfWork(connection)
            taken = await take_attendance(school.register_of(class_, *marks), uow, school.clock, new_id)
            assert len(granted(taken)) == len(marks)
            await uow.flush()
            return connection.count

    @pytest.mark.parametrize("then", ["present", "absent"])
    async def test_thirty_students_take_as_many_statements_as_three(
        self, real_school: School, then: AttendanceStatus
    ) -> None:
        school = real_school
        counts: list[tuple[int, int]] = []
        for size in (3, 30):
            class_, students = await school.running(size, capacity=30)
            first = await self.statements(school, class_, [Mark(student, "late") for student in students])
            again = await self.statements(school, class_, [Mark(student, then) for student in students])
            counts.append((first, again))
        assert counts[0] == counts[1]
        assert max(counts[0]) <= 10

    async def test_excuses_and_their_vouchers_cost_no_more_for_thirty(self, real_school: School) -> None:
        school = real_school
        counts = []
        for size in (3, 30):
            class_, students = await school.running(size, capacity=30)
            excused = [Mark(student, "excused") for student in students]
            counts.append(await self.statements(school, class_, excused))
        assert counts[0] == counts[1]
        assert counts[0] <= 12
