"""The arithmetic of seats: taken, offered, lent to guests, and waited for; no store is needed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_kernel import Ok, Result
from class_management.domain.errors import (
    CapacityBelowEnrolled,
    CapacityBelowPromised,
    CapacityOutOfRange,
    StudentNotEnrolled,
)
from class_management.domain.seat_errors import (
    AlreadyEnrolled,
    AlreadyGuest,
    AlreadyWaiting,
    ClassFull,
    MeetingFull,
    NoSeatOffered,
    NotWaiting,
    SeatIsFree,
    SeatOfferLapsed,
    SeatTakingRefused,
    StudentIsGuest,
    WaitingListFull,
)
from class_management.domain.seats import Enrollment, GuestSeat, Seats, WaitingPlace
from class_management.domain.values import MAX_WAITING

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
TWO_DAYS = timedelta(hours=48)
STAFF = new_id()


def take(seats: Seats, student_id: UUID, now: datetime = NOON) -> Result[Enrollment, SeatTakingRefused]:
    return seats.take(student_id, with_credits=8, by=STAFF, now=now, new_id=new_id)


def full(capacity: int) -> tuple[Seats, list[UUID]]:
    """A class without a free seat."""
    seats, students = Seats(capacity=capacity), [new_id() for _ in range(capacity)]
    for student in students:
        granted(take(seats, student))
    return seats, students


def offer(seats: Seats, *passing_over: UUID, now: datetime = NOON) -> list[UUID]:
    offered = seats.offer_free_seats(lasting=TWO_DAYS, passing_over=passing_over, now=now)
    return [place.student_id for place in offered]


def visit(student_id: UUID, meeting_id: UUID, starts_at: datetime = NOON + timedelta(days=1)) -> GuestSeat:
    return GuestSeat(meeting_id, student_id, new_id(), starts_at)


def waiting(seats: Seats, number: int) -> list[UUID]:
    students = [new_id() for _ in range(number)]
    for student in students:
        granted(seats.join(student, by=STAFF, now=NOON))
    return students


class TestTaking:
    @pytest.mark.parametrize("capacity", [1, 6])
    def test_there_are_as_many_seats_as_the_capacity_says(self, capacity: int) -> None:
        seats, _ = full(capacity)
        assert seats.free(NOON) == 0
        assert refusal(take(seats, new_id())) == ClassFull(capacity)

    def test_nobody_has_two_seats(self) -> None:
        seats = Seats(capacity=2)
        student = new_id()
        granted(take(seats, student))
        assert refusal(take(seats, student)) == AlreadyEnrolled()

    @pytest.mark.parametrize("how", ["withdrawn", "transferred"])
    def test_who_has_left_comes_back_to_the_place_they_had(self, how: str) -> None:
        seats, [student] = full(1)
        first = seats.enrolled[student]
        left = granted(seats.leave(student, how, now=NOON))  # type: ignore[arg-type]
        assert (left.status, left.left_at, left.changes) == (how, NOON, 2)
        assert seats.enrolled == {}
        assert granted(take(seats, student, NOON + TWO_DAYS)) == replace(first, changes=3)

    def test_a_seat_is_left_once(self) -> None:
        seats, [student] = full(1)
        granted(seats.leave(student, "withdrawn", now=NOON))
        again = seats.leave(student, "withdrawn", now=NOON)
        assert refusal(again) == StudentNotEnrolled(student)
        assert refusal(seats.leave(new_id(), "withdrawn", now=NOON)).code == "student_not_enrolled"


class TestCapacity:
    @pytest.mark.parametrize("capacity", [0, 101])
    def test_it_keeps_within_its_bounds(self, capacity: int) -> None:
        assert refusal(Seats(capacity=1).resize(capacity, now=NOON)) == CapacityOutOfRange(100)

    def test_there_are_never_fewer_seats_than_students(self) -> None:
        seats, _ = full(3)
        assert refusal(seats.resize(2, now=NOON)) == CapacityBelowEnrolled(3)
        granted(seats.resize(3, now=NOON))

    def test_nor_fewer_than_are_offered_or_lent_to_guests(self) -> None:
        seats, [student, _, leaving] = full(3)
        waiting(seats, 1)
        granted(seats.leave(leaving, "withdrawn", now=NOON))
        offer(seats)
        assert refusal(seats.resize(2, now=NOON)) == CapacityBelowPromised(3)
        granted(seats.leave(student, "withdrawn", now=NOON))
        granted(seats.seat_guest(visit(new_id(), new_id())))
        assert refusal(seats.resize(2, now=NOON)) == CapacityBelowPromised(3)
        granted(seats.resize(2, now=NOON + timedelta(days=1)))


class TestWaiting:
    def test_a_list_is_for_seats_that_cannot_be_had(self) -> None:
        seats, [student] = full(1)
        assert refusal(Seats(capacity=1).join(new_id(), by=STAFF, now=NOON)) == SeatIsFree()
        assert refusal(seats.join(student, by=STAFF, now=NOON)) == AlreadyEnrolled()
        waits = new_id()
        granted(seats.join(waits, by=STAFF, now=NOON))
        assert refusal(seats.join(waits, by=STAFF, now=NOON)) == AlreadyWaiting()

    @pytest.mark.parametrize("room", [1, 0])
    def test_a_list_has_an_end(self, room: int) -> None:
        seats, _ = full(1)
        waiting(seats, MAX_WAITING - room)
        outcome = seats.join(new_id(), by=STAFF, now=NOON)
        assert isinstance(outcome, Ok) if room else refusal(outcome) == WaitingListFull(MAX_WAITING)

    def test_a_free_seat_is_kept_for_whoever_has_waited_longest(self) -> None:
        seats, [leaving, _] = full(2)
        first, second = waiting(seats, 2)
        assert offer(seats) == []
        granted(seats.leave(leaving, "withdrawn", now=NOON))
        assert offer(seats) == [first]
        assert seats.free(NOON) == 0
        assert offer(seats) == []
        assert refusal(take(seats, second)) == ClassFull(2)
        assert refusal(take(seats, new_id())) == ClassFull(2)
        granted(take(seats, first))
        assert [place.student_id for place in seats.waiting] == [second]

    def test_more_seats_are_offered_to_as_many(self) -> None:
        seats, _ = full(1)
        first, second, third = waiting(seats, 3)
        granted(seats.resize(3, now=NOON))
        assert offer(seats) == [first, second]
        assert refusal(seats.offer_of(third, now=NOON)) == NoSeatOffered(third)

    def test_who_is_passed_over_keeps_their_place(self) -> None:
        seats, [leaving] = full(1)
        away, next_one = waiting(seats, 2)
        granted(seats.leave(leaving, "withdrawn", now=NOON))
        assert offer(seats, away) == [next_one]
        granted(seats.stop_waiting(next_one))
        assert offer(seats) == [away]

    @pytest.mark.parametrize(("late", "good"), [(timedelta(seconds=-1), True), (timedelta(0), False)])
    def test_an_offer_is_good_until_it_expires(self, late: timedelta, good: bool) -> None:
        seats, [leaving] = full(1)
        [student] = waiting(seats, 1)
        granted(seats.leave(leaving, "withdrawn", now=NOON))
        offer(seats)
        now = NOON + TWO_DAYS + late
        found = seats.offer_of(student, now=now)
        lapsed = seats.lapse(now)
        if good:
            assert granted(found).student_id == student
            assert lapsed == []
        else:
            assert refusal(found) == SeatOfferLapsed(NOON + TWO_DAYS)
            assert [place.student_id for place in lapsed] == [student]
            assert refusal(seats.offer_of(student, now=now)) == NotWaiting(student)
            assert seats.free(now) == 1

    def test_whose_offer_has_lapsed_waits_at_the_end_if_at_all(self) -> None:
        seats, [leaving] = full(1)
        first, second = waiting(seats, 2)
        granted(seats.leave(leaving, "withdrawn", now=NOON))
        offer(seats)
        later = NOON + TWO_DAYS
        seats.lapse(later)
        assert offer(seats, now=later) == [second]
        granted(seats.join(first, by=STAFF, now=later))
        assert [place.student_id for place in seats.waiting] == [second, first]

    def test_a_closed_list_keeps_nobody_and_no_seat(self) -> None:
        seats, [leaving] = full(1)
        students = waiting(seats, 2)
        granted(seats.leave(leaving, "withdrawn", now=NOON))
        offer(seats)
        assert [place.student_id for place in seats.close()] == students
        assert seats.waiting == []
        assert seats.free(NOON) == 1

    def test_who_does_not_wait_cannot_stop_waiting(self) -> None:
        student = new_id()
        assert refusal(Seats(capacity=1).stop_waiting(student)) == NotWaiting(student)


class TestGuests:
    def test_a_guest_takes_a_seat_of_one_meeting_only(self) -> None:
        seats, meeting, other = Seats(capacity=1), new_id(), new_id()
        granted(seats.seat_guest(visit(new_id(), meeting)))
        assert refusal(seats.seat_guest(visit(new_id(), meeting))) == MeetingFull(meeting)
        granted(seats.seat_guest(visit(new_id(), other)))

    def test_nobody_is_a_guest_twice_nor_in_their_own_class(self) -> None:
        seats, meeting, guest = Seats(capacity=3), new_id(), new_id()
        granted(seats.seat_guest(visit(guest, meeting)))
        assert refusal(seats.seat_guest(visit(guest, meeting))) == AlreadyGuest(meeting)
        student = new_id()
        granted(take(seats, student))
        assert refusal(seats.seat_guest(visit(student, meeting))) == AlreadyEnrolled()
        assert refusal(take(seats, guest)) == StudentIsGuest(guest)

    def test_a_seat_for_good_must_be_free_at_the_fullest_meeting_ahead(self) -> None:
        seats, fullest = Seats(capacity=2), new_id()
        for meeting in (fullest, fullest, new_id()):
            granted(seats.seat_guest(visit(new_id(), meeting)))
        student = new_id()
        assert refusal(take(seats, student)) == ClassFull(2)
        granted(take(seats, student, NOON + timedelta(days=1)))

    def test_an_offered_seat_is_lent_to_nobody(self) -> None:
        seats, [leaving] = full(1)
        waiting(seats, 1)
        granted(seats.leave(leaving, "withdrawn", now=NOON))
        offer(seats)
        assert refusal(seats.seat_guest(visit(new_id(), new_id()))).code == "meeting_full"

    def test_a_seat_that_is_given_back_is_free_again_however_often_it_is_given_back(self) -> None:
        seats, meeting, guest = Seats(capacity=1), new_id(), new_id()
        granted(seats.seat_guest(visit(guest, meeting)))
        assert seats.unseat_guest(meeting, guest) is not None
        assert seats.unseat_guest(meeting, guest) is None
        assert seats.free_at(meeting) == seats.free(NOON) == 1


STUDENTS = [UUID(int=n) for n in range(1, 13)]
MEETINGS = [UUID(int=n) for n in range(101, 104)]
students = st.sampled_from(STUDENTS)


class SeatsOfAClass(RuleBasedStateMachine):
    """Whatever is asked of the seats of a class, in whatever order: none is given away twice, none is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.seats = Seats(capacity=3)
        self.now = NOON
        self.away: set[UUID] = set()

    def move_up(self) -> None:
        self.seats.lapse(self.now)
        self.seats.offer_free_seats(lasting=TWO_DAYS, passing_over=self.away, now=self.now)

    @rule(student=students)
    def take(self, student: UUID) -> None:
        was_offered = isinstance(self.seats.offer_of(student, now=self.now), Ok)
        free = self.seats.free(self.now)
        if isinstance(take(self.seats, student, self.now), Ok):
            assert was_offered or free > 0
        self.move_up()

    @rule(student=students)
    def leave(self, student: UUID) -> None:
        self.seats.leave(student, "withdrawn", now=self.now)
        self.move_up()

    @rule(student=students)
    def join(self, student: UUID) -> None:
        self.seats.join(student, by=STAFF, now=self.now)
        self.move_up()

    @rule(student=students)
    def stop_waiting(self, student: UUID) -> None:
        self.seats.stop_waiting(student)
        self.move_up()

    @rule(student=students)
    def go_away_or_come_back(self, student: UUID) -> None:
        self.away ^= {student}
        self.move_up()

    @rule(capacity=st.integers(1, 6))
    def resize(self, capacity: int) -> None:
        self.seats.resize(capacity, now=self.now)
        self.move_up()

    @rule(student=students, meeting=st.sampled_from(MEETINGS))
    def visit(self, student: UUID, meeting: UUID) -> None:
        starts_at = NOON + timedelta(days=30 * (1 + MEETINGS.index(meeting)))
        if starts_at > self.now:
            self.seats.seat_guest(visit(student, meeting, starts_at))

    @rule(student=students, meeting=st.sampled_from(MEETINGS))
    def go_home(self, student: UUID, meeting: UUID) -> None:
        self.seats.unseat_guest(meeting, student)
        self.move_up()

    @rule(hours=st.integers(1, 72))
    def let_time_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.move_up()

    @invariant()
    def no_seat_is_given_away_twice(self) -> None:
        assert self.seats.free(self.now) >= 0

    @invariant()
    def no_seat_is_free_while_somebody_waits_for_it(self) -> None:
        if self.seats.free(self.now) > 0:
            assert {place.student_id for place in self.seats.waiting if place.offered_at is None} <= self.away

    @invariant()
    def nobody_has_a_seat_and_waits(self) -> None:
        assert not set(self.seats.enrolled) & {place.student_id for place in self.seats.waiting}

    @invariant()
    def the_list_is_in_order_and_names_each_once(self) -> None:
        numbers = [place.number for place in self.seats.waiting]
        assert numbers == sorted(set(numbers))
        named = [place.student_id for place in self.seats.waiting]
        assert len(named) == len(set(named))


TestSeatsOfAClass = SeatsOfAClass.TestCase
TestSeatsOfAClass.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_a_place_without_an_offer_never_lapses() -> None:
    place = WaitingPlace(new_id(), 1, joined_at=NOON, joined_by=STAFF)
    assert not place.has_lapsed(NOON + timedelta(days=9_999))
