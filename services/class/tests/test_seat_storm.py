"""Whatever many ask of the seats of three classes at once: none is given away twice, and no credit is lost."""

import asyncio
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.testing import acquaint, granted
from babyowl_kernel import Command, Err, Ok
from class_management.application.commands.move_up_waiting_list import MoveUpWaitingList

from .school import InPostgres, Planned, School

pytestmark = pytest.mark.infra

PACKAGE = 8
STUDENTS, CLASSES, ROUNDS, AT_ONCE = 12, 3, 25, 8
EVERYTHING = {
    "AcceptSeatOffer",
    "EditClass",
    "EnrollStudent",
    "JoinWaitingList",
    "LeaveWaitingList",
    "MoveUpWaitingList",
    "TransferStudent",
    "WithdrawStudent",
}
"""What has been granted at least once before the storm ends."""


class Storm:
    """Orders drawn at random, given to the school so many at once."""

    def __init__(self, school: School, classes: list[Planned], students: list[UUID], random: Random) -> None:
        self.school, self.classes, self.students, self.random = school, classes, students, random
        self.granted: set[str] = set()

    async def order(self) -> Command[Any]:
        """Something that may be granted, as things stand; by the time it is, others have come between."""
        school, anybody = self.school, self.random.choice(self.students)
        here, there = (class_.id for class_ in self.random.sample(self.classes, 2))
        seats = (await school.store.class_(here)).seats
        seated = self.random.choice([*seats.enrolled, anybody])
        offered = self.random.choice([*(place.student_id for place in seats.offers), anybody])
        waiting = self.random.choice([*(place.student_id for place in seats.waiting), anybody])
        orders: dict[Command[Any], int] = {
            school.enrollment(here, anybody): 10,
            school.withdrawal(here, seated): 3,
            school.transfer(here, seated, there): 4,
            school.joining(here, anybody): 6,
            school.acceptance(here, offered): 4,
            school.leaving(here, waiting): 2,
            school.edit(here, capacity=self.random.randint(2, 4)): 1,
            MoveUpWaitingList(class_id=here): 1,
        }
        [chosen] = self.random.choices(list(orders), list(orders.values()))
        return chosen

    async def blow(self) -> None:
        orders = [await self.order() for _ in range(AT_ONCE)]
        outcomes: list[Any] = await asyncio.gather(*(self.school.execute(order) for order in orders))
        for order, outcome in zip(orders, outcomes, strict=True):
            assert isinstance(outcome, Ok | Err), outcome
            if isinstance(outcome, Ok):
                self.granted.add(type(order).__name__)

    async def check(self) -> None:
        packages: dict[UUID, int] = dict.fromkeys(self.students, 0)
        credits_held: dict[UUID, int] = dict.fromkeys(self.students, 0)
        for class_ in self.classes:
            found = await self.school.store.class_(class_.id)
            seated = set(found.enrollments)
            waiting = [place.student_id for place in found.seats.waiting]
            assert len(seated) + len(found.seats.offers) <= found.capacity
            assert not seated & set(waiting)
            if found.seats.free(self.school.clock()) > 0:
                assert all(place.offered_at is not None for place in found.seats.waiting)
            for student in self.students:
                lines = await self.school.store.seat_changes(class_.id, student)
                assert [line.number for line in lines] == list(range(1, len(lines) + 1))
                if lines:
                    assert (lines[-1].change in ("enrolled", "resumed")) is (student in seated)
                    credits_held[student] += await self.school.balance(class_, student)
                    packages[student] += sum(
                        line.change == "enrolled" and line.other_class_id is None for line in lines
                    )
        assert credits_held == {student: PACKAGE * granted for student, granted in packages.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_seat_is_given_away_twice_and_no_credit_is_lost_in_a_storm(real_school: School, seed: int) -> None:
    school = real_school
    assert isinstance(school.store, InPostgres)
    classes = [await school.planned(capacity=3, type="private", package=PACKAGE) for _ in range(CLASSES)]
    students = [await acquaint(school.store.pool) for _ in range(STUDENTS)]
    storm = Storm(school, classes, students, Random(seed))
    for blown in range(5 * ROUNDS):
        if blown >= ROUNDS and storm.granted == EVERYTHING:
            break
        await storm.blow()
        school.clock.now += timedelta(hours=storm.random.choice([0, 1, 24]))
        for class_ in classes:
            granted(await school.execute(MoveUpWaitingList(class_id=class_.id)))
        await storm.check()
    assert storm.granted == EVERYTHING
