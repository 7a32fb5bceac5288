"""Who was there, and what it cost: over both stores."""

from datetime import timedelta
from typing import get_args

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import class_ as contracts
from class_management.application.commands.take_attendance import MarkAttendance
from class_management.domain.credit_errors import (
    AdjustmentOfNothing,
    AdjustmentTooLarge,
    NoCreditLeft,
    ReasonMissing,
    RegisterRefused,
)
from class_management.domain.errors import (
    ClassNotActive,
    MarkedTwiceInOneRegister,
    MeetingInTheFuture,
    MeetingNotFound,
    NotYourClass,
    StudentNotEnrolled,
)
from class_management.domain.values import AttendanceStatus, Mark

from .school import AFTER_FIRST_MEETING, School, actor

STATUSES: tuple[AttendanceStatus, ...] = get_args(AttendanceStatus)
PRICE = {"present": 1, "late": 1, "absent": 0, "excused": 0}


@pytest.mark.parametrize("status", STATUSES)
async def test_present_and_late_cost_one_credit_absent_and_excused_none(
    school: School, status: AttendanceStatus
) -> None:
    class_, [student] = await school.running()
    marked = await school.mark(class_, student, status)
    assert (marked.attendance.status, marked.attendance.revision) == (status, 1)
    assert await school.balance(class_, student) == 8 - PRICE[status] == marked.account.balance


@pytest.mark.parametrize("first", STATUSES)
@pytest.mark.parametrize("then", STATUSES)
async def test_a_correction_settles_only_the_difference(
    school: School, first: AttendanceStatus, then: AttendanceStatus
) -> None:
    class_, [student] = await school.running()
    await school.mark(class_, student, first)
    await school.mark(class_, student, then, reason="Mixed up")
    assert await school.balance(class_, student) == 8 - PRICE[then]
    lines = await school.store.ledger(class_.id, student)
    assert len(lines) == 1 + PRICE[first] + abs(PRICE[first] - PRICE[then])


@pytest.mark.parametrize("status", STATUSES)
async def test_marking_twice_is_the_same_as_marking_once(school: School, status: AttendanceStatus) -> None:
    class_, [student] = await school.running()
    await school.mark(class_, student, status)
    events, lines = len(await school.store.events()), len(await school.store.ledger(class_.id, student))
    again = await school.mark(class_, student, status, reason="Again")
    assert again.attendance.revision == 1
    assert len(await school.store.events()) == events
    assert len(await school.store.ledger(class_.id, student)) == lines
    assert await school.store.history(class_.meetings[0].id, student) == [(None, status, None)]


async def test_a_correction_keeps_the_history_and_gives_the_credit_back(school: School) -> None:
    class_, [student] = await school.running()
    await school.mark(class_, student, "present")
    school.clock.now += timedelta(days=400)
    await school.mark(class_, student, "absent", reason="Was at the dentist")
    history = await school.store.history(class_.meetings[0].id, student)
    assert history == [(None, "present", None), ("present", "absent", "Was at the dentist")]
    assert [(line.amount, line.cause) for line in await school.store.ledger(class_.id, student)] == [
        (8, "package"),
        (-1, "attendance"),
        (1, "correction"),
    ]


async def test_what_the_others_are_told_of_a_mark_and_its_correction(school: School) -> None:
    class_, [student] = await school.running()
    meeting = class_.meetings[0]
    await school.mark(class_, student, "late")
    await school.mark(class_, student, "absent")
    await school.mark(class_, student, "present")
    events = await school.store.events()
    marks = [event for event in events if isinstance(event, contracts.AttendanceMarked)]
    assert [(m.status, m.previous_status, m.revision) for m in marks] == [
        ("late", None, 1),
        ("absent", "late", 2),
        ("present", "absent", 3),
    ]
    assert {(m.meeting_id, m.meeting_date, m.meeting_starts_at) for m in marks} == {
        (meeting.id, meeting.local_date, meeting.starts_at)
    }
    credits_ = [
        (type(event).__name__, event.amount, event.balance, event.meeting_id)
        for event in events
        if isinstance(event, contracts.CreditDeducted | contracts.CreditAdjusted)
    ]
    assert credits_ == [
        ("CreditDeducted", 1, 7, meeting.id),
        ("CreditAdjusted", 1, 8, meeting.id),
        ("CreditDeducted", 1, 7, meeting.id),
    ]


@pytest.mark.parametrize(
    ("before_start", "open_"),
    [(timedelta(minutes=15), True), (timedelta(minutes=15, microseconds=1), False), (timedelta(0), True)],
)
async def test_the_register_opens_a_quarter_of_an_hour_before_the_meeting(
    school: School, before_start: timedelta, open_: bool
) -> None:
    class_, [student] = await school.running()
    starts_at = class_.meetings[1].starts_at
    school.clock.now = starts_at - before_start
    outcome = await school.execute(school.marking(class_, student, "present", meeting=2))
    if open_:
        granted(outcome)
    else:
        assert refusal(outcome) == MeetingInTheFuture(starts_at - timedelta(minutes=15))


async def test_attendance_is_taken_only_while_the_class_is_active(school: School) -> None:
    class_ = await school.planned()
    student = await school.enroll(class_.id)
    school.clock.now = AFTER_FIRST_MEETING
    outcome = await school.execute(school.marking(class_, student, "present"))
    assert refusal(outcome) == ClassNotActive(class_.id)


async def test_the_register_is_kept_by_the_classs_instructor_or_the_office(school: School) -> None:
    class_, [student] = await school.running()
    for nobody in (actor("instructor"), actor("student", student)):
        outcome = await school.execute(school.marking(class_, student, "present", by=nobody))
        assert refusal(outcome) == NotYourClass(class_.id)
    for somebody in (school.instructor, actor("staff"), actor("super_admin")):
        granted(await school.execute(school.marking(class_, student, "present", by=somebody)))


async def test_only_the_enrolled_are_marked(school: School) -> None:
    class_, _ = await school.running()
    _, [elsewhere] = await school.running()
    outcome = await school.execute(school.marking(class_, elsewhere, "present"))
    assert refusal(outcome) == StudentNotEnrolled(elsewhere)


async def test_a_meeting_of_another_class_is_not_found(school: School) -> None:
    class_, [student] = await school.running()
    other, _ = await school.running()
    for meeting_id in (new_id(), other.meetings[0].id):
        command = MarkAttendance(
            class_id=class_.id, meeting_id=meeting_id, entry=Mark(student, "present"), by=school.instructor
        )
        assert refusal(await school.execute(command)) == MeetingNotFound(meeting_id)


class TestRegister:
    async def test_a_whole_meeting_is_marked_at_once(self, school: School) -> None:
        class_, [here, late, away, unnamed] = await school.running(4)
        register = school.register_of(class_, Mark(here, "present"), Mark(late, "late"), Mark(away, "absent"))
        taken = granted(await school.execute(register))
        assert {(m.attendance.student_id, m.account.balance) for m in taken} == {
            (here, 7),
            (late, 7),
            (away, 8),
        }
        assert await school.store.attendance(class_.meetings[0].id, unnamed) is None

    async def test_one_entry_that_cannot_be_stops_the_whole_and_is_named(self, school: School) -> None:
        class_, [student, broke] = await school.running(2, package=1)
        granted(await school.execute(school.adjustment(class_.id, broke, -1)))
        stranger, before = new_id(), len(await school.store.events())
        register = school.register_of(
            class_, Mark(student, "present"), Mark(stranger, "present"), Mark(broke, "late")
        )
        refused = refusal(await school.execute(register))
        assert isinstance(refused, RegisterRefused)
        assert set(refused.refusals) == {StudentNotEnrolled(stranger), NoCreditLeft(broke, 0)}
        assert {entry["code"] for entry in entries_of(refused)} == {"student_not_enrolled", "no_credit_left"}
        assert await school.store.attendance(class_.meetings[0].id, student) is None
        assert await school.balance(class_, student) == 1
        assert len(await school.store.events()) == before

    async def test_a_register_names_each_student_once(self, school: School) -> None:
        class_, [student] = await school.running()
        register = school.register_of(class_, Mark(student, "present"), Mark(student, "absent"))
        assert refusal(await school.execute(register)) == MarkedTwiceInOneRegister(student)

    async def test_a_register_sent_again_changes_only_what_is_new(self, school: School) -> None:
        class_, [first, second] = await school.running(2)
        granted(await school.execute(school.register_of(class_, Mark(first, "present"), Mark(second, "absent"))))
        before = len(await school.store.events())
        granted(await school.execute(school.register_of(class_, Mark(first, "present"), Mark(second, "excused"))))
        since = (await school.store.events())[before:]
        [told] = [event for event in since if isinstance(event, contracts.AttendanceMarked)]
        assert (told.student_id, told.status, told.previous_status) == (second, "excused", "absent")

    async def test_a_hundred_students_fit_in_one_register(self, school: School) -> None:
        class_, students = await school.running(100, capacity=100)
        register = school.register_of(class_, *(Mark(student, "present") for student in students))
        assert len(granted(await school.execute(register))) == 100
        assert {await school.balance(class_, student) for student in students} == {7}


class TestZeroBalance:
    async def test_a_class_that_refuses_lets_nobody_below_zero(self, school: School) -> None:
        class_, [student] = await school.running(package=1, type="private")
        granted(await school.execute(school.adjustment(class_.id, student, -1)))
        for status in ("present", "late"):
            outcome = await school.execute(school.marking(class_, student, status))
            assert refusal(outcome) == NoCreditLeft(student, 0)
        await school.mark(class_, student, "absent")
        outcome = await school.execute(school.marking(class_, student, "present"))
        assert refusal(outcome) == NoCreditLeft(student, 0)
        assert await school.balance(class_, student) == 0

    async def test_a_class_that_lets_owe_goes_below_zero(self, school: School) -> None:
        class_, [student] = await school.running(package=1, zero_balance="owe")
        granted(await school.execute(school.adjustment(class_.id, student, -1)))
        await school.mark(class_, student, "present")
        assert await school.balance(class_, student) == -1

    async def test_late_to_present_costs_nothing_even_without_credits(self, school: School) -> None:
        class_, [student] = await school.running(package=1)
        await school.mark(class_, student, "late")
        assert await school.balance(class_, student) == 0
        await school.mark(class_, student, "present")
        assert await school.balance(class_, student) == 0


class TestAdjustment:
    async def test_an_adjustment_carries_who_why_and_when(self, school: School) -> None:
        class_, [student] = await school.running()
        granted(await school.execute(school.adjustment(class_.id, student, 3, "Birthday present")))
        line = (await school.store.ledger(class_.id, student))[-1]
        assert (line.amount, line.cause, line.reason) == (3, "manual", "Birthday present")
        assert line.posted_at == school.clock.now
        told = (await school.store.events())[-1]
        assert isinstance(told, contracts.CreditAdjusted)
        assert (told.cause, told.amount, told.balance, told.meeting_id) == ("manual", 3, 11, None)

    @pytest.mark.parametrize(
        ("amount", "reason", "expected"),
        [
            (0, "Why", AdjustmentOfNothing()),
            (1001, "Why", AdjustmentTooLarge(1000)),
            (-1001, "Why", AdjustmentTooLarge(1000)),
            (1, "", ReasonMissing()),
        ],
    )
    async def test_an_adjustment_is_something_moderate_with_a_reason(
        self, school: School, amount: int, reason: str, expected: object
    ) -> None:
        class_, [student] = await school.running()
        assert refusal(await school.execute(school.adjustment(class_.id, student, amount, reason))) == expected

    @pytest.mark.parametrize(("amount", "allowed"), [(-8, True), (-9, False)])
    async def test_an_adjustment_takes_at_most_what_is_there(
        self, school: School, amount: int, allowed: bool
    ) -> None:
        class_, [student] = await school.running()
        outcome = await school.execute(school.adjustment(class_.id, student, amount))
        if allowed:
            assert granted(outcome).balance == 0
        else:
            assert refusal(outcome) == NoCreditLeft(student, 8)

    async def test_only_the_enrolled_have_credits(self, school: School) -> None:
        class_, stranger = await school.planned(), new_id()
        assert refusal(await school.execute(school.adjustment(class_.id, stranger, 1))) == StudentNotEnrolled(
            stranger
        )

    async def test_times_in_the_ledger_never_go_backwards_though_clocks_do(self, school: School) -> None:
        class_, [student] = await school.running()
        granted(await school.execute(school.adjustment(class_.id, student, 1)))
        school.clock.now -= timedelta(seconds=5)
        granted(await school.execute(school.adjustment(class_.id, student, 1)))
        first, second = (await school.store.ledger(class_.id, student))[-2:]
        assert first.posted_at == second.posted_at


def entries_of(refused: RegisterRefused) -> list[dict[str, object]]:
    entries = refused.facts["entries"]
    assert isinstance(entries, list)
    return entries
