"""Planning, enrolling, beginning, unlocking: the rules of a class, over both stores."""

from datetime import timedelta
from typing import Any

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import class_ as contracts
from babyowl_kernel import Err
from class_management.application.commands.add_meeting import AddMeeting
from class_management.application.commands.unlock_lessons import UnlockLessons
from class_management.domain.errors import (
    AlreadyActivated,
    CapacityBelowEnrolled,
    CapacityOutOfRange,
    ClassNotFound,
    CourseNotPublished,
    DurationOutOfRange,
    InstructorDeactivated,
    InstructorUnknown,
    MeetingsFixed,
    NotAnInstructor,
    PackageFrozen,
    PackageOutOfRange,
    StaleVersion,
    TooManyMeetings,
)
from class_management.domain.seat_errors import (
    AlreadyEnrolled,
    ClassFull,
    EnrollmentClosed,
    NotAStudent,
    StudentDeactivated,
    StudentUnknown,
)
from class_management.domain.values import MAX_MEETINGS

from .school import MONDAY, School

TUESDAY = MONDAY + timedelta(days=1)


async def test_a_planned_class_tells_its_whole_series_ahead(school: School) -> None:
    class_ = await school.planned()
    [created] = await school.store.events()
    assert isinstance(created, contracts.ClassCreated)
    assert (created.class_id, created.total_meetings, created.time_zone) == (class_.id, 8, "Europe/Berlin")
    assert [meeting.meeting_id for meeting in created.meetings] == [meeting.id for meeting in class_.meetings]
    assert [meeting.number for meeting in created.meetings] == list(range(1, 9))
    assert await school.store.class_(class_.id) == class_.class_
    assert await school.store.timetable(class_.id) == class_.timetable


async def test_a_class_is_made_of_a_published_course(school: School) -> None:
    unpublished = new_id()
    outcome = await school.execute(school.plan(course_id=unpublished))
    assert refusal(outcome) == CourseNotPublished(unpublished)


@pytest.mark.parametrize(
    ("role", "status", "expected"),
    [
        (None, "", InstructorUnknown),
        ("student", "active", NotAnInstructor),
        ("staff", "active", NotAnInstructor),
        ("instructor", "deactivated", InstructorDeactivated),
    ],
)
async def test_a_class_is_taught_by_an_instructor_with_an_account(
    school: School, role: str | None, status: str, expected: type[Any]
) -> None:
    person = new_id()
    if role is not None:
        await school.register(role, person, status)
    assert refusal(await school.execute(school.plan(instructor_id=person))) == expected(person)
    assert await school.store.events() == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"capacity": 0}, CapacityOutOfRange(100)),
        ({"capacity": 101}, CapacityOutOfRange(100)),
        ({"package": 0}, PackageOutOfRange(200)),
        ({"package": 201}, PackageOutOfRange(200)),
        ({"duration": timedelta(minutes=14)}, DurationOutOfRange(15, 480)),
        ({"duration": timedelta(minutes=481)}, DurationOutOfRange(15, 480)),
    ],
)
async def test_a_plan_keeps_within_its_bounds(school: School, changed: dict[str, Any], expected: object) -> None:
    assert refusal(await school.execute(school.plan(**changed))) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"capacity": 1},
        {"capacity": 100},
        {"package": 1},
        {"package": 200},
        {"duration": timedelta(minutes=15)},
        {"duration": timedelta(minutes=480)},
    ],
)
async def test_the_bounds_themselves_are_allowed(school: School, changed: dict[str, Any]) -> None:
    granted(await school.execute(school.plan(**changed)))


async def test_a_seat_comes_with_the_whole_package(school: School) -> None:
    class_ = await school.planned(package=5)
    student = await school.enroll(class_.id)
    assert await school.balance(class_, student) == 5
    [line] = await school.store.ledger(class_.id, student)
    assert (line.amount, line.cause) == (5, "package")
    enrolled = (await school.store.events())[-1]
    assert isinstance(enrolled, contracts.StudentEnrolled)
    assert (enrolled.student_id, enrolled.credits) == (student, 5)
    account = await school.store.account(class_.id, student)
    assert account.id == enrolled.enrollment_id


@pytest.mark.parametrize("capacity", [1, 3])
async def test_there_are_as_many_seats_as_the_capacity_says(school: School, capacity: int) -> None:
    class_ = await school.planned(capacity=capacity)
    for _ in range(capacity):
        await school.enroll(class_.id)
    one_more = await school.register("student")
    assert refusal(await school.execute(school.enrollment(class_.id, one_more))) == ClassFull(capacity)


async def test_nobody_has_two_seats(school: School) -> None:
    class_ = await school.planned()
    student = await school.enroll(class_.id)
    assert refusal(await school.execute(school.enrollment(class_.id, student))) == AlreadyEnrolled()


@pytest.mark.parametrize(
    ("role", "status", "expected"),
    [
        (None, "", StudentUnknown),
        ("instructor", "active", NotAStudent),
        ("student", "deactivated", StudentDeactivated),
    ],
)
async def test_a_seat_is_for_a_student_with_an_account(
    school: School, role: str | None, status: str, expected: type[Any]
) -> None:
    class_, person = await school.planned(), new_id()
    if role is not None:
        await school.register(role, person, status)
    assert refusal(await school.execute(school.enrollment(class_.id, person))) == expected(person)


async def test_a_student_may_be_enrolled_before_their_address_is_verified(school: School) -> None:
    class_ = await school.planned()
    pending = await school.register("student", status="pending")
    granted(await school.execute(school.enrollment(class_.id, pending)))


async def test_a_group_class_closes_on_activation_but_a_private_one_stays_open(school: School) -> None:
    group, private = await school.planned(), await school.planned(type="private")
    for class_ in (group, private):
        granted(await school.execute(school.activation(class_.id)))
    student = await school.register("student")
    assert refusal(await school.execute(school.enrollment(group.id, student))) == EnrollmentClosed(group.id)
    granted(await school.execute(school.enrollment(private.id, student)))


async def test_a_class_begins_once(school: School) -> None:
    class_ = await school.planned()
    granted(await school.execute(school.activation(class_.id)))
    assert refusal(await school.execute(school.activation(class_.id))) == AlreadyActivated(class_.id)
    activated = [e for e in await school.store.events() if isinstance(e, contracts.ClassActivated)]
    assert len(activated) == 1


async def test_an_unknown_class_is_not_found(school: School) -> None:
    unknown, student = new_id(), await school.register("student")
    for command in (
        school.enrollment(unknown, student),
        school.activation(unknown),
        AddMeeting(class_id=unknown, local_date=MONDAY, by=school.staff),
        school.edit(unknown),
        UnlockLessons(class_id=unknown, lesson_ids=(new_id(),), by=school.instructor),
    ):
        assert await school.execute(command) == Err(ClassNotFound(unknown))


class TestEditing:
    async def test_the_package_is_frozen_on_activation(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(school.activation(class_.id)))
        edit = school.edit(class_.id, package=9)
        assert refusal(await school.execute(edit)) == PackageFrozen(8)

    @pytest.mark.parametrize(("package", "meetings"), [(6, 9), (9, 12)])
    async def test_another_package_of_a_private_draft_leaves_the_meetings_that_were_added_to_it(
        self, school: School, package: int, meetings: int
    ) -> None:
        class_ = await school.planned(type="private", package=8)
        for weeks in range(1, 4):
            day = class_.meetings[-1].local_date + timedelta(weeks=weeks)
            granted(await school.execute(AddMeeting(class_id=class_.id, local_date=day, by=school.staff)))
        granted(await school.execute(school.edit(class_.id, package=package)))
        assert (await school.store.timetable(class_.id)).total_meetings == meetings

    @pytest.mark.parametrize("package", [3, 12])
    async def test_a_draft_may_get_another_package_and_its_students_follow(
        self, school: School, package: int
    ) -> None:
        class_ = await school.planned()
        student = await school.enroll(class_.id)
        edited = granted(await school.execute(school.edit(class_.id, package=package)))
        timetable = await school.store.timetable(class_.id)
        assert edited.class_.package == timetable.total_meetings == package == await school.balance(class_, student)
        kept = min(8, package)
        assert [m.id for m in timetable.meetings[:kept]] == [m.id for m in class_.meetings[:kept]]
        assert [m.number for m in timetable.meetings] == list(range(1, package + 1))
        told = [e for e in await school.store.events() if isinstance(e, contracts.ClassEdited)]
        assert [event.total_meetings for event in told] == [package]

    async def test_the_seats_never_get_fewer_than_the_students(self, school: School) -> None:
        class_ = await school.planned()
        for _ in range(2):
            await school.enroll(class_.id)
        edit = school.edit(class_.id, capacity=1)
        assert refusal(await school.execute(edit)) == CapacityBelowEnrolled(2)
        granted(await school.execute(school.edit(class_.id, capacity=2)))

    async def test_who_has_read_an_older_version_does_not_overwrite_a_newer_one(self, school: School) -> None:
        class_ = await school.planned()
        await school.enroll(class_.id)
        stale = school.edit(class_.id, expected_version=1, name="Owls")
        assert refusal(await school.execute(stale)) == StaleVersion(2)

    async def test_an_edit_that_changes_nothing_is_no_event(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(school.edit(class_.id, name=class_.class_.name)))
        assert len(await school.store.events()) == 1


class TestMeetings:
    async def test_a_group_has_the_meetings_of_its_package(self, school: School) -> None:
        class_ = await school.planned()
        added = await school.execute(AddMeeting(class_id=class_.id, local_date=MONDAY, by=school.staff))
        assert refusal(added) == MeetingsFixed(8)

    async def test_a_private_class_meets_once_more_at_any_time(self, school: School) -> None:
        class_ = await school.planned(type="private", package=2)
        for number in (3, 4):
            added = granted(
                await school.execute(
                    AddMeeting(class_id=class_.id, local_date=MONDAY + timedelta(days=number), by=school.staff)
                )
            )
            assert added.number == number
            if number == 3:
                granted(await school.execute(school.activation(class_.id)))
        assert (await school.store.timetable(class_.id)).total_meetings == 4
        told = (await school.store.events())[-1]
        assert isinstance(told, contracts.MeetingAdded)
        assert told.total_meetings == 4

    async def test_a_class_of_a_thousand_meetings_has_enough_of_them(self, school: School) -> None:
        timetable = (await school.planned(type="private", package=1)).timetable
        timetable.meetings *= MAX_MEETINGS - 1
        granted(timetable.add_meeting(TUESDAY, now=school.clock(), new_id=new_id))
        wednesday = TUESDAY + timedelta(days=1)
        assert refusal(timetable.add_meeting(wednesday, now=school.clock(), new_id=new_id)) == TooManyMeetings(1_000)

    async def test_a_further_meeting_is_paid_from_what_is_left(self, school: School) -> None:
        class_ = await school.planned(type="private", package=2)
        student = await school.enroll(class_.id)
        granted(await school.execute(AddMeeting(class_id=class_.id, local_date=TUESDAY, by=school.staff)))
        assert await school.balance(class_, student) == 2

    async def test_a_later_student_gets_the_package_and_not_the_meetings(self, school: School) -> None:
        class_ = await school.planned(type="private", package=2)
        granted(await school.execute(AddMeeting(class_id=class_.id, local_date=TUESDAY, by=school.staff)))
        assert await school.balance(class_, await school.enroll(class_.id)) == 2
