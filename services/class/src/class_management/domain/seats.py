"""The seats of a class: who has one, who is offered one, who waits for one, and who visits a meeting."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from babyowl_kernel import Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.errors import (
    CapacityBelowEnrolled,
    CapacityBelowPromised,
    ResizeRefused,
    StudentNotEnrolled,
)
from class_management.domain.seat_errors import (
    AlreadyEnrolled,
    AlreadyGuest,
    AlreadyWaiting,
    ClassFull,
    JoiningRefused,
    MeetingFull,
    NoSeatOffered,
    NotWaiting,
    OfferRefused,
    SeatIsFree,
    SeatOfferLapsed,
    SeatTakingRefused,
    StudentIsGuest,
    VisitRefused,
    WaitingListFull,
)
from class_management.domain.values import (
    MAX_WAITING,
    EnrollmentId,
    EnrollmentStatus,
    MeetingId,
    UserId,
    VoucherId,
)


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A student's place in a class, for ever: who has left comes back to it, and to the account of the same id.

    `credits` is the package that came with it; none came with a seat that was changed for one in another class.
    `changes` counts the lines of its history.
    """

    id: EnrollmentId
    student_id: UserId
    credits: int
    enrolled_by: UserId
    enrolled_at: datetime
    status: EnrollmentStatus = "enrolled"
    left_at: datetime | None = None
    changes: int = 1


@dataclass(frozen=True, slots=True)
class WaitingPlace:
    """A student who waits, in the order of `number`; with `offer_expires_at`, one for whom a seat is kept."""

    student_id: UserId
    number: int
    joined_at: datetime
    joined_by: UserId
    offered_at: datetime | None = None
    offer_expires_at: datetime | None = None

    def has_lapsed(self, now: datetime) -> bool:
        """Whether a seat was kept long enough."""
        return self.offer_expires_at is not None and self.offer_expires_at <= now


@dataclass(frozen=True, slots=True)
class GuestSeat:
    """A seat at one meeting, for a student of another class who makes a meeting up; `starts_at` is the meeting's."""

    meeting_id: MeetingId
    student_id: UserId
    voucher_id: VoucherId
    starts_at: datetime


@dataclass(kw_only=True)
class Seats:
    """All seats of a class; seats taken, offered, and lent to the guests of a meeting never exceed the capacity.

    `enrollments` has those with a seat, and of those who left it whoever was asked for. `waiting` is in order.
    """

    capacity: int
    enrollments: dict[UserId, Enrollment] = field(default_factory=dict)
    waiting: list[WaitingPlace] = field(default_factory=list)
    guests: list[GuestSeat] = field(default_factory=list)

    @property
    def enrolled(self) -> dict[UserId, Enrollment]:
        """Those who have a seat now."""
        return {student: seat for student, seat in self.enrollments.items() if seat.status == "enrolled"}

    @property
    def offers(self) -> list[WaitingPlace]:
        """Those for whom a seat is kept."""
        return [place for place in self.waiting if place.offered_at is not None]

    def free(self, now: datetime) -> int:
        """Seats that somebody could have from now on: at the fullest of the meetings ahead they must be free too."""
        visited = [guest.meeting_id for guest in self.guests if guest.starts_at > now]
        most_guests = max((visited.count(meeting_id) for meeting_id in visited), default=0)
        return self.capacity - self._promised - most_guests

    def free_at(self, meeting_id: MeetingId) -> int:
        """Seats that are free at one meeting."""
        return self.capacity - self._promised - sum(guest.meeting_id == meeting_id for guest in self.guests)

    @property
    def _promised(self) -> int:
        return len(self.enrolled) + len(self.offers)

    def resize(self, capacity: int, *, now: datetime) -> Result[None, ResizeRefused]:
        """Have more seats, or fewer: never fewer than are given away."""
        if refusal := policies.capacity_is_possible(capacity):
            return Err(refusal)
        if capacity < len(self.enrolled):
            return Err(CapacityBelowEnrolled(len(self.enrolled)))
        given_away = self.capacity - self.free(now)
        if capacity < given_away:
            return Err(CapacityBelowPromised(given_away))
        self.capacity = capacity
        return Ok(None)

    # Having a seat.

    def take(
        self, student_id: UserId, *, with_credits: int, by: UserId, now: datetime, new_id: NewId
    ) -> Result[Enrollment, SeatTakingRefused]:
        """Give the student a free seat, or the one that is kept for them; who had one before comes back to it."""
        former = self.enrollments.get(student_id)
        if former is not None and former.status == "enrolled":
            return Err(AlreadyEnrolled())
        if any(guest.student_id == student_id and guest.starts_at > now for guest in self.guests):
            return Err(StudentIsGuest(student_id))
        place = self.place_of(student_id)
        if (place is None or place.offered_at is None) and self.free(now) < 1:
            return Err(ClassFull(self.capacity))
        if former is None:
            seat = Enrollment(new_id(), student_id, with_credits, enrolled_by=by, enrolled_at=now)
        else:
            seat = replace(former, status="enrolled", left_at=None, changes=former.changes + 1)
        self.enrollments[student_id] = seat
        self.waiting = [each for each in self.waiting if each.student_id != student_id]
        return Ok(seat)

    def leave(
        self, student_id: UserId, status: EnrollmentStatus, *, now: datetime
    ) -> Result[Enrollment, StudentNotEnrolled]:
        """Give the student's seat up."""
        seat = self.enrollments.get(student_id)
        if seat is None or seat.status != "enrolled":
            return Err(StudentNotEnrolled(student_id))
        left = replace(seat, status=status, left_at=now, changes=seat.changes + 1)
        self.enrollments[student_id] = left
        return Ok(left)

    # Waiting for a seat.

    def place_of(self, student_id: UserId) -> WaitingPlace | None:
        """Where the student waits."""
        return next((place for place in self.waiting if place.student_id == student_id), None)

    def join(self, student_id: UserId, *, by: UserId, now: datetime) -> Result[WaitingPlace, JoiningRefused]:
        """Wait behind all others; not for a seat that could be had at once."""
        seat = self.enrollments.get(student_id)
        if seat is not None and seat.status == "enrolled":
            return Err(AlreadyEnrolled())
        if self.place_of(student_id) is not None:
            return Err(AlreadyWaiting())
        if not self.waiting and self.free(now) > 0:
            return Err(SeatIsFree())
        if len(self.waiting) >= MAX_WAITING:
            return Err(WaitingListFull(MAX_WAITING))
        number = 1 + max((place.number for place in self.waiting), default=0)
        place = WaitingPlace(student_id, number, joined_at=now, joined_by=by)
        self.waiting.append(place)
        return Ok(place)

    def stop_waiting(self, student_id: UserId) -> Result[WaitingPlace, NotWaiting]:
        """Give up the place, and the seat that may be kept."""
        place = self.place_of(student_id)
        if place is None:
            return Err(NotWaiting(student_id))
        self.waiting.remove(place)
        return Ok(place)

    def offer_of(self, student_id: UserId, *, now: datetime) -> Result[WaitingPlace, OfferRefused]:
        """The offer that the student may still accept."""
        seat = self.enrollments.get(student_id)
        if seat is not None and seat.status == "enrolled":
            return Err(AlreadyEnrolled())
        place = self.place_of(student_id)
        if place is None:
            return Err(NotWaiting(student_id))
        if place.offer_expires_at is None:
            return Err(NoSeatOffered(student_id))
        return Err(SeatOfferLapsed(place.offer_expires_at)) if place.has_lapsed(now) else Ok(place)

    def lapse(self, now: datetime) -> list[WaitingPlace]:
        """End the offers that nobody has taken in time; whoever had one waits no longer."""
        lapsed = [place for place in self.waiting if place.has_lapsed(now)]
        self.waiting = [place for place in self.waiting if place not in lapsed]
        return lapsed

    def offer_free_seats(
        self, *, lasting: timedelta, passing_over: Collection[UserId], now: datetime
    ) -> list[WaitingPlace]:
        """Keep each free seat for whoever has waited longest; who is passed over keeps their place in the list."""
        offered: list[WaitingPlace] = []
        for index, place in enumerate(self.waiting):
            if self.free(now) < 1:
                break
            if place.offered_at is None and place.student_id not in passing_over:
                self.waiting[index] = replace(place, offered_at=now, offer_expires_at=now + lasting)
                offered.append(self.waiting[index])
        return offered

    def close(self) -> list[WaitingPlace]:
        """Take no further students: nobody waits any longer, and no seat is kept."""
        ended, self.waiting = self.waiting, []
        return ended

    # Visiting a meeting.

    def seat_guest(self, guest: GuestSeat) -> Result[GuestSeat, VisitRefused]:
        """Lend a seat that is free at this meeting."""
        seat = self.enrollments.get(guest.student_id)
        if seat is not None and seat.status == "enrolled":
            return Err(AlreadyEnrolled())
        if self._guest(guest.meeting_id, guest.student_id) is not None:
            return Err(AlreadyGuest(guest.meeting_id))
        if self.free_at(guest.meeting_id) < 1:
            return Err(MeetingFull(guest.meeting_id))
        self.guests.append(guest)
        return Ok(guest)

    def unseat_guest(self, meeting_id: MeetingId, student_id: UserId) -> GuestSeat | None:
        """Take the seat back; None if nobody was sitting there."""
        guest = self._guest(meeting_id, student_id)
        if guest is not None:
            self.guests.remove(guest)
        return guest

    def _guest(self, meeting_id: MeetingId, student_id: UserId) -> GuestSeat | None:
        return next((g for g in self.guests if (g.meeting_id, g.student_id) == (meeting_id, student_id)), None)
