"""Writers who want the same seat, or move between the same classes, at the same moment; on real Postgres."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.bus import Bus
from babyowl_chassis.testing import granted
from babyowl_chassis.unit_of_work import VersionConflict
from babyowl_kernel import Clock, Err, Ok, Result
from class_management.application.commands.move_up_waiting_list import MoveUpWaitingList, move_up_waiting_list
from class_management.domain.seat_errors import ClassFull, NotWaiting, SeatOfferLapsed
from class_management.infrastructure.unit_of_work import ClassUnitOfWork
from class_management.infrastructure.waiting_lists import WaitingLists

from .school import InPostgres, School

pytestmark = pytest.mark.infra


async def at_once(*outcomes: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*outcomes))


async def test_a_seat_that_comes_free_among_many_goes_to_whoever_waits(real_school: School) -> None:
    school = real_school
    for _ in range(5):
        class_, [leaving, _], [first] = await school.full()
        others = [await school.register("student") for _ in range(8)]
        left, *outcomes = await at_once(
            school.execute(school.withdrawal(class_.id, leaving)),
            *(school.execute(school.enrollment(class_.id, other)) for other in others),
        )
        granted(left)
        assert outcomes == [Err(ClassFull(2))] * len(others)
        assert [place.student_id for place in (await school.store.class_(class_.id)).seats.offers] == [first]


async def test_without_a_waiting_list_one_of_many_gets_the_seat_that_comes_free(real_school: School) -> None:
    school = real_school
    class_, [leaving, staying], _ = await school.full(waiting=0)
    others = [await school.register("student") for _ in range(8)]
    left, *outcomes = await at_once(
        school.execute(school.withdrawal(class_.id, leaving)),
        *(school.execute(school.enrollment(class_.id, other)) for other in others),
    )
    granted(left)
    winners = {student for student, outcome in zip(others, outcomes, strict=True) if isinstance(outcome, Ok)}
    assert len(winners) <= 1
    assert set((await school.store.class_(class_.id)).enrollments) == {staying} | winners


async def test_an_offer_lapses_or_is_accepted_but_not_both(real_school: School) -> None:
    school = real_school
    for late in (timedelta(0), timedelta(seconds=-1)) * 4:
        class_, [leaving, staying], [first, second] = await school.full(waiting=2)
        granted(await school.execute(school.withdrawal(class_.id, leaving)))
        [offer] = (await school.store.class_(class_.id)).seats.offers
        assert offer.offer_expires_at is not None
        school.clock.now = offer.offer_expires_at + late
        accepted, *_ = await at_once(
            school.execute(school.acceptance(class_.id, first)),
            *(school.execute(MoveUpWaitingList(class_id=class_.id)) for _ in range(3)),
        )
        found = await school.store.class_(class_.id)
        if late:
            granted(accepted)
            assert set(found.enrollments) == {staying, first}
            assert found.seats.offers == []
        else:
            assert accepted in (Err(SeatOfferLapsed(offer.offer_expires_at)), Err(NotWaiting(first)))
            assert set(found.enrollments) == {staying}
            assert [place.student_id for place in found.seats.offers] == [second]


async def test_two_who_accept_for_the_same_student_give_one_seat_and_one_package(real_school: School) -> None:
    school = real_school
    class_, [leaving, staying], [first] = await school.full()
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    outcomes = await at_once(
        school.execute(school.acceptance(class_.id, first)),
        school.execute(school.acceptance(class_.id, first, by=school.staff)),
        school.execute(school.enrollment(class_.id, first)),
    )
    assert sum(isinstance(outcome, Ok) for outcome in outcomes) == 1
    assert set((await school.store.class_(class_.id)).enrollments) == {staying, first}
    assert await school.balance(class_, first) == 8


async def test_transfers_in_opposite_directions_all_go_through(real_school: School) -> None:
    school = real_school
    one, other = await school.planned(capacity=20), await school.planned(capacity=20)
    here = [await school.enroll(one.id) for _ in range(6)]
    there = [await school.enroll(other.id) for _ in range(6)]
    for outcome in await at_once(
        *(school.execute(school.transfer(one.id, student, other.id)) for student in here),
        *(school.execute(school.transfer(other.id, student, one.id)) for student in there),
    ):
        granted(outcome)
    assert set((await school.store.class_(one.id)).enrollments) == set(there)
    assert set((await school.store.class_(other.id)).enrollments) == set(here)
    for student in here:
        assert await school.balance(one, student) == 0
        assert await school.balance(other, student) == 8


async def test_one_student_who_is_sent_to_and_fro_keeps_every_credit(real_school: School) -> None:
    school = real_school
    one, other = await school.planned(), await school.planned()
    student = await school.enroll(one.id)
    await at_once(
        *(school.execute(school.transfer(one.id, student, other.id)) for _ in range(3)),
        *(school.execute(school.transfer(other.id, student, one.id)) for _ in range(3)),
    )
    granted_there = student in (await school.store.class_(other.id)).enrollments
    assert (student in (await school.store.class_(one.id)).enrollments) is not granted_there
    if not granted_there and len(await school.store.ledger(one.id, student)) == 1:
        granted(await school.execute(school.transfer(one.id, student, other.id)))
    balances = await school.balance(one, student), await school.balance(other, student)
    assert sorted(balances) == [0, 8]


async def test_the_last_seat_there_is_taken_by_a_transfer_or_by_somebody_else(real_school: School) -> None:
    school = real_school
    for _ in range(5):
        home, there = await school.planned(), await school.planned(capacity=1)
        student, rival = await school.enroll(home.id), await school.register("student")
        moved, enrolled = await at_once(
            school.execute(school.transfer(home.id, student, there.id)),
            school.execute(school.enrollment(there.id, rival)),
        )
        winner = student if isinstance(moved, Ok) else rival
        assert {type(moved), type(enrolled)} == {Ok, Err}
        assert set((await school.store.class_(there.id)).enrollments) == {winner}
        assert await school.balance(there, winner) == 8
        assert (student in (await school.store.class_(home.id)).enrollments) is (winner == rival)


async def test_a_mark_and_a_transfer_both_count_and_no_credit_is_lost(real_school: School) -> None:
    school = real_school
    for _ in range(8):
        home, [student] = await school.running(type="private")
        there = await school.planned()
        marked, moved = await at_once(
            school.execute(school.marking(home, student, "present")),
            school.execute(school.transfer(home.id, student, there.id)),
        )
        granted(moved)
        spent = 1 if isinstance(marked, Ok) else 0
        assert await school.balance(home, student) == 0
        assert await school.balance(there, student) == 8 - spent
        assert (await school.store.attendance(home.meetings[0].id, student) is not None) is isinstance(marked, Ok)


async def test_a_group_that_begins_and_an_accepted_offer_agree_on_who_was_first(real_school: School) -> None:
    school = real_school
    for _ in range(8):
        class_, [leaving, staying], [first] = await school.full()
        granted(await school.execute(school.withdrawal(class_.id, leaving)))
        begun, accepted = await at_once(
            school.execute(school.activation(class_.id)), school.execute(school.acceptance(class_.id, first))
        )
        granted(begun)
        found = await school.store.class_(class_.id)
        assert isinstance(accepted, Ok) or accepted == Err(NotWaiting(first))
        assert set(found.enrollments) == ({staying, first} if isinstance(accepted, Ok) else {staying})
        assert found.seats.waiting == []


@pytest.mark.parametrize("ending", ["completion", "cancelling"])
async def test_a_class_that_ends_and_an_enrolment_agree_on_who_was_first(real_school: School, ending: str) -> None:
    school = real_school
    for _ in range(5):
        class_, _ = await school.running(0, type="private", package=1)
        student = await school.register("student")
        ended, enrolled = await at_once(
            school.execute(getattr(school, ending)(class_.id)),
            school.execute(school.enrollment(class_.id, student)),
        )
        granted(ended)
        found = await school.store.class_(class_.id)
        assert found.is_over
        assert set(found.enrollments) == ({student} if isinstance(enrolled, Ok) else set())


async def test_a_class_that_everybody_is_at_keeps_no_other_waiting_list_from_moving_up(real_school: School) -> None:
    school = real_school
    assert isinstance(school.store, InPostgres)
    passed_over: dict[UUID, UUID] = {}
    for _ in range(3):
        class_, [leaving, _], [away] = await school.full()
        await school.register("student", away, status="deactivated")
        granted(await school.execute(school.withdrawal(class_.id, leaving)))
        await school.register("student", away)
        passed_over[class_.id] = away
    contended: list[UUID] = []

    async def lose_the_first(command: MoveUpWaitingList, uow: ClassUnitOfWork, clock: Clock) -> Result[None, Any]:
        contended.append(command.class_id)
        if command.class_id == contended[0]:
            raise VersionConflict("somebody is at it")
        return await move_up_waiting_list(command, uow, clock)

    async def offered(bus: Bus) -> set[UUID]:
        await WaitingLists(pool, bus).move_up()
        found = [await school.store.class_(class_id) for class_id in passed_over]
        return {place.student_id for class_ in found for place in class_.seats.offers}

    pool = school.store.pool
    moved_up = await offered(school.store.bus(school.clock, {MoveUpWaitingList: lose_the_first}))
    assert moved_up == {student for class_id, student in passed_over.items() if class_id != contended[0]}
    assert await offered(school.bus) == set(passed_over.values())


async def test_what_is_loaded_for_a_seat_does_not_grow_with_who_has_left_or_visited(real_school: School) -> None:
    school = real_school
    assert isinstance(school.store, InPostgres)
    class_ = await school.planned(type="private")
    stays, left = await school.enroll(class_.id), await school.enroll(class_.id)
    granted(await school.execute(school.withdrawal(class_.id, left)))
    await school.store.pool.execute(
        "INSERT INTO enrollments"
        " (id, class_id, student_id, credits, enrolled_by, enrolled_at, status, left_at, changes)"
        " SELECT gen_random_uuid(), $1, gen_random_uuid(), 8, $2, now(), 'withdrawn', now(), 2"
        " FROM generate_series(1, 500)",
        class_.id,
        school.staff.user_id,
    )
    await school.store.pool.execute(
        "INSERT INTO guest_seats (meeting_id, student_id, class_id, voucher_id, starts_at)"
        " SELECT $2, gen_random_uuid(), $1, gen_random_uuid(), now() - interval '2 days'"
        " FROM generate_series(1, 500)",
        class_.id,
        class_.meetings[0].id,
    )
    async with school.store.pool.acquire() as connection:
        found = await ClassUnitOfWork(connection).classes.get(class_.id)
        asked = await ClassUnitOfWork(connection).classes.for_student(class_.id, left)
    assert found is not None
    assert asked is not None
    assert set(found.seats.enrollments) == {stays}
    assert found.seats.guests == []
    assert set(asked.seats.enrollments) == {stays, left}
