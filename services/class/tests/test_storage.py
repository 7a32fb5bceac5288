"""Rows and aggregates: nothing is lost on the way, and the migrations make what the tables declare."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import assert_migrations_match, assert_rows_round_trip, granted
from class_management.bootstrap import service
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.infrastructure import mappers

from .school import MONDAY, NOON, InMemory, School


async def full_class() -> Class:
    """A class with everything in it."""
    school = await School(InMemory()).open()
    class_ = await school.planned(type="private", zero_balance="owe", weekdays=(1, 4))
    student = await school.enroll(class_.id)
    found = await school.store.class_(class_.id)
    granted(found.activate(now=NOON))
    granted(found.add_meeting(MONDAY, now=NOON, new_id=new_id))
    course = CourseOutline(id=school.course_id, lessons={school.lessons[0]: 1, school.lessons[1]: 2})
    by = school.instructor.user_id
    for lesson_id, only in zip(school.lessons[:2], (None, student), strict=True):
        granted(found.unlock([lesson_id], course, student_id=only, by=by, now=NOON, new_id=new_id))
    return found


async def test_no_field_of_a_class_is_dropped() -> None:
    assert_rows_round_trip(mappers.CLASSES, await full_class())


def test_no_field_of_a_credit_account_is_dropped() -> None:
    account = CreditAccount(
        id=new_id(),
        version=3,
        class_id=new_id(),
        student_id=new_id(),
        zero_balance="owe",
        balance=-2,
        entries=4,
        last_entry_at=NOON,
    )
    assert_rows_round_trip(mappers.ACCOUNTS, account)


def test_no_field_of_an_attendance_is_dropped() -> None:
    attendance = Attendance(
        id=new_id(),
        version=2,
        class_id=new_id(),
        meeting_id=new_id(),
        student_id=new_id(),
        status="late",
        revision=2,
        marked_by=new_id(),
        marked_at=NOON,
    )
    assert_rows_round_trip(mappers.ATTENDANCES, attendance)


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
    class_ = await school.planned(package=20, weekdays=(1, 3, 5))
    found = await school.store.class_(class_.id)
    assert found == class_
    assert found.created_at == datetime(2027, 3, 1, 12, tzinfo=UTC)
    assert replace(found.schedule) == class_.schedule


@pytest.mark.infra
async def test_the_migrations_make_what_the_tables_declare(postgres_admin_url: str) -> None:
    await assert_migrations_match(service, postgres_admin_url)
