"""A class: who teaches whom what, and on which terms."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.errors import (
    AlreadyActivated,
    ClassNotActive,
    ClassOver,
    CompletionRefused,
    EditRefused,
    MeetingsAhead,
    MeetingsFixed,
    StaleVersion,
    StudentNotEnrolled,
)
from class_management.domain.events import (
    ClassActivated,
    ClassCancelled,
    ClassCompleted,
    ClassEdited,
    SeatOffered,
    SeatOfferEnded,
    StudentEnrolled,
    StudentWithdrawn,
    WaitingListJoined,
    WaitingListLeft,
)
from class_management.domain.schedule import ALWAYS_OPEN, ClosedDays
from class_management.domain.seat_errors import (
    EnrollmentClosed,
    EnrollmentRefused,
    NotWaiting,
    VisitRefused,
    WaitingRefused,
)
from class_management.domain.seats import Enrollment, GuestSeat, Seats, WaitingPlace
from class_management.domain.terms import ChangedTerms, Terms
from class_management.domain.timetable import Timetable
from class_management.domain.values import (
    ClassId,
    ClassStatus,
    ClassType,
    CourseId,
    CreditsLeft,
    EnrollmentStatus,
    MeetingId,
    OfferOutcome,
    Tally,
    UserId,
    WaitingEnd,
    ZeroBalance,
)


@dataclass(kw_only=True)
class Class(AggregateRoot):
    """Students who follow a course together, with one instructor.

    `package` is how many meetings an enrolment pays for. A group class has exactly those; a private one may
    meet more often, paid from what its students have left. `make_up_days` is how long an excused absence can be
    made up for, `credit_days` how long a package can be spent (None: not at all, and for ever). A free seat is kept
    `offer_hours` for whoever is next on the waiting list.
    """

    name: str
    course_id: CourseId
    instructor_id: UserId
    type: ClassType
    status: ClassStatus = "draft"
    package: int
    zero_balance: ZeroBalance
    excuse_deadline: timedelta
    make_up_days: int | None
    credit_days: int | None
    offer_hours: int
    created_by: UserId
    created_at: datetime
    activated_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_reason: str | None = None
    seats: Seats

    @property
    def capacity(self) -> int:
        """How many seats there are."""
        return self.seats.capacity

    @property
    def enrollments(self) -> dict[UserId, Enrollment]:
        """Those who have a seat."""
        return self.seats.enrolled

    @property
    def terms(self) -> Terms:
        """What staff have settled about the class."""
        return Terms(
            name=self.name,
            instructor_id=self.instructor_id,
            capacity=self.capacity,
            package=self.package,
            zero_balance=self.zero_balance,
            excuse_deadline=self.excuse_deadline,
            make_up_days=self.make_up_days,
            credit_days=self.credit_days,
            offer_hours=self.offer_hours,
        )

    @property
    def is_over(self) -> bool:
        """Whether the class has come to its end, of whichever kind."""
        return self.status in ("completed", "cancelled")

    @property
    def is_open_for_enrollment(self) -> bool:
        """A group takes students until it starts; a private class until it ends."""
        return self.status == "draft" or (self.type == "private" and self.status == "active")

    @property
    def refusal_of_meetings(self) -> MeetingsFixed | ClassNotActive | None:
        """A private class meets as often as it likes until it ends; a group as often as its package says."""
        if self.type == "group":
            return MeetingsFixed(self.package)
        return ClassNotActive(self.id) if self.is_over else None

    def package_expires_at(self, granted_at: datetime) -> datetime | None:
        """Until when a package can be spent that is granted now; None is for ever."""
        return None if self.credit_days is None else granted_at + timedelta(days=self.credit_days)

    def version_with(self, timetable: Timetable) -> int:
        """Counts the changes of the class and of its timetable, which are shown together, from 1."""
        return self.version + timetable.version - 1

    def changed_since(self, version: int | None, timetable: Timetable) -> StaleVersion | None:
        """Why whoever has seen that version of both decides nothing; None does not mind."""
        current = self.version_with(timetable)
        return None if version in (None, current) else StaleVersion(current)

    # Its life.

    def edit(
        self,
        changes: ChangedTerms,
        timetable: Timetable,
        *,
        closed: ClosedDays = ALWAYS_OPEN,
        expected_version: int | None = None,
        now: datetime,
        new_id: NewId,
    ) -> Result["Class", EditRefused]:
        """Change the terms that may still change, and the series with the package and the instructor."""
        terms, wanted = self.terms, changes.applied_to(self.terms)
        if stale := self.changed_since(expected_version, timetable):
            return Err(stale)
        if self.is_over:
            return Err(ClassOver(self.id))
        if refusal := policies.terms_are_possible(wanted):
            return Err(refusal)
        if self.status != "draft" and (settled := policies.settled_with_activation(terms, wanted)):
            return Err(settled)
        if wanted == terms:
            return Ok(self)
        resized = self.seats.resize(wanted.capacity, now=now)
        if isinstance(resized, Err):
            return resized
        if wanted.instructor_id != terms.instructor_id:
            timetable.hand_to(wanted.instructor_id, is_draft=self.status == "draft", now=now)
        if wanted.package != terms.package:
            added_by_hand = max(timetable.total_meetings - terms.package, 0)
            timetable.resize(wanted.package + added_by_hand, closed=closed, now=now, new_id=new_id)
        self.name, self.instructor_id = wanted.name, wanted.instructor_id
        self.package, self.zero_balance = wanted.package, wanted.zero_balance
        self.excuse_deadline, self.make_up_days = wanted.excuse_deadline, wanted.make_up_days
        self.credit_days, self.offer_hours = wanted.credit_days, wanted.offer_hours
        self.record(
            ClassEdited(
                class_id=self.id,
                course_id=self.course_id,
                instructor_id=self.instructor_id,
                capacity=self.capacity,
                meetings=timetable.planned,
            )
        )
        return Ok(self)

    def activate(self, *, now: datetime) -> Result["Class", AlreadyActivated | ClassOver]:
        """Let the class begin: its package is frozen, and a group takes no further students."""
        if self.is_over:
            return Err(ClassOver(self.id))
        if self.status != "draft":
            return Err(AlreadyActivated(self.id))
        self.status, self.activated_at = "active", now
        self.record(ClassActivated(class_id=self.id, course_id=self.course_id))
        if not self.is_open_for_enrollment:
            self._close_waiting_list()
        return Ok(self)

    def complete(
        self,
        timetable: Timetable,
        *,
        tally: Tally,
        balances: Mapping[UserId, int],
        begun: Collection[MeetingId] = (),
        cancel_remaining: bool,
        now: datetime,
    ) -> Result["Class", CompletionRefused]:
        """Bring the class to its end; planned meetings ahead are in the way, unless they are to be cancelled.

        A meeting that has `begun` has marks already, a little before its time.
        """
        if self.status != "active":
            return Err(ClassNotActive(self.id))
        ahead = sum(meeting.starts_at > now and meeting.id not in begun for meeting in timetable.planned)
        if ahead and not cancel_remaining:
            return Err(MeetingsAhead(ahead))
        planned = timetable.total_meetings
        timetable.cancel_rest("The class was completed.", marked=begun, now=now)
        self.status, self.ended_at = "completed", now
        self.record(
            ClassCompleted(
                class_id=self.id,
                course_id=self.course_id,
                instructor_id=self.instructor_id,
                completed_at=now,
                meetings_planned=planned,
                tally=tally,
                credits_left=tuple(
                    CreditsLeft(student_id, seat.id, balances[student_id])
                    for student_id, seat in self.enrollments.items()
                ),
            )
        )
        self._close_waiting_list()
        return Ok(self)

    def cancel(
        self, timetable: Timetable, *, reason: str, begun: Collection[MeetingId] = (), now: datetime
    ) -> Result["Class", ClassOver]:
        """Call the class off, with the meetings it has ahead; seats and credits stay as they are."""
        if self.is_over:
            return Err(ClassOver(self.id))
        timetable.cancel_rest(reason, marked=begun, now=now)
        self.status, self.ended_at, self.cancel_reason = "cancelled", now, reason
        self.record(ClassCancelled(class_id=self.id, course_id=self.course_id))
        self._close_waiting_list()
        return Ok(self)

    # Its seats.

    def enroll(
        self,
        student_id: UserId,
        *,
        holding: int | None = None,
        transferred_from: ClassId | None = None,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result[Enrollment, EnrollmentRefused]:
        """Give the student a seat and the class's whole package of meetings.

        There is no package for who comes back to their seat, or from another class: `holding` is what their
        account holds then.
        """
        if not self.is_open_for_enrollment:
            return Err(EnrollmentClosed(self.id))
        resumed, place = student_id in self.seats.enrollments, self.seats.place_of(student_id)
        with_credits = self.package if holding is None else 0
        taken = self.seats.take(student_id, with_credits=with_credits, by=by, now=now, new_id=new_id)
        if isinstance(taken, Err):
            return taken
        self.record(
            StudentEnrolled(
                class_id=self.id,
                course_id=self.course_id,
                student_id=student_id,
                enrollment_id=taken.value.id,
                credits=self.package if holding is None else holding,
                resumed=resumed,
                transferred_from=transferred_from,
                number=taken.value.changes,
                enrolled_by=by,
                enrolled_at=now,
            )
        )
        if place is not None:
            self._ended(place, "accepted", "enrolled")
        return taken

    def withdraw(
        self,
        student_id: UserId,
        *,
        to_class_id: ClassId | None = None,
        reason: str | None = None,
        credits_left: int,
        by: UserId,
        now: datetime,
    ) -> Result[Enrollment, ClassOver | StudentNotEnrolled]:
        """Take the student out of the class, for another one if that is named, also when this one is over."""
        if self.is_over and to_class_id is None:
            return Err(ClassOver(self.id))
        how: EnrollmentStatus = "withdrawn" if to_class_id is None else "transferred"
        left = self.seats.leave(student_id, how, now=now)
        if not isinstance(left, Err):
            self.record(
                StudentWithdrawn(
                    class_id=self.id,
                    course_id=self.course_id,
                    student_id=student_id,
                    enrollment_id=left.value.id,
                    credits_left=credits_left,
                    to_class_id=to_class_id,
                    number=left.value.changes,
                    withdrawn_by=by,
                    withdrawn_at=now,
                    reason=reason,
                )
            )
        return left

    def seat_guest(self, guest: GuestSeat) -> Result[GuestSeat, VisitRefused]:
        """Lend a seat of one meeting to a student of another class."""
        return self.seats.seat_guest(guest)

    def unseat_guest(self, meeting_id: MeetingId, student_id: UserId) -> GuestSeat | None:
        """Take the seat back; None if nobody was sitting there."""
        return self.seats.unseat_guest(meeting_id, student_id)

    # Its waiting list.

    def join_waiting_list(
        self, student_id: UserId, *, by: UserId, now: datetime
    ) -> Result[WaitingPlace, WaitingRefused]:
        """Wait for a seat, behind all others."""
        if not self.is_open_for_enrollment:
            return Err(EnrollmentClosed(self.id))
        joined = self.seats.join(student_id, by=by, now=now)
        if not isinstance(joined, Err):
            self.record(
                WaitingListJoined(
                    class_id=self.id,
                    course_id=self.course_id,
                    student_id=student_id,
                    position=len(self.seats.waiting),
                )
            )
        return joined

    def leave_waiting_list(self, student_id: UserId) -> Result[WaitingPlace, NotWaiting]:
        """Wait no longer, and decline the seat that may be kept."""
        left = self.seats.stop_waiting(student_id)
        if not isinstance(left, Err):
            self._ended(left.value, "declined", "left")
        return left

    def move_up(self, *, passing_over: Collection[UserId], now: datetime) -> None:
        """Let offers lapse that nobody took, and keep each free seat for whoever has waited longest."""
        for place in self.seats.lapse(now):
            self._ended(place, "lapsed", "lapsed")
        lasting = timedelta(hours=self.offer_hours)
        for place in self.seats.offer_free_seats(lasting=lasting, passing_over=passing_over, now=now):
            self.record(
                SeatOffered(
                    class_id=self.id,
                    course_id=self.course_id,
                    student_id=place.student_id,
                    expires_at=now + lasting,
                )
            )

    def _close_waiting_list(self) -> None:
        for place in self.seats.close():
            self._ended(place, "withdrawn", "closed")

    def _ended(self, place: WaitingPlace, outcome: OfferOutcome, reason: WaitingEnd) -> None:
        if place.offered_at is not None:
            self.record(SeatOfferEnded(class_id=self.id, student_id=place.student_id, outcome=outcome))
        self.record(WaitingListLeft(class_id=self.id, student_id=place.student_id, reason=reason))
