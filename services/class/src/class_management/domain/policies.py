"""The rules that stand apart from one aggregate's state: each yields its refusal, or None."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from babyowl_kernel import Actor
from class_management.domain.credit_errors import (
    AdjustmentOfNothing,
    AdjustmentTooLarge,
    ExpiredBefore,
    GrantOutOfRange,
)
from class_management.domain.errors import (
    CapacityOutOfRange,
    ClassNotActive,
    DateOutOfReach,
    DurationOutOfRange,
    InstructorDeactivated,
    InstructorUnknown,
    MarkedTwiceInOneRegister,
    MarkingRefused,
    MeetingInTheFuture,
    MeetingIsOff,
    NotAnInstructor,
    NotYourClass,
    OnlyTheInstructorUnlocks,
    PackageFrozen,
    PackageOutOfRange,
    PolicyOutOfRange,
    TeacherRefused,
    ZeroBalanceFrozen,
)
from class_management.domain.seat_errors import (
    LearnerRefused,
    NotAStudent,
    NotYourSeat,
    StudentDeactivated,
    StudentUnknown,
)
from class_management.domain.terms import Terms
from class_management.domain.values import (
    LONGEST_MEETING,
    MARKING_OPENS_BEFORE_START,
    MAX_ADJUSTMENT,
    MAX_CAPACITY,
    MAX_CREDIT_DAYS,
    MAX_EXCUSE_DEADLINE_MINUTES,
    MAX_MAKE_UP_DAYS,
    MAX_OFFER_HOURS,
    MAX_PACKAGE,
    PLANNABLE_FUTURE,
    PLANNABLE_PAST,
    SHORTEST_MEETING,
    STANDING_IN_ENDS_AFTER,
    ClassId,
    Mark,
    MeetingRegister,
    Person,
    UserId,
)


def capacity_is_possible(capacity: int) -> CapacityOutOfRange | None:
    """A class has at least one seat, and no more than one register can hold."""
    return None if 1 <= capacity <= MAX_CAPACITY else CapacityOutOfRange(MAX_CAPACITY)


def terms_are_possible(terms: Terms) -> CapacityOutOfRange | PackageOutOfRange | PolicyOutOfRange | None:
    """A class has some seats, and policies that somebody can live with."""
    for policy, value, most in (
        ("excuse_deadline_minutes", terms.excuse_deadline // timedelta(minutes=1), MAX_EXCUSE_DEADLINE_MINUTES),
        ("make_up_days", terms.make_up_days, MAX_MAKE_UP_DAYS),
        ("credit_days", terms.credit_days, MAX_CREDIT_DAYS),
        ("offer_hours", terms.offer_hours, MAX_OFFER_HOURS),
    ):
        least = 0 if policy == "excuse_deadline_minutes" else 1
        if value is not None and not least <= value <= most:
            return PolicyOutOfRange(policy, least, most)
    return capacity_is_possible(terms.capacity) or package_is_possible(terms.package)


def settled_with_activation(terms: Terms, wanted: Terms) -> PackageFrozen | ZeroBalanceFrozen | None:
    """What a seat pays for, and what happens when that is spent, stays as it was when the class began."""
    if wanted.package != terms.package:
        return PackageFrozen(terms.package)
    return None if wanted.zero_balance == terms.zero_balance else ZeroBalanceFrozen(terms.zero_balance)


def package_is_possible(package: int) -> PackageOutOfRange | None:
    """A package has at least one meeting."""
    return None if 1 <= package <= MAX_PACKAGE else PackageOutOfRange(MAX_PACKAGE)


def date_is_within_reach(day: date, *, today: date, series_ends: date | None = None) -> DateOutOfReach | None:
    """A class may have begun some weeks ago, and may begin some terms ahead, or last longer than that."""
    earliest, latest = today - PLANNABLE_PAST, max(today + PLANNABLE_FUTURE, series_ends or today)
    return None if earliest <= day <= latest else DateOutOfReach(earliest, latest)


def duration_is_possible(duration: timedelta) -> DurationOutOfRange | None:
    """A meeting is neither a moment nor a day."""
    if SHORTEST_MEETING <= duration <= LONGEST_MEETING:
        return None
    return DurationOutOfRange(SHORTEST_MEETING // timedelta(minutes=1), LONGEST_MEETING // timedelta(minutes=1))


def may_teach(instructor_id: UserId, person: Person | None) -> TeacherRefused | None:
    """A class is taught by an instructor whose account has not been closed."""
    if person is None:
        return InstructorUnknown(instructor_id)
    if person.role != "instructor":
        return NotAnInstructor(instructor_id)
    return InstructorDeactivated(instructor_id) if person.is_deactivated else None


def may_learn(student_id: UserId, person: Person | None) -> LearnerRefused | None:
    """A seat is for a student whose account has not been closed; it may still wait for its verification."""
    if person is None:
        return StudentUnknown(student_id)
    if person.role != "student":
        return NotAStudent(student_id)
    return StudentDeactivated(student_id) if person.is_deactivated else None


def may_answer_for(student_id: UserId, by: Actor) -> NotYourSeat | None:
    """Who waits for a seat answers for themselves, or the office does."""
    return None if by.is_staff or by.user_id == student_id else NotYourSeat(student_id)


def may_mark(register: MeetingRegister, by: Actor, now: datetime) -> MarkingRefused | None:
    """The register is kept by the class's instructor, a substitute, or the office, once the class has begun.

    It opens shortly before the meeting starts and never closes, so that a mark can be corrected at any time; but
    whoever taught only this meeting, or has handed the class over since, keeps it no longer than some days.
    """
    stood_in = by.user_id == register.taught_by and now <= register.ends_at + STANDING_IN_ENDS_AFTER
    if not (by.is_staff or by.user_id == register.instructor_id or stood_in):
        return NotYourClass(register.class_id)
    if register.class_status not in ("active", "completed"):
        return ClassNotActive(register.class_id)
    if register.meeting_status == "cancelled":
        return MeetingIsOff(register.meeting_id)
    opens_at = register.starts_at - MARKING_OPENS_BEFORE_START
    return MeetingInTheFuture(opens_at) if now < opens_at else None


def may_unlock(
    class_id: ClassId, by: UserId, instructor_id: UserId, substitutes: Collection[UserId]
) -> OnlyTheInstructorUnlocks | None:
    """Lessons are opened and closed by the class's instructor, and by whoever stands in for them today."""
    return None if by == instructor_id or by in substitutes else OnlyTheInstructorUnlocks(class_id)


def names_each_once(entries: Sequence[Mark]) -> MarkedTwiceInOneRegister | None:
    """A register says one thing about a student."""
    named = [entry.student_id for entry in entries]
    twice = next((student_id for student_id in named if named.count(student_id) > 1), None)
    return None if twice is None else MarkedTwiceInOneRegister(twice)


def adjustment_is_possible(amount: int) -> AdjustmentOfNothing | AdjustmentTooLarge | None:
    """An adjustment changes something, and not everything."""
    if amount == 0:
        return AdjustmentOfNothing()
    return AdjustmentTooLarge(MAX_ADJUSTMENT) if abs(amount) > MAX_ADJUSTMENT else None


def grant_is_possible(amount: int) -> GrantOutOfRange | None:
    """A lot holds something."""
    return None if 1 <= amount <= MAX_ADJUSTMENT else GrantOutOfRange(MAX_ADJUSTMENT)


def expires_later(expires_at: datetime | None, *, now: datetime) -> ExpiredBefore | None:
    """What is granted can be spent, if only for a moment."""
    return None if expires_at is None or now < expires_at else ExpiredBefore(expires_at)
