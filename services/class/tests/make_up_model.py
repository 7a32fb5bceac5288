"""What excuses and make-ups should come to, as plainly as it can be said: a table of marks, and one of vouchers.

Students of one class visit the meetings of another. Nothing here knows of accounts, lots, seats or versions: a
balance is a package less the meetings that were attended, and a seat is taken by whoever is expected.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

PRICE = {None: 0, "present": 1, "late": 1, "absent": 0, "excused": 0}
OUTCOME = {"present": "used", "late": "used", "absent": "missed"}
SECOND_CHANCE = UNMARKED = timedelta(days=14)
REGISTER_OPENS = timedelta(minutes=15)
EXCUSE_DEADLINE = timedelta(hours=2)


@dataclass(frozen=True)
class MarkAtHome:
    student: int
    meeting: int
    status: str


@dataclass(frozen=True)
class Excuse:
    student: int
    meeting: int


@dataclass(frozen=True)
class Book:
    """With the voucher for an absence from `missed`, come to a meeting of the host."""

    student: int
    missed: int
    meeting: int


@dataclass(frozen=True)
class Cancel:
    student: int
    missed: int


@dataclass(frozen=True)
class MarkGuest:
    student: int
    meeting: int
    status: str


@dataclass(frozen=True)
class CallOff:
    meeting: int


@dataclass(frozen=True)
class Move:
    meeting: int


@dataclass(frozen=True)
class Leave:
    student: int


@dataclass(frozen=True)
class Return:
    student: int


@dataclass(frozen=True)
class SeatResident:
    """Somebody enrols at the host's."""


@dataclass(frozen=True)
class Sweep:
    """Time takes its effect on a voucher."""

    student: int
    missed: int


Order: TypeAlias = (
    MarkAtHome | Excuse | Book | Cancel | MarkGuest | CallOff | Move | Leave | Return | SeatResident | Sweep
)


@dataclass
class Slip:
    """A voucher: excused still, good until, and the meeting it is for, with what became of that."""

    expires: datetime
    excused: bool = True
    meeting: int | None = None
    outcome: str | None = None

    def status(self, now: datetime) -> str:
        if self.meeting is not None:
            return self.outcome or "booked"
        if not self.excused:
            return "revoked"
        return "open" if now < self.expires else "expired"

    def give_back(self, now: datetime, *, prolong: bool = True) -> None:
        self.meeting = self.outcome = None
        if prolong and self.excused:
            self.expires = max(self.expires, now + SECOND_CHANCE)


@dataclass
class Model:
    package: int
    lasts: timedelta
    capacity: int
    residents: int
    home: list[datetime]
    host: list[datetime]
    length: timedelta
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    visits: dict[tuple[int, int], tuple[str, int]] = field(default_factory=dict)
    slips: dict[tuple[int, int], Slip] = field(default_factory=dict)
    left: dict[int, datetime] = field(default_factory=dict)
    off: set[int] = field(default_factory=set)

    def balance(self, student: int) -> int:
        paid = [status for (who, _), status in self.marks.items() if who == student]
        paid += [status for (who, _), (status, _) in self.visits.items() if who == student]
        return self.package - sum(PRICE[status] for status in paid)

    def booked(self, student: int) -> int:
        slips = [slip for (who, _), slip in self.slips.items() if who == student]
        return sum(slip.meeting is not None and slip.outcome is None for slip in slips)

    def available(self, student: int) -> int:
        return self.balance(student) - self.booked(student)

    def guests(self, meeting: int) -> set[int]:
        return {who for (who, _), slip in self.slips.items() if slip.meeting == meeting}

    def lies_ahead(self, meeting: int, now: datetime) -> bool:
        return meeting not in self.off and now < self.host[meeting]

    def carry_out(self, order: Order, now: datetime) -> bool:  # noqa: PLR0912  a branch for each order there is
        """Whether the order is accepted; then it has been carried out."""
        match order:
            case MarkAtHome(student, meeting, status):
                return self.mark(student, meeting, status, now)
            case Excuse(student, meeting):
                return self.excuse(student, meeting, now)
            case Book(student, missed, meeting):
                return self.book(student, missed, meeting, now)
            case Cancel(student, missed):
                slip = self.slips.get((student, missed))
                if slip is None or slip.meeting is None or slip.outcome or now >= self.host[slip.meeting]:
                    return False
                slip.give_back(now, prolong=False)
                return True
            case MarkGuest(student, meeting, status):
                return self.mark_guest(student, meeting, status, now)
            case CallOff(meeting) | Move(meeting):
                return self.disturb(meeting, now, off=isinstance(order, CallOff))
            case Leave(student):
                return self.leave(student, now)
            case Return(student):
                return self.left.pop(student, None) is not None
            case SeatResident():
                ahead = [len(self.guests(m)) for m in range(len(self.host)) if self.lies_ahead(m, now)]
                if self.residents + max(ahead, default=0) >= self.capacity:
                    return False
                self.residents += 1
                return True
            case Sweep(student, missed):
                slip = self.slips.get((student, missed))
                if slip and slip.meeting is not None and not slip.outcome:
                    slip.outcome = "missed" if now >= self.host[slip.meeting] + self.length + UNMARKED else None
                return True

    def mark(self, student: int, meeting: int, status: str, now: datetime) -> bool:
        left = self.left.get(student)
        former = self.marks.get((student, meeting))
        is_too_late = former is None and left is not None and left <= self.home[meeting]
        if now < self.home[meeting] - REGISTER_OPENS or is_too_late:
            return False
        if PRICE[status] > PRICE[former] and self.available(student) < 1:
            return False
        self.note(student, meeting, status, now)
        return True

    def excuse(self, student: int, meeting: int, now: datetime) -> bool:
        in_time = now < self.home[meeting] - EXCUSE_DEADLINE
        if student in self.left or not in_time or self.marks.get((student, meeting), "excused") != "excused":
            return False
        self.note(student, meeting, "excused", now)
        return True

    def note(self, student: int, meeting: int, status: str, now: datetime) -> None:
        was_excused = self.marks.get((student, meeting)) == "excused"
        self.marks[student, meeting] = status
        slip = self.slips.get((student, meeting))
        if status == "excused" and not was_excused and student not in self.left:
            if slip is not None:
                slip.excused = True
            elif now < self.home[meeting] + self.lasts:
                self.slips[student, meeting] = Slip(self.home[meeting] + self.lasts)
        elif was_excused and status != "excused" and slip is not None:
            self.revoke(slip, now)

    def revoke(self, slip: Slip, now: datetime) -> None:
        if slip.excused and slip.meeting is not None and not slip.outcome and now < self.host[slip.meeting]:
            slip.give_back(now, prolong=False)
        slip.excused = False

    def book(self, student: int, missed: int, meeting: int, now: datetime) -> bool:
        slip = self.slips.get((student, missed))
        if slip is None or student in self.left or not self.lies_ahead(meeting, now):
            return False
        full = self.residents + len(self.guests(meeting)) >= self.capacity
        expected = student in self.guests(meeting)
        good = slip.status(now) == "open" and self.host[meeting] < slip.expires
        if full or expected or not good or self.available(student) < 1:
            return False
        slip.meeting = meeting
        return True

    def mark_guest(self, student: int, meeting: int, status: str, now: datetime) -> bool:
        known = self.visits.get((student, meeting))
        expected = [m for (who, m), s in self.slips.items() if who == student and s.meeting == meeting]
        missed = expected[0] if expected else known[1] if known else None
        if meeting in self.off or now < self.host[meeting] - REGISTER_OPENS or missed is None:
            return False
        former = known[0] if known else None
        slip = self.slips[student, missed]
        if status == former:
            return True
        kept = slip.meeting == meeting and not slip.outcome
        if PRICE[status] > PRICE[former] and not kept and self.available(student) < 1:
            return False
        self.visits[student, meeting] = status, missed
        if slip.meeting not in (None, meeting):
            return True
        if status != "excused":
            slip.meeting, slip.outcome = meeting, OUTCOME[status]
        elif slip.meeting == meeting:
            slip.give_back(now)
        return True

    def disturb(self, meeting: int, now: datetime, *, off: bool) -> bool:
        tomorrow = self.host[meeting] + timedelta(days=1)
        taken = [start for other, start in enumerate(self.host) if other not in (meeting, *self.off)]
        if meeting in self.off or any(m == meeting for _, m in self.visits) or (not off and tomorrow in taken):
            return False
        for slip in self.slips.values():
            if slip.meeting == meeting and not slip.outcome:
                slip.give_back(now)
        if off:
            self.off.add(meeting)
        else:
            self.host[meeting] = tomorrow
        return True

    def leave(self, student: int, now: datetime) -> bool:
        if student in self.left:
            return False
        for (who, _), slip in self.slips.items():
            if who == student:
                self.revoke(slip, now)
        self.left[student] = now
        return True
