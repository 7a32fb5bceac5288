"""What marking, enrolling and reading a page cost as the years go by: median milliseconds, and how many times that of
a young academy.

The same classes with 10, 1,000 and 100,000 marks, most of them behind the very class that is marked and looked at
(80 students, 960 meetings) and the one that is enrolled into; and with 100,000 marks of others. All of them are
measured in turn. Postgres is taken from TEST_DATABASE_URL, or started for this run and gone with it.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import uvloop
from replay import server_url, the_bus

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool, open_pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import acquaint, fresh_database
from babyowl_contracts.learning import CoursePublished
from babyowl_kernel import Actor, Command, Ok, Result
from class_management.application.commands.activate_class import ActivateClass
from class_management.application.commands.enroll_student import EnrollStudent
from class_management.application.commands.note_course import NoteCourse
from class_management.application.commands.plan_class import PlanClass
from class_management.application.commands.take_attendance import TakeAttendance
from class_management.bootstrap import service
from class_management.domain.values import Mark
from class_management.queries.attendance import attendance_grid, latest_meetings
from class_management.queries.class_list import ClassFilter, list_classes
from class_management.queries.credits import credit_balance, credit_lines
from class_management.queries.meetings import upcoming_meetings
from class_management.queries.roster import roster

sys.path.append(str(Path(__file__).resolve().parents[2] / "services" / "class" / "tests"))
from years import copy_everything, give_a_past

T = TypeVar("T")

LOOKED_AT, JOINED, COPIED = 80, 20, 20
"""Students of the class that is marked and looked at, of the one that others join, and of each class elsewhere."""

MOST_MEETINGS = 960
MEETINGS_ELSEWHERE = 20
REGISTERS, SEATS, READS = 15, 75, 100
"""How often each is measured: registers taken, seats given, pages read."""

REGISTERED, PAGE = 30, 20


@dataclass(frozen=True, slots=True)
class Age:
    """How many marks there are behind the classes measured, and elsewhere."""

    name: str
    behind: int
    elsewhere: int


AGES = (
    Age("10 marks", 10, 0),
    Age("1,000", 1_000, 0),
    Age("100,000", (LOOKED_AT + JOINED) * MOST_MEETINGS, 4_000),
    Age("100,000 elsewhere", 10, 100_000),
)


@dataclass
class Academy:
    """A private class that has met for three weeks without being marked, another that has free seats, and a past."""

    pool: Pool
    bus: Bus
    office: Actor
    instructor_id: UUID
    course_id: UUID

    @classmethod
    async def of(cls, pool: Pool, age: Age) -> "Academy":
        """An academy of this age."""
        academy = cls(pool, the_bus(pool), Actor(new_id(), frozenset({"staff"})), new_id(), new_id())
        await academy._open(age)
        return academy

    async def _open(self, age: Age) -> None:
        await acquaint(self.pool, self.instructor_id, role="instructor")
        publication = CoursePublished(
            course_id=self.course_id, instructor_id=self.instructor_id, revision=1, open=False, lessons=()
        )
        await self.bus.execute(NoteCourse(publication))
        if age.elsewhere:
            other_id, _ = await self._class(COPIED, hour=6)
            await give_a_past(self.pool, other_id, MEETINGS_ELSEWHERE)
            await copy_everything(self.pool, age.elsewhere // (COPIED * MEETINGS_ELSEWHERE) - 1)
        self.class_id, self.students = await self._class(LOOKED_AT, hour=8)
        self.joined_id, _ = await self._class(JOINED, hour=10)
        behind = min(age.behind, LOOKED_AT * MOST_MEETINGS)
        await give_a_past(self.pool, self.class_id, -(-behind // LOOKED_AT), marks=behind)
        if rest := age.behind - behind:
            await give_a_past(self.pool, self.joined_id, rest // JOINED)
        self.joining = [await acquaint(self.pool, role="student") for _ in range(SEATS)]
        self.unmarked = [
            row["id"]
            for row in await self.pool.fetch(
                "SELECT id FROM meetings m WHERE class_id = $1 AND starts_at < now()"
                " AND NOT EXISTS (SELECT FROM attendances a WHERE a.meeting_id = m.id)"
                " ORDER BY starts_at DESC LIMIT $2",
                self.class_id,
                REGISTERS,
            )
        ]

    async def _class(self, students: int, *, hour: int) -> tuple[UUID, list[UUID]]:
        """A private class of so many that has met daily for three weeks; whoever has no credits left owes them."""
        plan = PlanClass(
            name="Owls",
            course_id=self.course_id,
            instructor_id=self.instructor_id,
            type="private",
            capacity=100,
            package=25,
            zero_balance="owe",
            time_zone="UTC",
            first_date=datetime.now(UTC).date() - timedelta(days=21),
            local_time=wall_time(hour),
            weekdays=(1, 2, 3, 4, 5, 6, 7),
            duration=timedelta(hours=1),
            by=self.office,
        )
        planned = await self.done(plan)
        class_id: UUID = planned.class_.id
        enrolled = [await acquaint(self.pool, role="student") for _ in range(students)]
        for student_id in enrolled:
            await self.done(EnrollStudent(class_id=class_id, student_id=student_id, by=self.office))
        await self.done(ActivateClass(class_id=class_id, by=self.office))
        return class_id, enrolled

    async def done(self, command: Command[Result[T, Any]]) -> T:
        """Carry a command out that must not be refused."""
        outcome = await self.bus.execute(command)
        if not isinstance(outcome, Ok):
            raise TypeError(f"refused: {outcome}")
        return outcome.value


Doing: TypeAlias = Callable[[Academy, int], Awaitable[object]]


async def mark_a_meeting(academy: Academy, nth: int) -> None:
    entries = tuple(Mark(student_id, "present") for student_id in academy.students[:REGISTERED])
    await academy.done(
        TakeAttendance(
            class_id=academy.class_id, meeting_id=academy.unmarked[nth], entries=entries, by=academy.office
        )
    )


async def enrol(academy: Academy, nth: int) -> None:
    student_id = academy.joining[nth]
    await academy.done(EnrollStudent(class_id=academy.joined_id, student_id=student_id, by=academy.office))


async def read_list(academy: Academy, _: int) -> Sequence[object]:
    return await list_classes(academy.pool, "taught", academy.instructor_id, ClassFilter(), after=None, limit=PAGE)


async def read_roster(academy: Academy, _: int) -> Sequence[object]:
    return await roster(academy.pool, academy.class_id)


async def read_grid(academy: Academy, _: int) -> Sequence[object]:
    shown = await latest_meetings(academy.pool, academy.class_id, before=datetime.now(UTC), limit=PAGE)
    columns = [meeting.id for meeting in shown]
    return await attendance_grid(academy.pool, academy.class_id, columns, student_id=None, after=None, limit=PAGE)


async def read_meetings_ahead(academy: Academy, nth: int) -> Sequence[object]:
    student_id = academy.students[nth % LOOKED_AT]
    return await upcoming_meetings(
        academy.pool, "attended", student_id, since=datetime.now(UTC), after=None, limit=PAGE
    )


async def read_statement(academy: Academy, nth: int) -> Sequence[object]:
    # By now the last lines of those who were marked above are the same everywhere.
    now, student_id = datetime.now(UTC), academy.students[nth % REGISTERED]
    found = await credit_balance(academy.pool, academy.class_id, student_id, as_of=now)
    if found is None:
        raise LookupError(student_id)
    return await credit_lines(academy.pool, found.enrollment_id, as_of=now, after=None, limit=REGISTERS - 1)


MEASURED: tuple[tuple[str, int, Doing], ...] = (
    ("mark a meeting of 30", REGISTERS, mark_a_meeting),
    ("enrol a student", SEATS, enrol),
    ("list of classes", READS, read_list),
    ("roster of 80", READS, read_roster),
    ("attendance grid", READS, read_grid),
    ("my meetings ahead", READS, read_meetings_ahead),
    ("credit statement", READS, read_statement),
)


async def in_turn(academies: Sequence[Academy], times: int, doing: Doing) -> list[float]:
    """Median milliseconds in each academy; they take turns, so that whatever else goes on slows all of them."""
    taken: list[list[float]] = [[] for _ in academies]
    for nth in range(times):
        for turn in range(len(academies)):
            which = (nth + turn) % len(academies)
            began = time.perf_counter()
            await doing(academies[which], nth)
            taken[which].append((time.perf_counter() - began) * 1000)
    return [statistics.median(milliseconds) for milliseconds in taken]


async def bench() -> None:
    with server_url() as admin_url:
        async with AsyncExitStack() as stack:
            academies = []
            for age in AGES:
                url = await stack.enter_async_context(fresh_database(service, admin_url))
                pool = await stack.enter_async_context(open_pool(url, application="bench", size=1))
                academies.append(await Academy.of(pool, age))
            marks = [await each.pool.fetchval("SELECT count(*) FROM attendances") for each in academies]
            expected = [age.behind + age.elsewhere for age in AGES]
            if marks != expected:
                raise RuntimeError(f"{marks} marks instead of {expected}")
            print("median ms, and times that at 10 marks")
            print(f"{'':<24}" + "".join(f"{age.name:>20}" for age in AGES))
            for name, times, doing in MEASURED:
                medians = await in_turn(academies, times, doing)
                cells = (f"{median:.2f} ({median / medians[0]:.2f})" for median in medians)
                print(f"{name:<24}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_known_args()
    uvloop.run(bench())


if __name__ == "__main__":
    main()
