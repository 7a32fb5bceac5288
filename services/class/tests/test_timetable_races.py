"""Writers of timetables at the same moment, on real Postgres."""

import asyncio
from collections.abc import Awaitable
from datetime import time, timedelta
from typing import Any

import asyncpg
import pytest

from babyowl_chassis.testing import granted
from babyowl_kernel import Err, Ok
from class_management.application.commands.add_meeting import AddMeeting
from class_management.application.commands.assign_substitute import AssignSubstitute
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.declare_holiday import DeclareHoliday
from class_management.application.commands.move_meeting import MoveMeeting
from class_management.application.commands.observe_holiday import ObserveHoliday
from class_management.domain.errors import MeetingInTheFuture, MeetingIsOff
from class_management.domain.schedule_errors import InstructorDoubleBooked, MeetingAlreadyMarked

from .school import MONDAY, InPostgres, School

pytestmark = pytest.mark.infra

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


async def at_once(*outcomes: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*outcomes))


def split(outcomes: list[Any]) -> tuple[list[Any], list[Any]]:
    """What was granted, and what was refused."""
    return [o.value for o in outcomes if isinstance(o, Ok)], [o.refusal for o in outcomes if isinstance(o, Err)]


async def test_of_five_plans_that_want_one_instructor_at_one_time_one_wins(real_school: School) -> None:
    school = real_school
    outcomes = await at_once(*(school.execute(school.plan(local_time=time(16))) for _ in range(5)))
    [won], lost = split(outcomes)
    first = won.timetable.meetings[0]
    assert lost == [InstructorDoubleBooked(first.instructor_id, won.class_.id, first.id, first.starts_at)] * 4


async def test_plans_that_share_no_meeting_all_go_through(real_school: School) -> None:
    school = real_school
    outcomes = await at_once(*(school.execute(school.plan(local_time=time(hour))) for hour in range(8, 13)))
    won, lost = split(outcomes)
    assert (len(won), lost) == (5, [])


async def test_a_substitute_who_is_wanted_twice_at_once_is_promised_once(real_school: School) -> None:
    school = real_school
    for _ in range(3):
        classes, otto = [await school.planned() for _ in range(4)], await school.register("instructor")
        commands = (
            AssignSubstitute(
                class_id=class_.id, meeting_id=class_.meetings[0].id, substitute_id=otto, by=school.staff
            )
            for class_ in classes
        )
        [won], lost = split(await at_once(*(school.execute(command) for command in commands)))
        [winner] = [class_ for class_ in classes if class_.meetings[0].id == won.id]
        assert lost == [InstructorDoubleBooked(otto, winner.id, won.id, won.starts_at)] * 3


async def test_a_moved_meeting_and_a_new_one_do_not_take_the_same_hour(real_school: School) -> None:
    school = real_school
    ina = school.instructor.user_id
    one = await school.planned(type="private")
    other = await school.planned(type="private", instructor_id=ina, local_time=time(10))
    for week in range(5):
        day = MONDAY + week * WEEK + DAY
        moving = MoveMeeting(
            class_id=one.id, meeting_id=one.meetings[week].id, local_date=day, local_time=time(9), by=school.staff
        )
        adding = AddMeeting(class_id=other.id, local_date=day, local_time=time(9, 30), by=school.staff)
        won, lost = split(await at_once(school.execute(moving), school.execute(adding)))
        assert (len(won), [type(refusal) for refusal in lost]) == (1, [InstructorDoubleBooked])


@pytest.mark.parametrize("way", ["cancel", "move"])
async def test_a_meeting_is_either_marked_or_called_off(real_school: School, way: str) -> None:
    school = real_school
    for _ in range(10):
        class_, [student] = await school.running()
        meeting = class_.meetings[0]
        to: dict[str, Any] = {"class_id": class_.id, "meeting_id": meeting.id, "by": school.staff}
        changing = (
            CancelMeeting(**to, reason="Snow") if way == "cancel" else MoveMeeting(**to, local_date=MONDAY + 3 * DAY)
        )
        marked, changed = await at_once(
            school.execute(school.marking(class_, student, "present", by=school.staff)), school.execute(changing)
        )
        if isinstance(marked, Ok):
            assert changed == Err(MeetingAlreadyMarked(meeting.id))
        else:
            assert isinstance(changed, Ok)
            assert isinstance(marked.refusal, MeetingIsOff if way == "cancel" else MeetingInTheFuture)
        found = (await school.store.timetable(class_.id)).meeting(meeting.id)
        assert found is not None
        assert (found == meeting) == isinstance(marked, Ok)


async def test_marking_waits_for_nobody_who_marks_the_same_meeting(real_school: School) -> None:
    """The meeting is shared by markers: one of them holds on to it, and another marks all the same."""
    school = real_school
    assert isinstance(school.store, InPostgres)
    class_, [student] = await school.running()
    async with school.store.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM meetings WHERE id = $1 FOR SHARE", class_.meetings[0].id)
        async with asyncio.timeout(5):
            await school.mark(class_, student, "present")


async def test_a_holiday_that_is_observed_twice_at_once_moves_each_meeting_once(real_school: School) -> None:
    school = real_school
    class_ = await school.planned()
    declaring = DeclareHoliday(name="Spring", first_date=MONDAY, last_date=MONDAY + WEEK, by=school.staff)
    holiday = granted(await school.execute(declaring)).holiday
    observing = ObserveHoliday(holiday_id=holiday.id, class_id=class_.id, by=school.staff)
    moved, lost = split(await at_once(*(school.execute(observing) for _ in range(4))))
    assert lost == []
    assert sorted(meeting.number for each in moved for meeting in each) == [1, 2]
    found = (await school.store.timetable(class_.id)).planned
    assert sorted(meeting.local_date for meeting in found) == [MONDAY + n * WEEK for n in range(2, 10)]


async def test_a_meeting_that_is_cancelled_twice_at_once_is_replaced_once(real_school: School) -> None:
    school = real_school
    class_ = await school.planned()
    cancelling = CancelMeeting(class_id=class_.id, meeting_id=class_.meetings[0].id, reason="Snow", by=school.staff)
    won, lost = split(await at_once(*(school.execute(cancelling) for _ in range(4))))
    assert (len(won), lost) == (1, [MeetingIsOff(class_.meetings[0].id)] * 3)
    assert (await school.store.timetable(class_.id)).total_meetings == 8


async def test_the_database_itself_lets_nobody_teach_two_meetings_at_once(real_school: School) -> None:
    assert isinstance(real_school.store, InPostgres)
    class_ = await real_school.planned()
    with pytest.raises(asyncpg.ExclusionViolationError, match="ex_meetings_instructor"):
        await real_school.store.pool.execute(
            "UPDATE meetings SET starts_at = $2, ends_at = $3 WHERE id = $1",
            class_.meetings[1].id,
            class_.meetings[0].starts_at + timedelta(minutes=59),
            class_.meetings[0].ends_at + timedelta(minutes=59),
        )
