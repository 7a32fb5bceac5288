"""What credits ought to do, told a second time and as plainly as can be: lists of numbers, no domain, no database.

`Model` carries commands out one after the other. `replay` reads a ledger line by line, with the rules in hand.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Literal, TypeAlias
from uuid import UUID

Status: TypeAlias = Literal["present", "late", "absent", "excused"]
Seat: TypeAlias = tuple[int, int]
"""A class and a student, by number."""

PRICE: dict[str | None, int] = {"present": 1, "late": 1, "absent": 0, "excused": 0, None: 0}
HOST = -1
"""The class that nobody has a seat in: its students are guests."""

NEVER = datetime.max.replace(tzinfo=UTC)

_numbers = count()


@dataclass(frozen=True)
class Enroll:
    seat: Seat


@dataclass(frozen=True)
class Withdraw:
    seat: Seat


@dataclass(frozen=True)
class Transfer:
    seat: Seat
    to: int


@dataclass(frozen=True)
class Take:
    """A register: what is said about some students of a meeting."""

    class_: int
    meeting: int
    marks: tuple[tuple[int, Status], ...]


@dataclass(frozen=True)
class MarkGuest:
    """A mark at the host's, paid by the account that may have set a credit aside for it.

    Which account that is, and with which voucher, is settled for each meeting: a mark is corrected where it was paid.
    """

    student: int
    meeting: int
    status: Status

    @property
    def seat(self) -> Seat:
        return self.meeting % 2, self.student

    @property
    def voucher(self) -> int:
        return self.meeting % 2


@dataclass(frozen=True)
class Adjust:
    seat: Seat
    amount: int
    lasts: timedelta | None


@dataclass(frozen=True)
class Buy:
    seat: Seat
    amount: int
    reference: str
    lasts: timedelta | None


@dataclass(frozen=True)
class SetAside:
    seat: Seat
    voucher: int


@dataclass(frozen=True)
class Release:
    seat: Seat
    voucher: int


@dataclass(frozen=True)
class Lapse:
    seat: Seat


Order: TypeAlias = Enroll | Withdraw | Transfer | Take | MarkGuest | Adjust | Buy | SetAside | Release | Lapse


@dataclass
class Heap:
    """Credits of one kind; those of one voucher are a heap of their own. Its number goes along to other accounts."""

    left: int
    until: datetime | None
    voucher: int | None = None
    came_from: int | None = None
    reference: str | None = None
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass
class Account:
    refuses: bool
    heaps: list[Heap] = field(default_factory=list)
    owed: int = 0
    left_at: datetime | None = None
    gone_to: Seat | None = None

    @property
    def balance(self) -> int:
        return sum(heap.left for heap in self.heaps) - self.owed

    def contents(self) -> list[tuple[int, datetime | None, bool]]:
        """What is left, until when, and whether it is set aside."""
        return [(heap.left, heap.until, heap.voucher is not None) for heap in self.heaps if heap.left]

    def wait_until(self, now: datetime) -> None:
        for heap in self.heaps:
            if heap.until is not None and heap.until <= now:
                heap.left = 0

    def heap(self, number: int | None) -> Heap | None:
        return next((heap for heap in self.heaps if heap.number == number), None)

    def first(self) -> Heap | None:
        """The heap to spend from: ends soonest, is oldest, and is meant for nothing."""
        usable = [heap for heap in self.heaps if heap.left and heap.voucher is None]
        return min(usable, key=lambda heap: heap.until or NEVER, default=None)

    def spend(self) -> int | None:
        """One credit; the heap it was on, None if it is owed. ValueError if it can be neither."""
        heap = self.first()
        if heap is not None:
            heap.left -= 1
            return heap.number
        if self.refuses:
            raise ValueError("no credit left")
        self.owed += 1
        return None

    def add(self, amount: int, until: datetime | None, reference: str | None = None) -> None:
        self.heaps.append(Heap(amount, until, reference=reference))
        self.settle()

    def settle(self) -> None:
        while self.owed and (heap := self.first()) is not None:
            heap.left -= 1
            self.owed -= 1

    def give_back(self, number: int | None, now: datetime) -> None:
        heap = self.heap(number)
        if heap is not None:
            heap.left += 1
        elif self.owed:
            self.owed -= 1
        else:
            self.heaps.append(Heap(1, None))
        self.wait_until(now)
        self.settle()

    def of_voucher(self, voucher: int) -> Heap | None:
        return next((heap for heap in self.heaps if heap.voucher == voucher), None)


@dataclass
class Model:
    """Two classes that refuse or let owe, whose package may expire; `starts` says when their meetings begin."""

    refuses: bool
    package: int
    lasts: timedelta | None
    starts: dict[int, list[datetime]]
    accounts: dict[Seat, Account] = field(default_factory=dict)
    marks: dict[tuple[int, int, int], Status] = field(default_factory=dict)
    paid: dict[tuple[int, int, int], int | None] = field(default_factory=dict)

    def carry_out(self, order: Order, now: datetime) -> bool:
        """Whether it can be; it leaves the model in disorder if not, so try it on a copy."""
        for account in self.accounts.values():
            account.wait_until(now)
        try:
            return self._carry_out(order, now)
        except (ValueError, KeyError):
            return False

    def _carry_out(self, order: Order, now: datetime) -> bool:  # noqa: PLR0912
        match order:
            case Enroll(seat):
                return self._enroll(seat, now)
            case Withdraw(seat):
                if self.accounts[seat].left_at is not None:
                    return False
                self.accounts[seat].left_at = now
            case Transfer((class_, student) as seat, to):
                return class_ != to and self._transfer(self.accounts[seat], (to, student), now)
            case Take(class_, meeting, marks):
                return self._take(class_, meeting, dict(marks), now)
            case MarkGuest(student, meeting, status):
                account = self.accounts[order.seat]
                self._mark(account, (HOST, meeting, student), status, now, account.of_voucher(order.voucher))
            case Adjust(seat, amount, lasts) if amount > 0:
                self.accounts[seat].add(amount, None if lasts is None else now + lasts)
            case Adjust(seat, amount):
                for _ in range(-amount):
                    self.accounts[seat].spend()
            case Buy(seat, amount, reference, lasts):
                account = self.accounts[seat]
                if account.left_at is not None or reference in [heap.reference for heap in account.heaps]:
                    return False
                account.add(amount, None if lasts is None else now + lasts, reference)
            case SetAside(seat, voucher):
                return self._set_aside(self.accounts[seat], voucher)
            case Release(seat, voucher):
                self._release(self.accounts[seat], voucher, now)
            case Lapse():
                pass  # time has passed for every account already
        return True

    def _take(self, class_: int, meeting: int, marks: dict[int, Status], now: datetime) -> bool:
        starts_at = self.starts[class_][meeting]
        if now < starts_at - timedelta(minutes=15):
            return False
        for student, status in marks.items():
            account = self.accounts[class_, student]
            is_new = (class_, meeting, student) not in self.marks
            if is_new and account.left_at is not None and account.left_at <= starts_at:
                return False
            self._mark(self._payer(account), (class_, meeting, student), status, now)
        return True

    def _payer(self, account: Account) -> Account:
        while account.gone_to is not None:
            account = self.accounts[account.gone_to]
        return account

    def _release(self, account: Account, voucher: int, now: datetime) -> None:
        aside = account.of_voucher(voucher)
        if aside is not None and aside.left and (source := account.heap(aside.came_from)) is not None:
            source.left += aside.left
            aside.left = 0
            account.wait_until(now)
            account.settle()

    def _enroll(self, seat: Seat, now: datetime) -> bool:
        account = self.accounts.get(seat)
        if account is not None and account.left_at is None:
            return False
        if account is None:
            account = self.accounts[seat] = Account(self.refuses)
            account.add(self.package, None if self.lasts is None else now + self.lasts)
        account.left_at = account.gone_to = None
        return True

    def _transfer(self, home: Account, to: Seat, now: datetime) -> bool:
        target = self.accounts.get(to)
        if home.left_at is not None or (target is not None and target.left_at is None):
            return False
        if home.owed or any(heap.left for heap in home.heaps if heap.voucher is not None):
            return False
        if target is None:
            target = self.accounts[to] = Account(self.refuses)
        target.left_at = target.gone_to = None
        home.left_at, home.gone_to = now, to
        for heap in sorted(home.heaps, key=lambda heap: heap.until or NEVER):
            there = target.heap(heap.number)
            if there is None:
                there = replace(heap, left=0)
                target.heaps.append(there)
            there.left, heap.left, there.came_from = there.left + heap.left, 0, heap.came_from
        target.settle()
        return True

    def _set_aside(self, account: Account, voucher: int) -> bool:
        aside = account.of_voucher(voucher)
        if aside is not None and aside.left:
            return True
        source = account.first()
        if source is None:
            return False
        source.left -= 1
        if aside is None:
            aside = Heap(0, None, voucher)
            account.heaps.append(aside)
        aside.left, aside.came_from = 1, source.number
        return True

    def _mark(
        self,
        account: Account,
        key: tuple[int, int, int],
        status: Status,
        now: datetime,
        aside: Heap | None = None,
    ) -> None:
        due = PRICE[status] - PRICE[self.marks.get(key)]
        if due > 0 and aside is not None and aside.left:
            aside.left -= 1
            self.paid[key] = aside.number
        elif due > 0:
            self.paid[key] = account.spend()
        elif due < 0:
            account.give_back(self.paid.pop(key), now)
        self.marks[key] = status


@dataclass(frozen=True)
class LedgerLine:
    """A line as the store keeps it, and when its lot expires and whom it is set aside for."""

    number: int
    amount: int
    balance: int
    cause: str
    lot_id: UUID | None
    expires_at: datetime | None
    set_aside: bool
    meeting_id: UUID | None
    posted_at: datetime


def replay(lines: list[LedgerLine], *, refuses: bool) -> tuple[dict[UUID, int], int]:
    """What is left of each lot, and what is owed, having held every line against the rules."""
    left: dict[UUID, int] = {}
    ends: dict[UUID, datetime | None] = {}
    aside: set[UUID] = set()
    owed, total, last = 0, 0, None
    for number, line in enumerate(lines, start=1):
        assert line.number == number, "a line is missing"
        assert last is None or last <= line.posted_at, "time goes backwards"
        last, total = line.posted_at, total + line.amount
        assert line.balance == total, "a balance is not the sum of what was before"
        assert total >= 0 or not refuses, "owed where nobody may owe"
        if line.lot_id is not None and line.lot_id not in left:
            left[line.lot_id], ends[line.lot_id] = 0, line.expires_at
            if line.set_aside:
                aside.add(line.lot_id)
        if line.cause in ("attendance", "correction", "manual", "settlement") and line.amount < 0:
            _check_spending(line, left, ends, aside)
        if line.cause == "expiry":
            assert line.lot_id is not None
            assert line.amount == -left[line.lot_id], "a part of a lot expired"
            assert line.expires_at is not None, "what lasts has expired"
            assert line.expires_at <= line.posted_at, "it expired too early"
        if line.lot_id is None:
            owed -= line.amount
        else:
            left[line.lot_id] += line.amount
            assert left[line.lot_id] >= 0, "more was spent than there was"
        assert owed >= 0, "more was settled than was owed"
    return left, owed


def _check_spending(
    line: LedgerLine, left: dict[UUID, int], ends: dict[UUID, datetime | None], aside: set[UUID]
) -> None:
    if line.lot_id in aside:
        return  # only a guest's mark takes from there
    usable = [lot for lot, amount in left.items() if amount > 0 and lot not in aside]
    if line.lot_id is None:
        assert not usable, "owed though there was a credit"
        return
    end = ends[line.lot_id]
    assert end is None or line.posted_at < end, "spent after it had expired"
    for lot in usable:
        other = ends[lot]
        assert other is None or (end is not None and end <= other), "another lot would have expired sooner"
