"""Rows and aggregates: nothing is lost on the way, and the migrations make what the tables declare."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import assert_migrations_match, assert_rows_round_trip, granted
from class_management.application.commands.unlock_lessons import UnlockLessons
from class_management.bootstrap import service
from class_management.domain.attendance import Attendance
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.holidays import Holiday
from class_management.domain.lots import Lot
from class_management.domain.seats import GuestSeat, WaitingPlace
from class_management.domain.vouchers import Booking, Voucher
from class_management.infrastructure import mappers, timetable_mappers
from class_management.infrastructure.vouchers import VOUCHERS, voucher_from_rows, voucher_to_rows

from .school import MONDAY, NOON, InMemory, School


async def test_no_field_of_a_class_is_dropped() -> None:
    school = await School(InMemory()).open()
    planned = await school.planned(type="private", zero_balance="owe")
    student, by = await school.enroll(planned.id), new_id()
    class_ = await school.store.class_(planned.id)
    granted(class_.activate(now=NOON))
    class_.excuse_deadline, class_.make_up_days = timedelta(minutes=90), None
    class_.credit_days, class_.offer_hours = 365, 24
    class_.status, class_.ended_at, class_.cancel_reason = "cancelled", NOON, "Too few"
    granted(class_.seats.leave(student, "withdrawn", now=NOON))
    class_.seats.waiting.append(WaitingPlace(new_id(), 3, NOON, by, NOON, NOON + timedelta(hours=24)))
    granted(class_.seat_guest(GuestSeat(new_id(), new_id(), new_id(), NOON)))
    assert_rows_round_trip(mappers.CLASSES, class_)


async def test_no_field_of_a_timetable_is_dropped() -> None:
    school = await School(InMemory()).open()
    timetable = (await school.planned(type="private", weekdays=(1, 4))).timetable
    granted(timetable.add_meeting(MONDAY + timedelta(days=1), now=NOON, new_id=new_id))
    timetable.closed_at = NOON
    timetable.meetings = [
        replace(meeting, status="cancelled", sequence=2, substitute_id=new_id(), cancel_reason="Snow")
        for meeting in timetable.meetings
    ]
    assert_rows_round_trip(timetable_mappers.TIMETABLES, timetable)


def test_no_field_of_a_holiday_is_dropped() -> None:
    holiday = Holiday(
        id=new_id(),
        version=1,
        name="Winter break",
        first_date=MONDAY,
        last_date=MONDAY + timedelta(days=6),
        declared_by=new_id(),
        declared_at=NOON,
    )
    assert_rows_round_trip(timetable_mappers.HOLIDAYS, holiday)


async def test_no_field_of_open_lessons_is_dropped() -> None:
    school = await School(InMemory()).open()
    class_ = await school.planned()
    student = await school.enroll(class_.id)
    for lesson_id, only in zip(school.lessons[:2], (None, student), strict=True):
        command = UnlockLessons(class_id=class_.id, lesson_ids=(lesson_id,), student_id=only, by=school.instructor)
        granted(await school.execute(command))
    assert_rows_round_trip(mappers.OPEN_LESSONS, await school.store.open_lessons(class_.id))


def test_no_field_of_a_credit_account_is_dropped() -> None:
    account = CreditAccount(
        id=new_id(),
        version=3,
        class_id=new_id(),
        student_id=new_id(),
        zero_balance="owe",
        lots=[
            Lot(
                id=new_id(),
                origin="make_up",
                granted=1,
                remaining=1,
                granted_at=NOON,
                expires_at=NOON + timedelta(days=1),
                reference="R-1",
                voucher_id=new_id(),
                taken_from=new_id(),
            ),
        ],
        owed=2,
        entries=4,
        last_entry_at=NOON,
        closed_at=NOON,
        gone_to=new_id(),
    )
    assert_rows_round_trip(mappers.ACCOUNTS, account)


def test_no_field_of_an_attendance_is_dropped() -> None:
    attendance = Attendance(
        id=new_id(),
        version=2,
        class_id=new_id(),
        meeting_id=new_id(),
        student_id=new_id(),
        voucher_id=new_id(),
        status="late",
        note="Forgot the homework",
        lot_id=new_id(),
        revision=2,
        marked_by=new_id(),
        marked_at=NOON,
    )
    assert_rows_round_trip(mappers.ATTENDANCES, attendance)


def test_no_field_of_a_voucher_is_dropped() -> None:
    booking = Booking(new_id(), new_id(), NOON, NOON + timedelta(hours=1), new_id(), NOON, outcome="used")
    voucher = Voucher(
        id=new_id(),
        version=4,
        attendance_id=new_id(),
        enrollment_id=new_id(),
        class_id=new_id(),
        course_id=new_id(),
        student_id=new_id(),
        meeting_id=new_id(),
        issued_at=NOON,
        expires_at=NOON + timedelta(days=60),
        excused=False,
        booking=booking,
        lapsed_at=NOON + timedelta(days=61),
    )
    assert_rows_round_trip(VOUCHERS, voucher)
    voucher.booking = replace(booking, outcome=None)
    assert voucher_from_rows(voucher_to_rows(voucher)).booking == voucher.booking


def test_no_field_of_a_course_is_dropped() -> None:
    course = CourseOutline(
        id=new_id(),
        version=1,
        revision=2,
        published_at=NOON,
        archived_at=NOON + timedelta(days=1),
        lessons={new_id(): 1, new_id(): 2},
    )
    assert_rows_round_trip(mappers.COURSES, course)


async def test_an_aggregate_keeps_its_order_and_its_moments(school: School) -> None:
    planned = await school.planned(package=20, weekdays=(1, 3, 5))
    found = await school.store.timetable(planned.id)
    assert found == planned.timetable
    assert [meeting.number for meeting in found.meetings] == list(range(1, 21))
    assert (await school.store.class_(planned.id)).created_at == datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.mark.infra
async def test_the_migrations_make_what_the_tables_declare(postgres_admin_url: str) -> None:
    await assert_migrations_match(service, postgres_admin_url)
