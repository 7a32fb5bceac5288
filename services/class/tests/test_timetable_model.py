"""Whatever is done to timetables in whatever order, or at once: no instructor and no class is in two places, what was
marked stays, and nothing changes unnoticed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from babyowl_chassis.database import Pool
from babyowl_kernel import Ok
from class_management.application.commands.add_meeting import AddMeeting
from class_management.application.commands.assign_substitute import AssignSubstitute
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.declare_holiday import DeclareHoliday
from class_management.application.commands.move_meeting import MoveMeeting
from class_management.application.commands.observe_holiday import ObserveHoliday
from class_management.application.commands.replan_class import ReplanClass
from class_management.domain.schedule import Meeting

from .school import MONDAY, InMemory, InPostgres, Planned, School, Store

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CLASSES = 3

# Few, so that they meet; among them the day on which the clocks skip an hour, and days that are out of reach.
days = st.sampled_from([*range(-1, 10), 14, 15, 21, 27, 60, -100, 800]).map(lambda n: MONDAY + n * DAY)
hours = st.sampled_from([time(2, 30), time(15), time(15, 30), time(16), time(17), time(23, 30)])
lengths = st.sampled_from([timedelta(minutes=30), HOUR, 3 * HOUR])
whose = st.integers(0, CLASSES - 1)
which = st.integers(0, 11)

Deed = tuple[str, dict[str, Any]]


def deed(kind: str, **strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Deed]:
    return st.tuples(st.just(kind), st.fixed_dictionaries(strategies))


deeds = st.one_of(
    deed("move", whose=whose, which=which, local_date=days, local_time=hours, duration=lengths),
    deed("cancel", whose=whose, which=which, replace=st.sampled_from([None, True, False])),
    deed("add", whose=whose, local_date=days, local_time=hours),
    deed("replan", whose=whose, from_date=days, local_time=hours, weekdays=st.sets(st.integers(1, 7), max_size=3)),
    deed("substitute", whose=whose, which=which, by=st.sampled_from(["nobody", "Otto", "Ina"])),
    deed("holiday", first_date=days, length=st.integers(0, 9)),
    deed("mark", whose=whose, which=which),
    deed("wait", days=st.integers(1, 10)),
)


@dataclass
class Academy:
    """Three classes of two instructors, and what has been seen of their meetings so far."""

    school: School
    classes: list[Planned]
    students: list[UUID]
    otto: UUID
    seen: dict[UUID, Meeting] = field(default_factory=dict)
    marked: set[UUID] = field(default_factory=set)
    settled: set[UUID] = field(default_factory=set)
    """Those that were marked when their time was last looked at."""

    @classmethod
    async def open(cls, store: Store) -> "Academy":
        school = await School(store).open()
        otto = await school.register("instructor")
        plans: tuple[dict[str, Any], ...] = (
            {"type": "group", "instructor_id": school.instructor.user_id, "local_time": time(16)},
            {"type": "private", "instructor_id": school.instructor.user_id, "local_time": time(17)},
            {"type": "group", "instructor_id": otto, "local_time": time(16), "weekdays": (1, 3)},
        )
        running = [await school.running(package=6, **plan) for plan in plans]
        return cls(school, [class_ for class_, _ in running], [student for _, [student] in running], otto)

    async def do(self, kind: str, what: dict[str, Any]) -> None:
        doing: Callable[..., Awaitable[None]] = getattr(self, f"_{kind}")
        await doing(**what)

    async def _meeting(self, whose: int, which: int) -> dict[str, Any]:
        meetings = (await self.school.store.timetable(self.classes[whose].id)).meetings
        chosen = meetings[which % len(meetings)]
        return {"class_id": self.classes[whose].id, "meeting_id": chosen.id, "by": self.school.staff}

    async def _move(self, whose: int, which: int, **to: Any) -> None:
        await self.school.execute(MoveMeeting(**await self._meeting(whose, which), **to))

    async def _cancel(self, whose: int, which: int, *, replace: bool | None) -> None:
        cancel = CancelMeeting(**await self._meeting(whose, which), reason="Snow", replace=replace)
        await self.school.execute(cancel)

    async def _add(self, whose: int, **at: Any) -> None:
        await self.school.execute(AddMeeting(class_id=self.classes[whose].id, by=self.school.staff, **at))

    async def _replan(self, whose: int, *, weekdays: set[int], **rhythm: Any) -> None:
        replan = ReplanClass(
            class_id=self.classes[whose].id,
            weekdays=tuple(weekdays),
            duration=HOUR,
            by=self.school.staff,
            **rhythm,
        )
        await self.school.execute(replan)

    async def _substitute(self, whose: int, which: int, *, by: str) -> None:
        people = {"nobody": None, "Otto": self.otto, "Ina": self.school.instructor.user_id}
        await self.school.execute(AssignSubstitute(**await self._meeting(whose, which), substitute_id=people[by]))

    async def _holiday(self, first_date: Any, length: int) -> None:
        declare = DeclareHoliday(
            name="Off", first_date=first_date, last_date=first_date + length * DAY, by=self.school.staff
        )
        declared = await self.school.execute(declare)
        if isinstance(declared, Ok):
            for class_ in self.classes:
                observe = ObserveHoliday(
                    holiday_id=declared.value.holiday.id, class_id=class_.id, by=self.school.staff
                )
                await self.school.execute(observe)

    async def _mark(self, whose: int, which: int) -> None:
        timetable = await self.school.store.timetable(self.classes[whose].id)
        number = which % len(timetable.meetings) + 1
        class_ = Planned(self.classes[whose].class_, timetable)
        marking = self.school.marking(class_, self.students[whose], "absent", meeting=number, by=self.school.staff)
        if isinstance(await self.school.execute(marking), Ok):
            self.marked.add(timetable.meetings[number - 1].id)

    async def _wait(self, days: int) -> None:
        self.school.clock.now += days * DAY

    async def check(self, *, alone: bool) -> None:
        """Look at all meetings; `alone`: nobody else has changed anything since the last look but by one deed."""
        timetables = [await self.school.store.timetable(class_.id) for class_ in self.classes]
        for timetable in timetables:
            assert [m.number for m in timetable.meetings] == list(range(1, len(timetable.meetings) + 1))
            for one, other in combinations(timetable.planned, 2):
                assert not one.overlaps(other)
            for meeting in timetable.meetings:
                wall = datetime.combine(meeting.local_date, meeting.local_time, tzinfo=timetable.schedule.zone)
                assert meeting.starts_at == wall.astimezone(UTC)
                assert meeting.instructor_id == (meeting.substitute_id or timetable.instructor_id)
                before = self.seen.get(meeting.id, meeting)
                changes = meeting.sequence - before.sequence
                assert changes >= 0
                assert (changes == 0) == (meeting == before)
                assert not alone or changes <= 1
                if meeting.id in self.marked:
                    assert meeting.status == "planned"
                if meeting.id in self.settled:
                    assert (meeting.starts_at, meeting.ends_at) == (before.starts_at, before.ends_at)
        planned = [meeting for timetable in timetables for meeting in timetable.planned]
        for one, other in combinations(planned, 2):
            assert one.instructor_id != other.instructor_id or not one.overlaps(other)
        found = {meeting.id: meeting for timetable in timetables for meeting in timetable.meetings}
        assert found.keys() >= self.seen.keys()
        self.seen, self.settled = found, set(self.marked)


histories = st.lists(deeds, max_size=25)


@given(history=histories)
@settings(max_examples=40, deadline=None)
async def test_nothing_that_is_done_to_timetables_breaks_them(history: list[Deed]) -> None:
    await one_by_one(history)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@given(history=histories)
@settings(max_examples=2_000, deadline=None)
async def test_and_nothing_in_thousands_of_histories_does(history: list[Deed]) -> None:
    await one_by_one(history)


async def one_by_one(history: list[Deed]) -> None:
    academy = await Academy.open(InMemory())
    await academy.check(alone=True)
    for kind, what in history:
        await academy.do(kind, what)
        # A holiday is declared and then observed: a class that is hit twice by it would show here.
        await academy.check(alone=True)


@pytest.mark.infra
@given(histories=st.lists(st.lists(deeds, min_size=2, max_size=4), max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_and_neither_does_what_happens_to_them_at_once(pool: Pool, histories: list[list[Deed]]) -> None:
    academy = await Academy.open(InPostgres(pool))
    await academy.check(alone=False)
    for at_once in histories:
        await asyncio.gather(*(academy.do(kind, what) for kind, what in at_once))
        await academy.check(alone=False)
