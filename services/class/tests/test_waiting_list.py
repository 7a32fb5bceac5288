"""Waiting for a seat: the list moves up by itself, and a seat that is offered is kept; over both stores."""

from datetime import timedelta
from uuid import UUID

import pytest

from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import Event
from babyowl_contracts import class_ as contracts
from babyowl_kernel import Command
from class_management.application.commands.move_up_waiting_list import MoveUpWaitingList
from class_management.domain.errors import CapacityBelowPromised
from class_management.domain.seat_errors import (
    AlreadyEnrolled,
    AlreadyWaiting,
    ClassFull,
    EnrollmentClosed,
    NoSeatOffered,
    NotAStudent,
    NotWaiting,
    NotYourSeat,
    SeatIsFree,
    SeatOfferLapsed,
    StudentDeactivated,
)

from .school import NOON, School, actor

TWO_DAYS = timedelta(hours=48)


async def told(school: School, *types: type[Event]) -> list[Event]:
    return [event for event in await school.store.events() if isinstance(event, types)]


async def offered_to(school: School, class_id: UUID) -> list[UUID]:
    return [place.student_id for place in (await school.store.class_(class_id)).seats.offers]


async def test_who_waits_is_offered_the_seat_that_comes_free_and_others_do_not_get_it(school: School) -> None:
    class_, [leaving, _], [first, second] = await school.full(waiting=2)
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    assert await offered_to(school, class_.id) == [first]
    [offer] = await told(school, contracts.SeatOffered)
    assert offer == contracts.SeatOffered(
        class_id=class_.id, course_id=school.course_id, student_id=first, expires_at=NOON + TWO_DAYS
    )
    somebody = await school.register("student")
    for other in (second, somebody):
        assert refusal(await school.execute(school.enrollment(class_.id, other))) == ClassFull(2)


async def test_an_accepted_offer_is_a_seat_with_the_whole_package(school: School) -> None:
    class_, [leaving, _], [first, second] = await school.full(waiting=2)
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    seat = granted(await school.execute(school.acceptance(class_.id, first))).enrollment
    assert (seat.student_id, seat.enrolled_by) == (first, first)
    assert await school.balance(class_, first) == 8
    found = await school.store.class_(class_.id)
    assert first in found.enrollments
    assert [place.student_id for place in found.seats.waiting] == [second]
    [*_, enrolled, ended, left] = await school.store.events()
    assert isinstance(enrolled, contracts.StudentEnrolled)
    assert (enrolled.credits, enrolled.resumed) == (8, False)
    assert ended == contracts.SeatOfferEnded(class_id=class_.id, student_id=first, outcome="accepted")
    assert left == contracts.WaitingListLeft(class_id=class_.id, student_id=first, reason="enrolled")


async def test_enrolling_who_holds_an_offer_accepts_it_for_them(school: School) -> None:
    class_, [leaving, _], [first] = await school.full()
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    granted(await school.execute(school.enrollment(class_.id, first)))
    [ended] = await told(school, contracts.SeatOfferEnded)
    assert ended == contracts.SeatOfferEnded(class_id=class_.id, student_id=first, outcome="accepted")


async def test_a_declined_seat_is_offered_to_the_next(school: School) -> None:
    class_, [leaving, _], [first, second] = await school.full(waiting=2)
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    granted(await school.execute(school.leaving(class_.id, first)))
    assert await offered_to(school, class_.id) == [second]
    [*_, ended, left, offer] = await school.store.events()
    assert ended == contracts.SeatOfferEnded(class_id=class_.id, student_id=first, outcome="declined")
    assert left == contracts.WaitingListLeft(class_id=class_.id, student_id=first, reason="left")
    assert isinstance(offer, contracts.SeatOffered)
    assert offer.student_id == second


async def test_leaving_the_list_without_an_offer_ends_none(school: School) -> None:
    class_, _, [first] = await school.full()
    granted(await school.execute(school.leaving(class_.id, first, by=school.staff)))
    assert await told(school, contracts.SeatOfferEnded) == []
    assert refusal(await school.execute(school.leaving(class_.id, first))) == NotWaiting(first)


async def test_more_seats_are_offered_to_as_many_as_wait(school: School) -> None:
    class_, _, waiting = await school.full(waiting=3)
    granted(await school.execute(school.edit(class_.id, capacity=4)))
    assert await offered_to(school, class_.id) == waiting[:2]
    assert refusal(await school.execute(school.edit(class_.id, capacity=3))) == CapacityBelowPromised(4)


@pytest.mark.parametrize("hours", [1, 48])
async def test_a_seat_is_kept_as_long_as_the_class_says(school: School, hours: int) -> None:
    class_, [leaving, _], [first] = await school.full(offer_hours=hours)
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    school.clock.now += timedelta(hours=hours)
    outcome = await school.execute(school.acceptance(class_.id, first))
    assert refusal(outcome) == SeatOfferLapsed(NOON + timedelta(hours=hours))
    school.clock.now -= timedelta(seconds=1)
    granted(await school.execute(school.acceptance(class_.id, first)))


async def test_a_lapsed_offer_goes_to_the_next_whether_by_the_clock_or_by_whoever_comes(school: School) -> None:
    class_, [leaving, _], [first, second, third] = await school.full(waiting=3)
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    school.clock.now += TWO_DAYS
    granted(await school.execute(MoveUpWaitingList(class_id=class_.id)))
    assert await offered_to(school, class_.id) == [second]
    granted(await school.execute(MoveUpWaitingList(class_id=class_.id)))
    assert len(await told(school, contracts.SeatOffered)) == 2
    school.clock.now += TWO_DAYS
    for late in (second, await school.register("student")):
        assert refusal(await school.execute(school.enrollment(class_.id, late))) == ClassFull(2)
    granted(await school.execute(MoveUpWaitingList(class_id=class_.id)))
    assert await offered_to(school, class_.id) == [third]
    assert await told(school, contracts.SeatOfferEnded) == [
        contracts.SeatOfferEnded(class_id=class_.id, student_id=student, outcome="lapsed")
        for student in (first, second)
    ]


async def test_who_lets_an_offer_lapse_is_not_said_to_have_left(school: School) -> None:
    class_, [leaving, _], [first] = await school.full()
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    school.clock.now += TWO_DAYS
    granted(await school.execute(MoveUpWaitingList(class_id=class_.id)))
    assert await told(school, contracts.WaitingListLeft) == [
        contracts.WaitingListLeft(class_id=class_.id, student_id=first, reason="lapsed")
    ]


async def test_a_seat_that_nobody_took_is_free_for_anybody(school: School) -> None:
    class_, [leaving, _], _ = await school.full()
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    school.clock.now += TWO_DAYS
    await school.enroll(class_.id)
    assert (await school.store.class_(class_.id)).seats.waiting == []


async def test_whoever_is_deactivated_is_passed_over_and_keeps_their_place(school: School) -> None:
    class_, [leaving, leaving_too], [away, second] = await school.full(waiting=2)
    await school.register("student", away, status="deactivated")
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    assert await offered_to(school, class_.id) == [second]
    granted(await school.execute(school.withdrawal(class_.id, leaving_too)))
    assert await offered_to(school, class_.id) == [second]
    await school.register("student", away)
    granted(await school.execute(MoveUpWaitingList(class_id=class_.id)))
    assert await offered_to(school, class_.id) == [away, second]


async def test_whoever_was_deactivated_since_cannot_accept(school: School) -> None:
    class_, [leaving, _], [first] = await school.full()
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    await school.register("student", first, status="deactivated")
    assert refusal(await school.execute(school.acceptance(class_.id, first))) == StudentDeactivated(first)


async def test_only_the_student_or_the_office_answers_an_offer(school: School) -> None:
    class_, [leaving, _], [first] = await school.full()
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    for somebody in (actor("student"), actor("instructor"), school.instructor):
        commands: tuple[Command[object], ...] = (
            school.acceptance(class_.id, first, by=somebody),
            school.leaving(class_.id, first, by=somebody),
        )
        for command in commands:
            assert refusal(await school.execute(command)) == NotYourSeat(first)  # type: ignore[arg-type]
    granted(await school.execute(school.acceptance(class_.id, first, by=school.staff)))


async def test_a_seat_that_is_not_offered_cannot_be_accepted(school: School) -> None:
    class_, _, [first] = await school.full()
    assert refusal(await school.execute(school.acceptance(class_.id, first))) == NoSeatOffered(first)
    stranger = await school.register("student")
    assert refusal(await school.execute(school.acceptance(class_.id, stranger))) == NotWaiting(stranger)


async def test_who_accepts_again_is_told_that_they_have_the_seat(school: School) -> None:
    class_, [leaving, _], [first] = await school.full()
    granted(await school.execute(school.withdrawal(class_.id, leaving)))
    granted(await school.execute(school.acceptance(class_.id, first)))
    assert refusal(await school.execute(school.acceptance(class_.id, first))) == AlreadyEnrolled()
    granted(await school.execute(school.withdrawal(class_.id, first)))
    assert refusal(await school.execute(school.acceptance(class_.id, first))) == NotWaiting(first)


async def test_who_joins_is_told_their_place(school: School) -> None:
    class_, _, waiting = await school.full(waiting=2)
    joined = await told(school, contracts.WaitingListJoined)
    assert joined == [
        contracts.WaitingListJoined(
            class_id=class_.id, course_id=school.course_id, student_id=student, position=position
        )
        for position, student in enumerate(waiting, start=1)
    ]


async def test_nobody_waits_for_a_seat_they_could_have_or_have_or_wait_for(school: School) -> None:
    free = await school.planned()
    student = await school.register("student")
    assert refusal(await school.execute(school.joining(free.id, student))) == SeatIsFree()
    class_, [enrolled, _], [waiting] = await school.full()
    assert refusal(await school.execute(school.joining(class_.id, enrolled))) == AlreadyEnrolled()
    assert refusal(await school.execute(school.joining(class_.id, waiting))) == AlreadyWaiting()
    instructor = school.instructor.user_id
    assert refusal(await school.execute(school.joining(class_.id, instructor))) == NotAStudent(instructor)


async def test_the_list_of_a_group_ends_when_it_begins_but_that_of_a_private_class_goes_on(school: School) -> None:
    for kind in ("group", "private"):
        class_, [leaving, _], [first, second] = await school.full(waiting=2, type=kind)
        granted(await school.execute(school.withdrawal(class_.id, leaving)))
        granted(await school.execute(school.activation(class_.id)))
        if kind == "private":
            granted(await school.execute(school.acceptance(class_.id, first)))
            continue
        [*_, ended, left_first, left_second] = await school.store.events()
        assert ended == contracts.SeatOfferEnded(class_id=class_.id, student_id=first, outcome="withdrawn")
        assert left_first == contracts.WaitingListLeft(class_id=class_.id, student_id=first, reason="closed")
        assert left_second == contracts.WaitingListLeft(class_id=class_.id, student_id=second, reason="closed")
        assert refusal(await school.execute(school.acceptance(class_.id, first))) == NotWaiting(first)
        assert refusal(await school.execute(school.joining(class_.id, first))) == EnrollmentClosed(class_.id)
